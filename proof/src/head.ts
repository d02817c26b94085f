import { keccak_256 } from "@noble/hashes/sha3.js";
import { concat, fromHex, toHex, type Hex } from "./bytes.ts";

/** A record in a stream, as the contract sees it: 32 bytes each. */
export interface Entry {
  readonly streamKey: Hex;
  readonly recordHash: Hex;
}

/** The head of a bucket that nothing was anchored into yet. */
export const EMPTY_HEAD: Hex = `0x${"00".repeat(32)}`;

/** The bucket of a stream: the first `prefixBits` (0–256) bits of its key, as an unsigned integer. */
export function bucketOf(streamKey: Hex, prefixBits: number): bigint {
  return BigInt(streamKey) >> BigInt(256 - prefixBits);
}

/** The head of a bucket after its entries, in the order of anchoring: head' = keccak(head ‖ streamKey ‖ recordHash). */
export function foldHead(entries: Iterable<Entry>, from: Hex = EMPTY_HEAD): Hex {
  let head = fromHex(from);
  for (const { streamKey, recordHash } of entries)
    head = keccak_256(concat(head, fromHex(streamKey), fromHex(recordHash)));
  return toHex(head);
}

/** What a department's signature over a batch covers: keccak(streamKey₀ ‖ recordHash₀ ‖ streamKey₁ ‖ …). */
export function entriesHash(entries: readonly Entry[]): Hex {
  const bytes = entries.flatMap(({ streamKey, recordHash }) => [fromHex(streamKey), fromHex(recordHash)]);
  return toHex(keccak_256(concat(...bytes)));
}
