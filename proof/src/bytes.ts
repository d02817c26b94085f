import { bytesToHex, hexToBytes } from "@noble/hashes/utils.js";

/** Bytes as lower-case hexadecimal with the prefix `0x`. */
export type Hex = `0x${string}`;

/** True for `0x` and exactly `length` bytes in lower case; without `length`, for any number of whole bytes. */
export function isHex(value: unknown, length?: number): value is Hex {
  if (typeof value !== "string" || !/^0x(?:[0-9a-f]{2})*$/.test(value)) return false;
  return length === undefined || value.length === 2 + 2 * length;
}

export function toHex(bytes: Uint8Array): Hex {
  return `0x${bytesToHex(bytes)}`;
}

export function fromHex(hex: Hex): Uint8Array {
  return hexToBytes(hex.slice(2));
}

const encoder = /* @__PURE__ */ new TextEncoder();
const decoder = /* @__PURE__ */ new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

export function utf8(text: string): Uint8Array<ArrayBuffer> {
  return encoder.encode(text);
}

/** The text of UTF-8 bytes, or null when they are not UTF-8. A byte order mark stays in the text. */
export function fromUtf8(bytes: Uint8Array): string | null {
  try {
    return decoder.decode(bytes);
  } catch {
    return null;
  }
}

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
const CODE = /* @__PURE__ */ utf8(ALPHABET);
const VALUE = /* @__PURE__ */ Uint8Array.from({ length: 256 }, (_, code) => {
  const value = ALPHABET.indexOf(String.fromCharCode(code));
  return value < 0 ? 255 : value;
});

/** base64url without padding (RFC 4648 §5). */
export function toBase64url(bytes: Uint8Array): string {
  const out = new Uint8Array(Math.ceil((bytes.length * 4) / 3));
  writeBase64url(bytes, 0, bytes.length, out, 0);
  return decoder.decode(out);
}

/** Each `size` bytes of `bytes` as base64url. One text for all of them is made first: small ones cost more than long ones. */
export function base64urlOfEach(bytes: Uint8Array, size: number): string[] {
  const length = Math.ceil((size * 4) / 3);
  const out = new Uint8Array((bytes.length / size) * length);
  for (let from = 0, to = 0; from < bytes.length; from += size, to += length)
    writeBase64url(bytes, from, from + size, out, to);
  const text = decoder.decode(out);
  return Array.from({ length: bytes.length / size }, (_, i) => text.slice(i * length, (i + 1) * length));
}

function writeBase64url(bytes: Uint8Array, from: number, end: number, out: Uint8Array, to: number): void {
  let i = from;
  let o = to;
  for (; i + 2 < end; i += 3) {
    const word = (bytes[i]! << 16) | (bytes[i + 1]! << 8) | bytes[i + 2]!;
    out[o++] = CODE[word >> 18]!;
    out[o++] = CODE[(word >> 12) & 63]!;
    out[o++] = CODE[(word >> 6) & 63]!;
    out[o++] = CODE[word & 63]!;
  }
  if (i === end) return;
  const word = (bytes[i]! << 16) | ((i + 1 < end ? bytes[i + 1]! : 0) << 8);
  out[o++] = CODE[word >> 18]!;
  out[o++] = CODE[(word >> 12) & 63]!;
  if (i + 1 < end) out[o] = CODE[(word >> 6) & 63]!;
}

/** The bytes of canonical base64url without padding (stray bits must be zero), or null. */
export function fromBase64url(text: string): Uint8Array | null {
  const tail = text.length % 4;
  if (tail === 1) return null;
  const out = new Uint8Array(Math.floor((text.length * 3) / 4));
  let word = 0;
  let bits = 0;
  let o = 0;
  for (let i = 0; i < text.length; i++) {
    const value = VALUE[text.charCodeAt(i)] ?? 255;
    if (value === 255) return null;
    word = ((word << 6) | value) & 0xffff;
    bits += 6;
    if (bits >= 8) out[o++] = word >> (bits -= 8);
  }
  return (word & ((1 << bits) - 1)) === 0 ? out : null;
}

export function concat(...parts: Uint8Array[]): Uint8Array {
  const out = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    out.set(part, offset);
    offset += part.length;
  }
  return out;
}

/** Order of two equally long byte strings, as numbers would be ordered: negative, zero or positive. */
export function compareBytes(a: Uint8Array, b: Uint8Array): number {
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return a[i]! - b[i]!;
  return 0;
}
