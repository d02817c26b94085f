import { bytesToHex, hexToBytes } from "@noble/hashes/utils.js";

/** `0x` and an even number of lower-case hexadecimal digits. */
export type Hex = `0x${string}`;

const HEX = /^0x(?:[0-9a-f]{2})*$/;

/** Bytes of a hex text; undefined unless it is one, and of `length` bytes when that is given. */
export function readHex(text: unknown, length?: number): Uint8Array | undefined {
  if (typeof text !== "string" || !HEX.test(text)) return undefined;
  if (length !== undefined && text.length !== 2 + 2 * length) return undefined;
  return hexToBytes(text.slice(2));
}

export function toHex(bytes: Uint8Array): Hex {
  return `0x${bytesToHex(bytes)}`;
}
