import { keccak_256 } from "@noble/hashes/sha3.js";
import { isHex, toHex, utf8, type Hex } from "./bytes.ts";
import type { TrustedChain } from "./trust.ts";
import type { Kind } from "./words.ts";

export interface Block {
  readonly number: number;
  readonly hash: Hex;
  /** Unix seconds. */
  readonly time: number;
}

export interface Log {
  readonly address: Hex;
  readonly topics: readonly Hex[];
  readonly data: Hex;
  /** Position within the block, as JSON-RPC's `logIndex`. */
  readonly logIndex: number;
}

export interface Transaction {
  readonly blockNumber: number;
  readonly blockHash: Hex;
  readonly succeeded: boolean;
  readonly logs: readonly Log[];
}

export interface AnchoredBatch {
  readonly root: Hex;
  readonly kind: number;
  readonly year: number;
  readonly count: number;
  /** Block time, Unix seconds. */
  readonly anchoredAt: number;
}

export interface Supersession {
  readonly successor: Hex;
  /** Department that anchored the successor. */
  readonly by: string;
  /** 1 correction 更正, 2 withdrawal 撤销, 3 repair 信用修复, 4 annulment 复议/判决. */
  readonly reason: number;
  /** Block time, Unix seconds. */
  readonly at: number;
}

/**
 * A look at one chain at one moment: what is final now, and the ledger's and registry's state as of that block or an
 * earlier one. Every method may reject when the node does not answer; `verify` reports that as `CHAIN_UNREACHABLE`, or
 * `STATE_UNAVAILABLE` for {@link StateUnavailable}.
 */
export interface ChainReader {
  chainId(): Promise<number>;
  /** A block of the chain as the node sees it, or null when it has none of that number. */
  block(number: number): Promise<Block | null>;
  /** The newest block that is final by the trusted chain's rule. */
  finalBlock(): Promise<Block>;
  transaction(hash: Hex): Promise<Transaction | null>;
  batchOf(department: string, sequence: number, atBlock: number): Promise<AnchoredBatch | null>;
  headOf(kind: Kind, year: number, bucket: bigint, atBlock: number): Promise<Hex>;
  /** What became of a record, on this ledger or one that took over from it. */
  supersessionOf(department: string, recordHash: Hex, atBlock: number): Promise<Supersession | null>;
  /** The ledger that took over by then, or null while this one is the current one. */
  retiredFor(atBlock: number): Promise<Hex | null>;
  /** Whether the statement key was good for the department and kind at a moment (Unix seconds), as far as is known today. */
  wasAuthorised(department: string, kind: Kind, thumbprint: Hex, moment: number): Promise<boolean>;
}

/** Thrown by a reader whose node has pruned the state of the block that was asked for. */
export class StateUnavailable extends Error {
  override readonly name = "StateUnavailable";
}

/** Sends one JSON-RPC request and gives its `result`; rejects with the node's error (its `message` is read). */
export type Send = (method: string, params: unknown[]) => Promise<unknown>;

/**
 * A {@link ChainReader} over Ethereum JSON-RPC. Answers are kept for the life of the reader and its final block is asked
 * for once: make a new one for a new moment. It believes the node; what the node says is compared, never executed.
 */
export function rpcChain(send: Send, chain: TrustedChain): ChainReader {
  const ask = remembering(send);
  const finalBlock = async () => readFinalBlock(ask, chain);
  const view = async (to: Hex, signature: string, args: string[], words: number, atBlock: number) =>
    splitWords(await call(ask, to, signature, args, atBlock), words);
  const heirOf = async (ledger: Hex, atBlock: number) => {
    const [heir] = await view(ledger, "retiredFor()", [], 1, atBlock);
    return isZero(heir!) ? null : lower(`0x${heir!.slice(26)}`);
  };
  const currentLedger = async (atBlock: number) => {
    let ledger = chain.ledger;
    for (let hops = 0; hops < MAX_SUCCESSIONS; hops++) {
      const heir = await heirOf(ledger, atBlock);
      if (heir === null) return ledger;
      ledger = heir;
    }
    throw new UnusableAnswer("the ledger's successors have no end");
  };
  return {
    chainId: async () => quantity(await ask("eth_chainId", [])),
    block: async (number) => toBlock(await ask("eth_getBlockByNumber", [numeral(number), false])),
    finalBlock,
    transaction: async (hash) => toTransaction(await ask("eth_getTransactionReceipt", [hash])),
    batchOf: async (department, sequence, atBlock) => {
      const args = [ascii(department), word(sequence)];
      const [root, kind, year, count, anchoredAt] = await view(
        chain.ledger,
        "batchOf(bytes18,uint64)",
        args,
        5,
        atBlock,
      );
      if (isZero(root!)) return null;
      return {
        root: root!,
        kind: small(kind!),
        year: small(year!),
        count: small(count!),
        anchoredAt: small(anchoredAt!),
      };
    },
    headOf: async (kind, year, bucket, atBlock) => {
      const args = [word(kind), word(year), word(bucket)];
      return (await view(chain.ledger, "headOf(uint8,uint16,uint256)", args, 1, atBlock))[0]!;
    },
    retiredFor: (atBlock) => heirOf(chain.ledger, atBlock),
    supersessionOf: async (department, recordHash, atBlock) => {
      const args = [ascii(department), recordHash.slice(2)];
      const ledger = await currentLedger(atBlock);
      const [successor, by, reason, at] = await view(ledger, "supersessionOf(bytes18,bytes32)", args, 4, atBlock);
      return isZero(successor!)
        ? null
        : { successor: successor!, by: fromAscii(by!), reason: small(reason!), at: small(at!) };
    },
    wasAuthorised: async (department, kind, thumbprint, moment) => {
      const args = [ascii(department), word(kind), thumbprint.slice(2), word(moment)];
      const { number } = await finalBlock();
      return (
        small((await view(chain.registry, "wasAuthorised(bytes18,uint8,bytes32,uint64)", args, 1, number))[0]!) === 1
      );
    },
  };
}

/** `BatchAnchored(bytes18,uint64,uint8,uint16,uint32,bytes32,bytes32)` as topics and data (contracts/IAuditLedger.sol). */
export function batchAnchoredEvent(batch: {
  readonly department: string;
  readonly sequence: number;
  readonly kind: number;
  readonly year: number;
  readonly count: number;
  readonly root: Hex;
}): { topics: Hex[]; dataBeforeEntriesHash: Hex } {
  const signature = toHex(keccak_256(utf8("BatchAnchored(bytes18,uint64,uint8,uint16,uint32,bytes32,bytes32)")));
  const data = [word(batch.kind), word(batch.year), word(batch.count), batch.root.slice(2)].join("");
  return {
    topics: [signature, `0x${ascii(batch.department)}`, `0x${word(batch.sequence)}`],
    dataBeforeEntriesHash: `0x${data}`,
  };
}

function remembering(send: Send): Send {
  const answers = new Map<string, Promise<unknown>>();
  return (method, params) => {
    const question = JSON.stringify([method, params]);
    const known = answers.get(question);
    if (known) return known;
    const answer = send(method, params);
    answers.set(question, answer);
    answer.catch(() => answers.delete(question));
    return answer;
  };
}

async function readFinalBlock(ask: Send, { finality }: TrustedChain): Promise<Block> {
  if (finality.rule === "tag") return someBlock(await ask("eth_getBlockByNumber", ["finalized", false]));
  if (finality.rule === "snapshot") return someBlock(await ask("quanlian_finalBlock", []));
  const latest = someBlock(await ask("eth_getBlockByNumber", ["latest", false]));
  if (finality.rule === "immediate") return latest;
  const number = Math.max(0, latest.number - finality.confirmations);
  return someBlock(await ask("eth_getBlockByNumber", [numeral(number), false]));
}

const PRUNED = /missing trie node|world state|state.*(?:not available|unavailable|pruned)|historical state/i;

async function call(ask: Send, to: Hex, signature: string, args: string[], atBlock: number): Promise<unknown> {
  const selector = toHex(keccak_256(utf8(signature)).subarray(0, 4));
  try {
    return await ask("eth_call", [{ to, data: `${selector}${args.join("")}` }, numeral(atBlock)]);
  } catch (error) {
    throw error instanceof Error && PRUNED.test(error.message) ? new StateUnavailable(error.message) : error;
  }
}

const MAX_SUCCESSIONS = 16;

class UnusableAnswer extends Error {
  override readonly name = "UnusableAnswer";
}

function splitWords(answer: unknown, words: number): Hex[] {
  if (!isHex(answer, 32 * words)) throw new UnusableAnswer("the node's answer has another length");
  return Array.from({ length: words }, (_, i): Hex => `0x${answer.slice(2 + 64 * i, 66 + 64 * i)}`);
}

function toBlock(answer: unknown): Block | null {
  if (answer === null) return null;
  const { number, hash, timestamp } = members(answer);
  return { number: quantity(number), hash: hash32(hash), time: quantity(timestamp) };
}

function someBlock(answer: unknown): Block {
  const block = toBlock(answer);
  if (!block) throw new UnusableAnswer("the node does not know its own final block");
  return block;
}

function toTransaction(answer: unknown): Transaction | null {
  if (answer === null) return null;
  const { blockNumber, blockHash, status, logs } = members(answer);
  if (!Array.isArray(logs)) throw new UnusableAnswer("a transaction receipt has logs");
  return {
    blockNumber: quantity(blockNumber),
    blockHash: hash32(blockHash),
    succeeded: quantity(status) === 1,
    logs: logs.map(toLog),
  };
}

function toLog(answer: unknown): Log {
  const { address, topics, data, logIndex } = members(answer);
  if (!Array.isArray(topics) || !isHex(data)) throw new UnusableAnswer("a log has topics and data");
  return { address: lower(address), topics: topics.map(hash32), data, logIndex: quantity(logIndex) };
}

function members(answer: unknown): Record<string, unknown> {
  if (typeof answer !== "object" || answer === null) throw new UnusableAnswer("the node's answer is not an object");
  return answer as Record<string, unknown>;
}

function quantity(answer: unknown): number {
  const value = typeof answer === "string" && /^0x[0-9a-f]{1,16}$/.test(answer) ? Number(answer) : NaN;
  if (!Number.isSafeInteger(value)) throw new UnusableAnswer("the node's answer is not a number");
  return value;
}

function hash32(answer: unknown): Hex {
  if (!isHex(answer, 32)) throw new UnusableAnswer("the node's answer is not a hash");
  return answer;
}

/** Nodes may answer addresses with the checksum's capital letters. */
function lower(answer: unknown): Hex {
  const address = typeof answer === "string" ? answer.toLowerCase() : answer;
  if (!isHex(address, 20)) throw new UnusableAnswer("the node's answer is not an address");
  return address;
}

function numeral(number: number): string {
  return `0x${number.toString(16)}`;
}

function word(value: number | bigint): string {
  return value.toString(16).padStart(64, "0");
}

function small(value: Hex): number {
  const number = Number(value);
  if (!Number.isSafeInteger(number)) throw new UnusableAnswer("the node's answer is not a small number");
  return number;
}

function isZero(value: Hex): boolean {
  return /^0x0*$/.test(value);
}

/** `bytes18` stands at the left of its word. */
function ascii(department: string): string {
  return toHex(utf8(department)).slice(2).padEnd(64, "0");
}

function fromAscii(value: Hex): string {
  return value.slice(2).replace(/(..)/g, (byte) => (byte === "00" ? "" : String.fromCharCode(parseInt(byte, 16))));
}
