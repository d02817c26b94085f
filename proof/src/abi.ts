import { keccak_256 } from "@noble/hashes/sha3.js";
import { toHex, utf8, type Hex } from "./bytes.ts";

// The few corners of the Solidity ABI that the ledger and the registry need (contracts/IAuditLedger.sol): static words only.

/** First four bytes of calldata. */
export function selectorOf(signature: string): Hex {
  return topicOf(signature).slice(0, 10) as Hex;
}

const topics = /* @__PURE__ */ new Map<string, Hex>();

/** First topic of an event. Each is derived once: every verification needs the same few. */
export function topicOf(signature: string): Hex {
  const known = topics.get(signature);
  if (known) return known;
  const topic = toHex(keccak_256(utf8(signature)));
  topics.set(signature, topic);
  return topic;
}

/** A word without `0x`. */
export function word(value: number | bigint): string {
  return value.toString(16).padStart(64, "0");
}

/** `bytes18` stands at the left of its word. */
export function ascii(department: string): string {
  return toHex(utf8(department)).slice(2).padEnd(64, "0");
}

export function fromAscii(value: Hex): string {
  return value.slice(2).replace(/(..)/g, (byte) => (byte === "00" ? "" : String.fromCharCode(parseInt(byte, 16))));
}

export function isZero(value: Hex): boolean {
  return /^0x0*$/.test(value);
}

export const BATCH_ANCHORED = "BatchAnchored(bytes18,uint64,uint8,uint16,uint32,bytes32,bytes32)";

/** {@link BATCH_ANCHORED} as topics and data; the last word of the data, `entriesHash`, is left open. */
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
