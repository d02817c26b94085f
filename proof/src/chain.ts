import { keccak_256 } from "@noble/hashes/sha3.js";
import { isHex, toHex, utf8, type Hex } from "./bytes.ts";
import { bucketOf, entriesHash, foldHead, type Entry } from "./head.ts";
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
 * A look at one chain: what is final now, and what the ledger and the registry say now. Their entries are written once and
 * carry their block time, so that the state of any past block follows from today's, on nodes that keep no old state too; only
 * a head is overwritten. Every method may reject when the node does not answer; `verify` reports that as `CHAIN_UNREACHABLE`, or
 * as `STATE_UNAVAILABLE` for {@link StateUnavailable}.
 */
export interface ChainReader {
  chainId(): Promise<number>;
  /** A block of the chain as the node sees it, or null when it has none of that number. */
  block(number: number): Promise<Block | null>;
  /** The newest block that is final by the trusted chain's rule. */
  finalBlock(): Promise<Block>;
  transaction(hash: Hex): Promise<Transaction | null>;
  batchOf(department: string, sequence: number): Promise<AnchoredBatch | null>;
  /** What became of a record, on this ledger or one that took over from it. */
  supersessionOf(department: string, recordHash: Hex): Promise<Supersession | null>;
  /** Whether the statement key was good for the department and kind at a moment (Unix seconds), as far as is known today. */
  wasAuthorised(department: string, kind: Kind, thumbprint: Hex, moment: number): Promise<boolean>;
  /** The ledger that took over and the block from which on it did, or null while this one is the current one. */
  retirement(): Promise<{ readonly successor: Hex; readonly block: number } | null>;
  /** Whether this was the head of a bucket as of a block. */
  hadHead(kind: Kind, year: number, bucket: bigint, head: Hex, atBlock: number): Promise<boolean>;
}

/** Thrown by a reader that cannot find out what was true at a past block. */
export class StateUnavailable extends Error {
  override readonly name = "StateUnavailable";
}

/** Sends one JSON-RPC request and gives its `result`; rejects when the node answers an error or not at all. */
export type Send = (method: string, params: unknown[]) => Promise<unknown>;

/**
 * A {@link ChainReader} over Ethereum JSON-RPC. It asks with `eth_chainId`, `eth_blockNumber`, `eth_getBlockByNumber`,
 * `eth_getTransactionReceipt`, `eth_call`, and for certificates `eth_getLogs` and `eth_getTransactionByHash`. Answers are kept
 * for the life of the reader: make a new one for a new moment. It believes the node.
 */
export function rpcChain(send: Send, chain: TrustedChain): ChainReader {
  const ask = remembering(send);
  const view = async (to: Hex, signature: string, args: string[], words: number, block = "latest") => {
    const data = `${selectorOf(signature)}${args.join("")}`;
    return splitWords(await ask("eth_call", [{ to, data }, block]), words);
  };
  return {
    chainId: async () => quantity(await ask("eth_chainId", [])),
    block: async (number) => toBlock(await ask("eth_getBlockByNumber", [numeral(number), false])),
    finalBlock: () => readFinalBlock(ask, chain),
    transaction: async (hash) => toTransaction(await ask("eth_getTransactionReceipt", [hash])),
    batchOf: async (department, sequence) => {
      const args = [ascii(department), word(sequence)];
      const [root, kind, year, count, anchoredAt] = await view(chain.ledger, "batchOf(bytes18,uint64)", args, 5);
      if (isZero(root!)) return null;
      return {
        root: root!,
        kind: small(kind!),
        year: small(year!),
        count: small(count!),
        anchoredAt: small(anchoredAt!),
      };
    },
    supersessionOf: async (department, recordHash) => {
      const args = [ascii(department), recordHash.slice(2)];
      const ledger = await currentLedger(chain.ledger, view);
      const [successor, by, reason, at] = await view(ledger, "supersessionOf(bytes18,bytes32)", args, 4);
      return isZero(successor!)
        ? null
        : { successor: successor!, by: fromAscii(by!), reason: small(reason!), at: small(at!) };
    },
    wasAuthorised: async (department, kind, thumbprint, moment) => {
      const args = [ascii(department), word(kind), thumbprint.slice(2), word(moment)];
      const [answer] = await view(chain.registry, "wasAuthorised(bytes18,uint8,bytes32,uint64)", args, 1);
      return small(answer!) === 1;
    },
    retirement: () => readRetirement(ask, chain.ledger),
    hadHead: async (kind, year, bucket, head, atBlock) => {
      const headAt = async (block: string) =>
        (
          await view(chain.ledger, "headOf(uint8,uint16,uint256)", [word(kind), word(year), word(bucket)], 1, block)
        )[0]!;
      const past = await headAt(numeral(atBlock)).catch(() => null);
      if (past !== null) return past === head;
      return leadsToPresent(head, {
        send,
        ask,
        chain,
        headAt,
        isInBucket: bucketTest(kind, year, bucket, chain),
        atBlock,
      });
    },
  };
}

type View = (to: Hex, signature: string, args: string[], words: number) => Promise<Hex[]>;

/** Follows retired ledgers to the one in use. */
async function currentLedger(first: Hex, view: View): Promise<Hex> {
  let ledger = first;
  for (let hops = 0; hops < MAX_SUCCESSIONS; hops++) {
    const [heir] = await view(ledger, "retiredFor()", [], 1);
    if (isZero(heir!)) return ledger;
    ledger = addressIn(heir!);
  }
  throw new UnusableAnswer("the ledger's successors have no end");
}

async function readRetirement(ask: Send, ledger: Hex): Promise<{ successor: Hex; block: number } | null> {
  const topics = [topicOf("LedgerRetired(address,bytes32)")];
  const [log] = logsIn(await ask("eth_getLogs", [{ address: ledger, topics, fromBlock: "0x0", toBlock: "latest" }]));
  return log ? { successor: addressIn(log.topics[1]!), block: log.blockNumber } : null;
}

interface Replay {
  readonly send: Send;
  readonly ask: Send;
  readonly chain: TrustedChain;
  readonly atBlock: number;
  readonly headAt: (block: string) => Promise<Hex>;
  readonly isInBucket: (batch: { readonly kind: number; readonly year: number }, entry: Entry) => boolean;
}

/**
 * On a node without old state: whether a head, continued with everything anchored into its bucket since, gives the present
 * one. New entries are taken from the ledger's events and the calldata that caused them.
 * @throws StateUnavailable when they were anchored through another contract, or blocks come faster than answers.
 */
async function leadsToPresent(head: Hex, { send, ask, chain, headAt, isInBucket, atBlock }: Replay): Promise<boolean> {
  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
    const latest = quantity(await send("eth_blockNumber", []));
    const present = await headAt(numeral(latest)).catch(() => null);
    if (present === null) continue; // a block came between the two questions
    const topics = [topicOf(BATCH_ANCHORED)];
    const range = { fromBlock: numeral(atBlock + 1), toBlock: numeral(latest) };
    const logs = logsIn(await ask("eth_getLogs", [{ address: chain.ledger, topics, ...range }]));
    const since = await Promise.all(logs.map((log) => entriesBehind(log, ask, chain.ledger)));
    const entries = since.flatMap((batch) => batch.entries.filter((entry) => isInBucket(batch, entry)));
    return foldHead(entries, head) === present;
  }
  throw new StateUnavailable("the node keeps no old state, and its newest block changes too fast");
}

function bucketTest(kind: Kind, year: number, bucket: bigint, { prefixBits }: TrustedChain): Replay["isInBucket"] {
  return (batch, { streamKey }) =>
    batch.kind === kind && batch.year === year && bucketOf(streamKey, prefixBits) === bucket;
}

const ANCHOR = "anchor(bytes18,uint8,uint16,uint64,(bytes32,bytes32)[],bytes)";

/** The entries of a batch, from the calldata of the transaction that emitted its event; the event's hash over them must agree. */
async function entriesBehind(
  log: NumberedLog,
  ask: Send,
  ledger: Hex,
): Promise<{ kind: number; year: number; entries: Entry[] }> {
  const transaction = members(await ask("eth_getTransactionByHash", [log.transactionHash]));
  const input = String(transaction.input);
  const direct = lower(transaction.to) === ledger && isHex(input) && input.startsWith(selectorOf(ANCHOR));
  if (!direct) throw new StateUnavailable("a batch was anchored through another contract");
  const wordAt = (index: number): Hex => `0x${input.slice(10 + 64 * index, 74 + 64 * index)}`;
  const start = small(wordAt(4)) / 32;
  const entries = Array.from({ length: small(wordAt(start)) }, (_, i) => ({
    streamKey: wordAt(start + 1 + 2 * i),
    recordHash: wordAt(start + 2 + 2 * i),
  }));
  const [kind, year, , , hash] = splitWords(log.data, 5);
  if (entriesHash(entries) !== hash) throw new UnusableAnswer("an event and its calldata disagree");
  return { kind: small(kind!), year: small(year!), entries };
}

const BATCH_ANCHORED = "BatchAnchored(bytes18,uint64,uint8,uint16,uint32,bytes32,bytes32)";

/** {@link BATCH_ANCHORED} as topics and data (contracts/IAuditLedger.sol). */
export function batchAnchoredEvent(batch: {
  readonly department: string;
  readonly sequence: number;
  readonly kind: number;
  readonly year: number;
  readonly count: number;
  readonly root: Hex;
}): { topics: Hex[]; dataBeforeEntriesHash: Hex } {
  const data = [word(batch.kind), word(batch.year), word(batch.count), batch.root.slice(2)].join("");
  return {
    topics: [topicOf(BATCH_ANCHORED), `0x${ascii(batch.department)}`, `0x${word(batch.sequence)}`],
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

const MAX_SUCCESSIONS = 16;
const MAX_ATTEMPTS = 5;

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

interface NumberedLog {
  readonly topics: readonly Hex[];
  readonly data: Hex;
  readonly blockNumber: number;
  readonly transactionHash: Hex;
}

/** The logs that `eth_getLogs` answered, in the order of the chain. */
function logsIn(answer: unknown): NumberedLog[] {
  if (!Array.isArray(answer)) throw new UnusableAnswer("logs are an array");
  return answer.map((log) => {
    const { topics, data } = toLog(log);
    const { blockNumber, transactionHash } = members(log);
    return { topics, data, blockNumber: quantity(blockNumber), transactionHash: hash32(transactionHash) };
  });
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

function addressIn(word: Hex): Hex {
  return lower(`0x${word.slice(26)}`);
}

function topicOf(signature: string): Hex {
  return toHex(keccak_256(utf8(signature)));
}

function selectorOf(signature: string): Hex {
  return topicOf(signature).slice(0, 10) as Hex;
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
