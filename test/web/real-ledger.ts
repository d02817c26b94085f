// A real ledger for the page's tests: anvil, the project's contracts, and departments that sign and anchor by hand.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { randomBytes } from "node:crypto";
import { JsonRpcProvider, Wallet, toUtf8Bytes, type TypedDataField } from "ethers";
import {
  bucketOf,
  entriesHash,
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
  type Receipt,
  type Signer,
  type Subject,
  type TrustList,
} from "@quanlian/proof";
import {
  AuditLedger__factory,
  DepartmentRegistry__factory,
  type AuditLedger,
} from "../../backend/src/chain/contracts/index.ts";
import { claimsOf, recordTypes } from "../../backend/src/records/types/record-types.ts";
import { seededSm2Signer } from "../../proof/testing/sm2-signer.ts";
import { seededSigner } from "../../proof/testing/world.ts";
import { deploy } from "../../scripts/deploy.ts";
import { startAnvil, type RunningChain } from "../../scripts/embedded/anvil.ts";

/** Fictitious: the check digits are right, nobody bears the codes. */
const DEPARTMENT = "11110108MB9D00068W";
export const ENTERPRISE: Subject = { type: "uscc", id: "91110108MA9D00013X" };

const YEAR = 2026;
const PREFIX_BITS = 4;
/** One bit a kind, 1 to 5. */
const EVERY_KIND = 0b111110;
const es256Signer = seededSigner("web");
/** The department's second statement key, of the 国密 suite. */
export const sm2Signer = seededSm2Signer("web");
const vrfSecretKey = new Uint8Array(32).fill(7);

export interface Anchored {
  readonly suite: Receipt["suite"];
  readonly statement: string;
  readonly recordHash: Hex;
  readonly batched: BatchedStatement;
  readonly anchor: Receipt["anchor"];
}

/** A record before its department signs it. */
export interface Draft {
  readonly type: string;
  readonly kind: Kind;
  readonly fields: Readonly<Record<string, Json>>;
}

export class RealLedger {
  readonly #entries = new Map<string, Entry[]>();
  readonly #supersessions: CertificateSupersession[] = [];
  #sequence = 0;

  private constructor(
    readonly trust: TrustList,
    readonly rpcUrl: string,
    readonly contract: AuditLedger,
    readonly signer: Wallet,
    readonly stop: () => Promise<void>,
  ) {}

  static async start(): Promise<RealLedger> {
    const folder = await mkdtemp(join(tmpdir(), "quanlian-web-"));
    const chain = await startAnvil(folder);
    const provider = new JsonRpcProvider(chain.url, chain.chainId, { staticNetwork: true, cacheTimeout: -1 });
    const stop = async () => {
      provider.destroy();
      await chain.stop();
      await rm(folder, { recursive: true });
    };
    return RealLedger.#build(chain, provider, stop);
  }

  static async #build(chain: RunningChain, provider: JsonRpcProvider, stop: () => Promise<void>): Promise<RealLedger> {
    const [deployer, governor, signer] = Array.from(
      { length: 3 },
      () => new Wallet(Wallet.createRandom().privateKey, provider),
    );
    const holder = governor!.address;
    const vrfKey = vrfPublicKey(vrfSecretKey);
    const deployed = await deploy(deployer!, {
      prefixBits: PREFIX_BITS,
      vrfKey,
      governance: {
        ...{ admin: holder, registrar: holder, sentinel: holder, guardian: holder, steward: holder },
        delays: { admin: 0, registrar: 0, steward: 0 },
      },
    });
    const registry = DepartmentRegistry__factory.connect(deployed.registry, governor);
    const id = toUtf8Bytes(DEPARTMENT);
    await (await registry.register(id, EVERY_KIND, signer!.address)).wait();
    for (const { publicJwk, suite } of [es256Signer, sm2Signer])
      await (await registry.addStatementKey(id, thumbprint(publicJwk, suite))).wait();
    const genesis = await provider.getBlock(0);
    const trust: TrustList = {
      format: "quanlian-trust/1",
      name: "示例市信任名单",
      issuedAt: 1_790_000_000,
      chains: [
        {
          region: { zh: "示例市", en: "Example City" },
          chainId: chain.chainId,
          genesisHash: genesis!.hash as Hex,
          ledger: deployed.ledger.toLowerCase() as Hex,
          registry: deployed.registry.toLowerCase() as Hex,
          prefixBits: PREFIX_BITS,
          vrfKeys: [{ fromYear: 1900, key: vrfKey }],
          finality: { rule: "immediate", confirmations: 0 },
        },
      ],
    };
    return new RealLedger(trust, chain.url, AuditLedger__factory.connect(deployed.ledger, signer), signer!, stop);
  }

  /** Signs and anchors records of one kind as one batch. */
  async anchor(drafts: readonly Draft[], signer: Signer = es256Signer): Promise<Anchored[]> {
    const { kind } = drafts[0]!;
    const issued = drafts.map((draft) => issue(draft, signer));
    const entries = issued.map(({ recordHash }): Entry => ({ streamKey: keyOf(kind), recordHash }));
    const sequence = ++this.#sequence;
    const batch = {
      department: toUtf8Bytes(DEPARTMENT),
      kind,
      year: YEAR,
      sequence,
      entriesHash: entriesHash(entries),
    };
    const signature = await this.#sign("Batch", BATCH, batch);
    const sent = await this.contract.anchor(batch.department, kind, YEAR, sequence, entries, signature);
    const mined = (await sent.wait())!;
    this.#entries.set(String(kind), [...(this.#entries.get(String(kind)) ?? []), ...entries]);
    const tree = merkleTree(issued.map(({ recordHash }) => recordHash));
    const anchor = await this.#anchorOf(mined.blockNumber, mined.hash as Hex, mined.logs[0]!.index);
    return issued.map(({ statement, recordHash }, index) => ({
      suite: signer.suite?.name ?? "ES256-SHA256-KECCAK",
      statement,
      recordHash,
      batched: {
        statement,
        statementKey: signer.publicJwk,
        batch: { department: DEPARTMENT, kind, year: YEAR, sequence, count: issued.length, root: tree.root },
        path: tree.path(index),
      },
      anchor,
    }));
  }

  async supersede(record: Anchored, successor: Anchored, reason: number): Promise<void> {
    const by = toUtf8Bytes(DEPARTMENT);
    const content = { department: by, recordHash: record.recordHash, by, successor: successor.recordHash, reason };
    const signature = await this.#sign("Supersession", SUPERSESSION, content);
    const sent = await this.contract.supersede(anchoredRecord(record), anchoredRecord(successor), reason, signature);
    const { blockTime: at } = await this.#anchorOf((await sent.wait())!.blockNumber, "0x", 0);
    const department = DEPARTMENT;
    this.#supersessions.push({ ...content, department, by: department, at });
  }

  /** The source of a certificate as of the newest block. */
  async source(records: readonly Anchored[]): Promise<CertificateSource> {
    const { transactionHash: _, logIndex: __, ...block } = await this.#anchorOf(await this.#latest(), "0x", 0);
    return {
      ...block,
      prefixBits: PREFIX_BITS,
      vrfSecretKey: () => vrfSecretKey,
      pairsOf: async (kind, year, bucket) =>
        (year === YEAR ? (this.#entries.get(String(kind)) ?? []) : []).filter(
          (entry) => bucketOf(entry.streamKey, PREFIX_BITS) === bucket,
        ),
      records: records.map(({ batched }) => batched),
      supersessions: this.#supersessions.filter((one) =>
        records.some(({ recordHash }) => recordHash === one.recordHash),
      ),
    };
  }

  #latest(): Promise<number> {
    return this.signer.provider!.getBlockNumber();
  }

  async #anchorOf(blockNumber: number, transactionHash: Hex, logIndex: number): Promise<Receipt["anchor"]> {
    const block = (await this.signer.provider!.getBlock(blockNumber))!;
    const { chainId, genesisHash, ledger } = this.trust.chains[0]!;
    const time = { blockNumber, blockHash: block.hash as Hex, blockTime: block.timestamp };
    return { chainId, genesisHash, ledger, ...time, transactionHash, logIndex };
  }

  async #sign(name: string, fields: TypedDataField[], content: Record<string, unknown>): Promise<string> {
    const { chainId, ledger } = this.trust.chains[0]!;
    const domain = { name: "Quanlian AuditLedger", version: "1", chainId, verifyingContract: ledger };
    return this.signer.signTypedData(domain, { [name]: fields }, content);
  }
}

/** The receipt that a holder passes on, showing all fields or only some. */
export function receiptOf({ suite, batched, anchor }: Anchored, names?: readonly string[]): Receipt {
  const statement = names ? presentStatement(batched.statement, names) : batched.statement;
  return { format: "quanlian-receipt/1", suite, ...batched, statement, anchor, finality: null };
}

/** The receipt with one field's value replaced, as a forger with a text editor would do it. */
export function withField(receipt: Receipt, name: string, value: Json): Receipt {
  const parts = receipt.statement
    .split("~")
    .map((part, index) => (index === 0 || part === "" ? part : replaced(part, name, value)));
  return { ...receipt, statement: parts.join("~") };
}

function replaced(disclosure: string, name: string, value: Json): string {
  const [salt, claim] = JSON.parse(Buffer.from(disclosure, "base64url").toString()) as [string, string, Json];
  return claim === name ? Buffer.from(JSON.stringify([salt, claim, value])).toString("base64url") : disclosure;
}

function issue({ type, fields }: Draft, signer: Signer): { statement: string; recordHash: Hex } {
  const signedAt = Math.floor(Date.now() / 1000) - 1;
  const fieldNames = claimsOf(recordTypes.get(type)!);
  return issueStatement(
    { type, department: DEPARTMENT, signedAt, year: YEAR, fields, fieldNames },
    signer,
    randomBytes,
  );
}

const keyOf = (kind: Kind): Hex => streamKey(vrfSecretKey, ENTERPRISE, kind, YEAR);

function anchoredRecord({ recordHash, batched: { batch, path } }: Anchored) {
  return { department: toUtf8Bytes(DEPARTMENT), sequence: batch.sequence, recordHash, path: [...path] };
}

const BATCH = fieldsOf("bytes18 department,uint8 kind,uint16 year,uint64 sequence,bytes32 entriesHash");
const SUPERSESSION = fieldsOf("bytes18 department,bytes32 recordHash,bytes18 by,bytes32 successor,uint8 reason");

function fieldsOf(signature: string): TypedDataField[] {
  return signature.split(",").map((member) => {
    const [type, name] = member.split(" ");
    return { type: type!, name: name! };
  });
}
