import { concatBytes } from "@noble/hashes/utils.js";

/**
 * Recursive Length Prefix (Ethereum Yellow Paper, appendix B), read strictly: of all byte strings that mean a value
 * only the canonical one is accepted, so that nobody can make a second form of a proof. Lists are opened one level at a
 * time by whoever needs the next level: depth costs nothing, and fields that this version does not know stay as given.
 */
export interface RlpItem {
  readonly list: boolean;
  /** A string's bytes, or the encodings of a list's items. */
  readonly payload: Uint8Array;
  /** The whole item with its prefix, exactly as given. */
  readonly encoded: Uint8Array;
}

/** The one item that `bytes` encodes; undefined when it is none, not canonical, or something follows it. */
export function decodeRlp(bytes: Uint8Array): RlpItem | undefined {
  const item = itemAt(bytes, 0);
  return item?.encoded.length === bytes.length ? item : undefined;
}

/** The items of a list; undefined when it is no list, has more than `limit` items, or one of them is not canonical. */
export function listItems(item: RlpItem | undefined, limit: number): RlpItem[] | undefined {
  if (!item?.list) return undefined;
  const items: RlpItem[] = [];
  for (let at = 0; at < item.payload.length;) {
    const next = itemAt(item.payload, at);
    if (!next || items.length === limit) return undefined;
    items.push(next);
    at += next.encoded.length;
  }
  return items;
}

/** Bytes of a string of exactly `length` bytes. */
export function fixedBytes(item: RlpItem | undefined, length: number): Uint8Array | undefined {
  return item && !item.list && item.payload.length === length ? item.payload : undefined;
}

/** Unsigned integer: big-endian, at most 32 bytes, no leading zero byte; zero is the empty string. */
export function integer(item: RlpItem | undefined): bigint | undefined {
  if (!item || item.list || item.payload.length > 32 || item.payload[0] === 0) return undefined;
  return item.payload.reduce((value, byte) => (value << 8n) | BigInt(byte), 0n);
}

/** An unsigned integer that a JSON number holds exactly. */
export function safeInteger(item: RlpItem | undefined): number | undefined {
  const value = integer(item);
  return value !== undefined && value <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(value) : undefined;
}

export function encodeString(bytes: Uint8Array): Uint8Array {
  if (bytes.length === 1 && bytes[0]! < 0x80) return bytes;
  return concatBytes(prefix(0x80, bytes.length), bytes);
}

/** `items` are encodings already. */
export function encodeList(items: readonly Uint8Array[]): Uint8Array {
  const length = items.reduce((sum, item) => sum + item.length, 0);
  return concatBytes(prefix(0xc0, length), ...items);
}

/** A non-negative safe integer. */
export function encodeInteger(value: number): Uint8Array {
  return encodeString(bigEndian(value));
}

function itemAt(bytes: Uint8Array, at: number): RlpItem | undefined {
  const first = bytes[at];
  if (first === undefined) return undefined;
  if (first < 0x80) return slice(bytes, at, 0, 1, false);
  const list = first >= 0xc0;
  const short = first - (list ? 0xc0 : 0x80);
  if (short > 55) return longItem(bytes, at, short - 55, list);
  if (!list && short === 1 && bytes[at + 1]! < 0x80) return undefined; // such a byte is its own encoding
  return slice(bytes, at, 1, short, list);
}

/** An item of 56 bytes or more: the first byte counts the bytes of the length that follow it. */
function longItem(bytes: Uint8Array, at: number, lengthBytes: number, list: boolean): RlpItem | undefined {
  if (bytes[at + 1] === 0 || lengthBytes > 6) return undefined;
  let length = 0;
  for (let i = 1; i <= lengthBytes; i++) length = length * 256 + (bytes[at + i] ?? NaN);
  return length > 55 ? slice(bytes, at, 1 + lengthBytes, length, list) : undefined;
}

function slice(bytes: Uint8Array, at: number, head: number, length: number, list: boolean): RlpItem | undefined {
  const end = at + head + length;
  if (end > bytes.length) return undefined;
  return { list, payload: bytes.subarray(at + head, end), encoded: bytes.subarray(at, end) };
}

function prefix(base: number, length: number): Uint8Array {
  if (length <= 55) return Uint8Array.of(base + length);
  const size = bigEndian(length);
  return Uint8Array.of(base + 55 + size.length, ...size);
}

function bigEndian(value: number): Uint8Array {
  const digits: number[] = [];
  for (let rest = value; rest > 0; rest = Math.floor(rest / 256)) digits.unshift(rest % 256);
  return Uint8Array.from(digits);
}
