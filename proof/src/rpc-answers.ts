import { isHex, type Hex } from "./bytes.ts";
import type { Block, Log, Transaction } from "./chain.ts";

// What a node answers, taken for nothing but text from outside until it has the shape that the Ethereum JSON-RPC gives it.

/** The node answered, but not in the shape that was asked for. */
export class UnusableAnswer extends Error {
  override readonly name = "UnusableAnswer";
}

export function toBlock(answer: unknown): Block | null {
  if (answer === null) return null;
  const { number, hash, timestamp } = members(answer);
  return { number: quantity(number), hash: hash32(hash), time: quantity(timestamp) };
}

export function someBlock(answer: unknown): Block {
  const block = toBlock(answer);
  if (!block) throw new UnusableAnswer("the node does not know its own final block");
  return block;
}

export function toTransaction(answer: unknown): Transaction | null {
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
  return { address: address20(address), topics: topics.map(hash32), data, logIndex: quantity(logIndex) };
}

/** A log that tells where it stands. */
export interface NumberedLog extends Log {
  readonly blockNumber: number;
  readonly transactionHash: Hex;
}

/** The logs that `eth_getLogs` answered, in the order of the chain. */
export function logsIn(answer: unknown): NumberedLog[] {
  if (!Array.isArray(answer)) throw new UnusableAnswer("logs are an array");
  return answer.map((log) => {
    const { blockNumber, transactionHash } = members(log);
    return { ...toLog(log), blockNumber: quantity(blockNumber), transactionHash: hash32(transactionHash) };
  });
}

/** Whom a transaction called, with which bytes. */
export function callIn(answer: unknown): { to: Hex; input: Hex } {
  const { to, input } = members(answer);
  if (!isHex(input)) throw new UnusableAnswer("a transaction has an input");
  return { to: address20(to), input };
}

function members(answer: unknown): Record<string, unknown> {
  if (typeof answer !== "object" || answer === null) throw new UnusableAnswer("the node's answer is not an object");
  return answer as Record<string, unknown>;
}

export function quantity(answer: unknown): number {
  const value = typeof answer === "string" && /^0x[0-9a-f]{1,16}$/.test(answer) ? Number(answer) : NaN;
  if (!Number.isSafeInteger(value)) throw new UnusableAnswer("the node's answer is not a number");
  return value;
}

function hash32(answer: unknown): Hex {
  if (!isHex(answer, 32)) throw new UnusableAnswer("the node's answer is not a hash");
  return answer;
}

/** Nodes may answer addresses with the checksum's capital letters. */
function address20(answer: unknown): Hex {
  const address = typeof answer === "string" ? answer.toLowerCase() : answer;
  if (!isHex(address, 20)) throw new UnusableAnswer("the node's answer is not an address");
  return address;
}

/** Exactly so many words of 32 bytes. */
export function wordsIn(answer: unknown, count: number): Hex[] {
  if (!isHex(answer, 32 * count)) throw new UnusableAnswer("the node's answer has another length");
  return Array.from({ length: count }, (_, i) => wordAt(answer, i));
}

export function wordAt(bytes: Hex, index: number): Hex {
  return `0x${bytes.slice(2 + 64 * index, 66 + 64 * index)}`;
}

/** A word that holds a number below 2^53. */
export function small(word: Hex | undefined): number {
  const number = Number(word);
  if (!Number.isSafeInteger(number)) throw new UnusableAnswer("the node's answer is not a small number");
  return number;
}

/** A word that holds an address. */
export function addressIn(word: Hex): Hex {
  return address20(`0x${word.slice(26)}`);
}
