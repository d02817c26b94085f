import { keccak_256 } from "@noble/hashes/sha3.js";
import { concat, fromHex, toHex, type Hex } from "./bytes.ts";
import type { Keccak } from "./tree.ts";

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

/**
 * The head of a bucket after its entries, in the order of anchoring: head' = keccak(head ‖ streamKey ‖ recordHash).
 *
 * @param keccak a faster Keccak-256 than the built-in one, if the host has it.
 */
export function foldHead(entries: Iterable<Entry>, from: Hex = EMPTY_HEAD, keccak: Keccak = builtIn): Hex {
  let head = fromHex(from);
  for (const { streamKey, recordHash } of entries) head = keccak(concat(head, fromHex(streamKey), fromHex(recordHash)));
  return toHex(head);
}

/** What a department's signature over a batch covers: keccak(streamKey₀ ‖ recordHash₀ ‖ streamKey₁ ‖ …). */
export function entriesHash(entries: readonly Entry[], keccak: Keccak = builtIn): Hex {
  const bytes = entries.flatMap(({ streamKey, recordHash }) => [fromHex(streamKey), fromHex(recordHash)]);
  return toHex(keccak(concat(...bytes)));
}

function builtIn(bytes: Uint8Array): Uint8Array {
  return keccak_256(bytes);
}
