import type { Hex } from "@quanlian/proof";

/** Windows over the key space hold 1/64 of the streams each; with fewer buckets than that, one bucket each. */
const WINDOW_BITS = 6;

/** Divides all 32-byte stream keys into ranges that no bucket crosses; both ends belong to the range. */
export function windowsOf(prefixBits: number): { readonly from: Hex; readonly to: Hex }[] {
  const bits = Math.min(prefixBits, WINDOW_BITS);
  const width = 1n << BigInt(256 - bits);
  return Array.from({ length: 1 << bits }, (_, i) => {
    const from = BigInt(i) * width;
    return { from: key(from), to: key(from + width - 1n) };
  });
}

function key(value: bigint): Hex {
  return `0x${value.toString(16).padStart(64, "0")}`;
}
