import { p256 } from "@noble/curves/nist.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { keccak_256 } from "@noble/hashes/sha3.js";
import { bytesToHex, concatBytes, utf8ToBytes } from "@noble/hashes/utils.js";
import {
  bucketOf,
  entriesHash,
  es256,
  foldHead,
  issueStatement,
  merkleTree,
  presentStatement,
  streamKey,
  thumbprint,
  vrfPublicKey,
  type BatchedStatement,
  type CertificateSource,
  type CertificateSupersession,
  type Entry,
  type Hex,
  type Json,
  type Kind,
  type PublicJwk,
  type Receipt,
  type Signer,
  type Subject,
  type Suite,
  type TrustedChain,
  type TrustList,
} from "@quanlian/proof";
import type { RecordedChain } from "../cli/recorded-chain.ts";

/** Fictitious bodies; their check digits are right, nobody bears them. */
export const ENTERPRISE: Subject = { type: "uscc", id: "91110108MA9D00013X" };
export const OTHER_ENTERPRISE: Subject = { type: "uscc", id: "91110105MA9D00021D" };
export const PERSON: Subject = { type: "person", id: "111:11010519491231002X" };
export const MUNICIPAL = "11110000MB9D0005X4";
export const DISTRICT = "11110108MB9D00068W";

export interface Department {
  readonly code: string;
  readonly kinds: readonly Kind[];
  readonly signer: Signer;
}

/** A record as its department keeps it. */
export interface Issued {
  readonly department: Department;
  readonly subject: Subject;
  readonly type: string;
  readonly year: number;
  readonly statement: string;
  readonly recordHash: Hex;
}

export interface Content {
  readonly type?: string;
  readonly subject?: Subject;
  readonly eventTime?: string;
  readonly number?: string;
  readonly fields?: Readonly<Record<string, Json>>;
}

const FIELD_NAMES = ["subject", "subjectName", "number", "eventTime", "links", "facts", "basis", "amountFen"];
const START = 1_790_000_000;
const BLOCK_SECONDS = 10;

/** Bytes that look random and are the same for the same seed. */
export function seededBytes(seed: string): (length: number) => Uint8Array {
  let counter = 0;
  return (length) => {
    const blocks = Array.from({ length: Math.ceil(length / 32) }, () => sha256(utf8ToBytes(`${seed}/${counter++}`)));
    return concatBytes(...blocks).subarray(0, length);
  };
}

function toHex(bytes: Uint8Array): Hex {
  return `0x${bytesToHex(bytes)}`;
}

function toBase64url(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("base64url");
}

/** An ES256 signer with deterministic signatures (RFC 6979), so that vectors can be made again to the byte. */
export function seededSigner(seed: string): Signer {
  const secretKey = p256.utils.randomSecretKey(seededBytes(`${seed}/key`)(48));
  const point = p256.getPublicKey(secretKey, false);
  const publicJwk: PublicJwk = {
    kty: "EC",
    crv: "P-256",
    x: toBase64url(point.subarray(1, 33)),
    y: toBase64url(point.subarray(33)),
  };
  return { publicJwk, sign: (message) => p256.sign(message, secretKey, { lowS: false }) };
}

interface MinedBatch {
  readonly department: Department;
  readonly kind: Kind;
  readonly year: number;
  readonly sequence: number;
  readonly records: readonly Issued[];
  readonly entries: readonly Entry[];
  readonly block: number;
  readonly transactionHash: Hex;
  readonly logIndex: number;
}

/**
 * A ledger in memory that behaves as contracts/AuditLedger.sol does, one block a transaction, everything from one seed:
 * for tests, vectors and the worked examples of docs/format.md.
 */
export class World {
  readonly seed: string;
  readonly suite: Suite;
  readonly departments: Department[] = [];
  readonly trusted: TrustedChain;
  readonly #random: (length: number) => Uint8Array;
  readonly #vrfSecretKey: Uint8Array;
  readonly #buckets = new Map<string, { entries: Entry[]; blocks: number[] }>();
  readonly #batches: MinedBatch[] = [];
  readonly #supersessions: (CertificateSupersession & { block: number })[] = [];
  readonly #keys: RecordedChain["keys"][number][] = [];
  #block = 0;
  #retired: RecordedChain["retired"] = null;

  constructor(
    seed: string,
    { prefixBits = 4, chainId = 31337, region = { zh: "示例市", en: "Example City" } } = {},
    suite: Suite = es256,
  ) {
    this.seed = seed;
    this.suite = suite;
    this.#random = seededBytes(`${seed}/random`);
    this.#vrfSecretKey = seededBytes(`${seed}/vrf`)(32);
    this.trusted = {
      region,
      chainId,
      genesisHash: this.#hash("block", 0),
      ledger: this.#address("ledger"),
      registry: this.#address("registry"),
      prefixBits,
      vrfKeys: [{ fromYear: 1900, key: vrfPublicKey(this.#vrfSecretKey) }],
      finality: { rule: "immediate", confirmations: 0 },
    };
  }

  get trust(): TrustList {
    return { format: "quanlian-trust/1", name: "示例信任名单", issuedAt: START, chains: [this.trusted] };
  }

  /** A moment after everything that has happened. */
  get now(): number {
    return this.blockTime(this.#block) + 60;
  }

  get blockNumber(): number {
    return this.#block;
  }

  blockTime(number: number): number {
    return START + number * BLOCK_SECONDS;
  }

  addDepartment(code: string, kinds: readonly Kind[], signer = seededSigner(`${this.seed}/${code}`)): Department {
    const department: Department = { code, kinds, signer };
    this.departments.push(department);
    this.#keys.push({
      department: code,
      kinds,
      thumbprint: thumbprint(signer.publicJwk, this.suite),
      from: this.blockTime(0),
      until: null,
    });
    return department;
  }

  revokeKey(department: Department, until: number): void {
    const place = this.#keys.findIndex((key) => key.department === department.code);
    this.#keys[place] = { ...this.#keys[place]!, until };
  }

  issue(department: Department, content: Content = {}): Issued {
    const { type = "enforcement.penalty/1", subject = ENTERPRISE, eventTime = "2026-03-02", number, fields } = content;
    const year = Number(eventTime.slice(0, 4));
    const all = {
      subject: { ...subject },
      subjectName: "北京示例科技有限公司",
      number: number ?? `京示罚〔${year}〕${this.#random(3).join("")}号`,
      eventTime,
      ...fields,
    };
    const signedAt = this.blockTime(this.#block);
    const fieldNames = [...new Set([...FIELD_NAMES, ...Object.keys(all)])];
    const draft = { type, department: department.code, signedAt, year, fields: all, fieldNames };
    const issued = issueStatement(draft, { ...department.signer, suite: this.suite }, this.#random);
    return { department, subject, type, year, ...issued };
  }

  /** Anchors records of one department, kind and year in a block of their own; `misfiled` puts them all into another subject's stream. */
  anchor(records: readonly Issued[], kind: Kind, { misfiledUnder }: { misfiledUnder?: Subject } = {}): void {
    const { department, year } = records[0]!;
    const block = ++this.#block;
    const sequence = this.#batches.filter((batch) => batch.department === department).length + 1;
    const transactionHash = this.#hash("transaction", block);
    const entries = records.map(({ subject, recordHash }) => ({
      streamKey: streamKey(this.#vrfSecretKey, misfiledUnder ?? subject, kind, year),
      recordHash,
    }));
    this.#batches.push({ department, kind, year, sequence, records, entries, block, transactionHash, logIndex: 0 });
    for (const entry of entries) {
      const bucket = this.#bucket(kind, year, bucketOf(entry.streamKey, this.trusted.prefixBits));
      bucket.entries.push(entry);
      bucket.blocks.push(block);
    }
  }

  /** Blocks in which nothing of interest happens. */
  mine(blocks = 1): void {
    this.#block += blocks;
  }

  supersede(record: Issued, successor: Issued, reason: number): void {
    const block = ++this.#block;
    const { department, recordHash } = record;
    this.#supersessions.push({
      department: department.code,
      recordHash,
      successor: successor.recordHash,
      by: successor.department.code,
      reason,
      at: this.blockTime(block),
      block,
    });
  }

  retire(): void {
    this.#retired = { successor: this.#address("successor"), block: ++this.#block };
  }

  batched(record: Issued, names?: readonly string[]): BatchedStatement {
    const batch = this.#batchOf(record);
    const { root, path } = merkleTree(batch.records.map(({ recordHash }) => recordHash));
    const { kind, year, sequence, records } = batch;
    const statement = names ? presentStatement(record.statement, names, this.suite) : record.statement;
    return {
      statement,
      statementKey: record.department.signer.publicJwk,
      batch: { department: record.department.code, kind, year, sequence, count: records.length, root },
      path: path(records.indexOf(record)),
    };
  }

  receipt(record: Issued, names?: readonly string[]): Receipt {
    const { block, transactionHash, logIndex } = this.#batchOf(record);
    const reference = this.#reference(block);
    return {
      format: "quanlian-receipt/1",
      suite: this.suite.name,
      ...this.batched(record, names),
      anchor: { ...reference, transactionHash, logIndex },
      finality: null,
    };
  }

  /** Where a certificate as of the newest block (or an earlier one) takes its proofs from. */
  source(shown: readonly BatchedStatement[], atBlock = this.#block): CertificateSource {
    const hashes = new Set(
      shown.map(({ statement }) => toHex(this.suite.digest(utf8ToBytes(statement.split("~")[0]!)))),
    );
    return {
      ...this.#reference(atBlock),
      prefixBits: this.trusted.prefixBits,
      vrfSecretKey: () => this.#vrfSecretKey,
      pairsOf: async (kind, year, bucket) => {
        const { entries, blocks } = this.#bucket(kind, year, bucket);
        return entries.filter((_, i) => blocks[i]! <= atBlock);
      },
      records: shown,
      supersessions: this.#supersessions
        .filter(({ recordHash, block }) => block <= atBlock && hashes.has(recordHash))
        .map(({ block: _, ...supersession }) => supersession),
    };
  }

  recorded(): RecordedChain {
    return {
      chainId: this.trusted.chainId,
      finalBlock: this.#block,
      stateFrom: 0,
      blocks: Array.from({ length: this.#block + 1 }, (_, number) => ({
        number,
        hash: this.#hash("block", number),
        time: this.blockTime(number),
      })),
      transactions: this.#batches.map((batch) => this.#transaction(batch)),
      batches: this.#batches.map((batch) => this.#batchRow(batch)),
      heads: [...this.#buckets].flatMap(([name, { entries, blocks }]) => {
        const [kind, year, bucket] = name.split("/");
        return blocks.map((block, i) => ({
          kind: Number(kind),
          year: Number(year),
          bucket: bucket as Hex,
          head: foldHead(entries.slice(0, i + 1)),
          block,
        }));
      }),
      supersessions: this.#supersessions.map(({ block: _, ...supersession }) => supersession),
      keys: this.#keys,
      retired: this.#retired,
    };
  }

  #transaction(batch: MinedBatch): RecordedChain["transactions"][number] {
    const { block, transactionHash, logIndex, department, sequence } = batch;
    const { root, kind, year, count } = this.#batchRow(batch);
    const word = (value: number) => value.toString(16).padStart(64, "0");
    const signature = "BatchAnchored(bytes18,uint64,uint8,uint16,uint32,bytes32,bytes32)";
    const log: RecordedChain["transactions"][number]["logs"][number] = {
      address: this.trusted.ledger,
      topics: [
        toHex(keccak_256(utf8ToBytes(signature))),
        `0x${bytesToHex(utf8ToBytes(department.code)).padEnd(64, "0")}`,
        `0x${word(sequence)}`,
      ],
      data: `0x${word(kind)}${word(year)}${word(count)}${root.slice(2)}${entriesHash(batch.entries).slice(2)}` as Hex,
      logIndex,
    };
    const blockHash = this.#hash("block", block);
    return { hash: transactionHash, blockNumber: block, blockHash, succeeded: true, logs: [log] };
  }

  #batchRow({ department, kind, year, sequence, records, block }: MinedBatch): RecordedChain["batches"][number] {
    const { root } = merkleTree(records.map(({ recordHash }) => recordHash));
    const anchoredAt = this.blockTime(block);
    return { department: department.code, sequence, root, kind, year, count: records.length, anchoredAt };
  }

  #reference(blockNumber: number) {
    const { chainId, genesisHash, ledger } = this.trusted;
    const blockHash = this.#hash("block", blockNumber);
    return { chainId, genesisHash, ledger, blockNumber, blockHash, blockTime: this.blockTime(blockNumber) };
  }

  #batchOf(record: Issued): MinedBatch {
    const batch = this.#batches.find(({ records }) => records.includes(record));
    if (!batch) throw new Error("the record was not anchored");
    return batch;
  }

  #bucket(kind: Kind, year: number, bucket: bigint) {
    const name = `${kind}/${year}/0x${bucket.toString(16)}`;
    const known = this.#buckets.get(name) ?? { entries: [], blocks: [] };
    this.#buckets.set(name, known);
    return known;
  }

  #hash(what: string, number: number): Hex {
    return toHex(keccak_256(utf8ToBytes(`${this.seed}/${what}/${number}`)));
  }

  #address(what: string): Hex {
    return toHex(keccak_256(utf8ToBytes(`${this.seed}/${what}`)).subarray(12));
  }
}
