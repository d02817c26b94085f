import type { Hex } from "@quanlian/proof";

/** A range of stream keys; both ends belong to it. */
export interface Window {
  readonly from: Hex;
  readonly to: Hex;
}

/**
 * Divides all 32-byte stream keys into ranges that no bucket crosses, so many that each holds about `size` of `count`
 * evenly spread keys.
 */
export function windowsOf(prefixBits: number, count: number, size: number): Window[] {
  const bits = Math.min(prefixBits, Math.max(0, Math.ceil(Math.log2(count / size))));
  const width = 1n << BigInt(256 - bits);
  return Array.from({ length: 1 << bits }, (_, i) => {
    const from = BigInt(i) * width;
    return { from: key(from), to: key(from + width - 1n) };
  });
}

function key(value: bigint): Hex {
  return `0x${value.toString(16).padStart(64, "0")}`;
}
