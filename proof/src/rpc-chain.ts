import { ascii, BATCH_ANCHORED, fromAscii, isZero, selectorOf, topicOf, word } from "./abi.ts";
import type { Hex } from "./bytes.ts";
import { StateUnavailable, type AnchoredBatch, type Block, type ChainReader, type Supersession } from "./chain.ts";
import { bucketOf, entriesHash, foldHead, type Entry } from "./head.ts";
import {
  addressIn,
  callIn,
  logsIn,
  quantity,
  small,
  someBlock,
  toBlock,
  toTransaction,
  UnusableAnswer,
  wordAt,
  wordsIn,
  type NumberedLog,
} from "./rpc-answers.ts";
import type { TrustedChain } from "./trust.ts";
import type { Kind } from "./words.ts";

/** Sends one JSON-RPC request and gives its `result`; rejects when the node answers an error or not at all. */
export type Send = (method: string, params: unknown[]) => Promise<unknown>;

/**
 * A {@link ChainReader} over Ethereum JSON-RPC. It asks with `eth_chainId`, `eth_blockNumber`, `eth_getBlockByNumber`,
 * `eth_getTransactionReceipt`, `eth_call`, and for certificates `eth_getLogs` and `eth_getTransactionByHash`. Answers are kept
 * for the life of the reader: make a new one for a new moment. It believes the node.
 */
export function rpcChain(send: Send, chain: TrustedChain): ChainReader {
  const ask = remembering(send);
  const view = viewer(ask);
  return {
    chainId: async () => quantity(await ask("eth_chainId", [])),
    block: async (number) => toBlock(await ask("eth_getBlockByNumber", [numeral(number), false])),
    finalBlock: () => readFinalBlock(ask, chain),
    transaction: async (hash) => toTransaction(await ask("eth_getTransactionReceipt", [hash])),
    batchOf: (department, sequence) => readBatch(view, chain.ledger, department, sequence),
    supersessionOf: (department, recordHash) => readSupersession(view, chain.ledger, department, recordHash),
    wasAuthorised: async (department, kind, thumbprint, moment) => {
      const args = [ascii(department), word(kind), thumbprint.slice(2), word(moment)];
      const [answer] = await view(chain.registry, "wasAuthorised(bytes18,uint8,bytes32,uint64)", args, 1);
      return small(answer) === 1;
    },
    retirement: () => readRetirement(ask, chain.ledger),
    hadHead: async (kind, year, bucket, head, atBlock) => {
      const of: Bucket = { kind, year, bucket };
      const past = await headAt(view, chain.ledger, of, atBlock).catch(() => null);
      return past === null ? leadsToPresent(head, of, atBlock, { send, ask, view, chain }) : past === head;
    },
  };
}

/** The answers to questions asked before. A failure is not kept. */
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

/** Calls a view of a contract: its signature, its arguments as words, how many words it returns, and at which block (now). */
type View = (contract: Hex, signature: string, args: string[], words: number, block?: string) => Promise<Hex[]>;

function viewer(ask: Send): View {
  return async (contract, signature, args, words, block = "latest") => {
    const data = `${selectorOf(signature)}${args.join("")}`;
    return wordsIn(await ask("eth_call", [{ to: contract, data }, block]), words);
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

async function readBatch(view: View, ledger: Hex, department: string, sequence: number): Promise<AnchoredBatch | null> {
  const args = [ascii(department), word(sequence)];
  const [root, kind, year, count, anchoredAt] = await view(ledger, "batchOf(bytes18,uint64)", args, 5);
  if (isZero(root!)) return null;
  return { root: root!, kind: small(kind), year: small(year), count: small(count), anchoredAt: small(anchoredAt) };
}

async function readSupersession(
  view: View,
  ledger: Hex,
  department: string,
  recordHash: Hex,
): Promise<Supersession | null> {
  const args = [ascii(department), recordHash.slice(2)];
  const current = await currentLedger(view, ledger);
  const [successor, by, reason, at] = await view(current, "supersessionOf(bytes18,bytes32)", args, 4);
  if (isZero(successor!)) return null;
  return { successor: successor!, by: fromAscii(by!), reason: small(reason), at: small(at) };
}

const MAX_SUCCESSIONS = 16;

/** Follows retired ledgers to the one in use. */
async function currentLedger(view: View, first: Hex): Promise<Hex> {
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
  return log?.topics[1] ? { successor: addressIn(log.topics[1]), block: log.blockNumber } : null;
}

interface Bucket {
  readonly kind: Kind;
  readonly year: number;
  readonly bucket: bigint;
}

async function headAt(view: View, ledger: Hex, { kind, year, bucket }: Bucket, block: number): Promise<Hex> {
  const args = [word(kind), word(year), word(bucket)];
  return (await view(ledger, "headOf(uint8,uint16,uint256)", args, 1, numeral(block)))[0]!;
}

interface Node {
  /** Asks anew each time. */
  readonly send: Send;
  readonly ask: Send;
  readonly view: View;
  readonly chain: TrustedChain;
}

const MAX_ATTEMPTS = 5;

/**
 * On a node without old state: whether a head, continued with everything anchored into its bucket since, gives the present
 * one. New entries are taken from the ledger's events and the calldata that caused them.
 * @throws StateUnavailable when they were anchored through another contract, or blocks come faster than answers.
 */
async function leadsToPresent(head: Hex, of: Bucket, atBlock: number, node: Node): Promise<boolean> {
  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
    const latest = quantity(await node.send("eth_blockNumber", []));
    const present = await headAt(node.view, node.chain.ledger, of, latest).catch(() => null);
    if (present !== null) return foldHead(await entriesSince(of, atBlock, latest, node), head) === present;
    // A block came between the two questions.
  }
  throw new StateUnavailable("the node keeps no old state, and its newest block changes too fast");
}

async function entriesSince(of: Bucket, atBlock: number, latest: number, { ask, chain }: Node): Promise<Entry[]> {
  const range = { fromBlock: numeral(atBlock + 1), toBlock: numeral(latest) };
  const filter = { address: chain.ledger, topics: [topicOf(BATCH_ANCHORED)], ...range };
  const batches = await Promise.all(
    logsIn(await ask("eth_getLogs", [filter])).map((log) => batchBehind(log, ask, chain.ledger)),
  );
  return batches
    .filter(({ kind, year }) => kind === of.kind && year === of.year)
    .flatMap(({ entries }) => entries.filter(({ streamKey }) => bucketOf(streamKey, chain.prefixBits) === of.bucket));
}

const ANCHOR = "anchor(bytes18,uint8,uint16,uint64,(bytes32,bytes32)[],bytes)";

/** A batch from the calldata of the transaction that emitted its event; the event's hash over the entries must agree. */
async function batchBehind(
  log: NumberedLog,
  ask: Send,
  ledger: Hex,
): Promise<{ kind: number; year: number; entries: Entry[] }> {
  const { to, input } = callIn(await ask("eth_getTransactionByHash", [log.transactionHash]));
  if (to !== ledger || !input.startsWith(selectorOf(ANCHOR)))
    throw new StateUnavailable("a batch was anchored through another contract");
  const [kind, year, count, , hash] = wordsIn(log.data, 5);
  const entries = entriesIn(`0x${input.slice(10)}`, small(count));
  if (entriesHash(entries) !== hash) throw new UnusableAnswer("an event and its calldata disagree");
  return { kind: small(kind), year: small(year), entries };
}

/** The fifth argument of {@link ANCHOR}: its offset, there its length, then two words each. */
function entriesIn(args: Hex, count: number): Entry[] {
  const start = small(wordAt(args, 4)) / 32;
  if (small(wordAt(args, start)) !== count || args.length < 2 + 64 * (start + 1 + 2 * count))
    throw new UnusableAnswer("calldata that is cut off, or of another batch");
  return Array.from({ length: count }, (_, i) => ({
    streamKey: wordAt(args, start + 1 + 2 * i),
    recordHash: wordAt(args, start + 2 + 2 * i),
  }));
}

function numeral(number: number): string {
  return `0x${number.toString(16)}`;
}
