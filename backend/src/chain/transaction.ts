import type { Hex } from "@quanlian/proof";
import type { SigningKey } from "ethers";
import { fromHex, toHex } from "../database/bytea.ts";
import { keccak } from "./keccak.ts";
import type { Fees, RawTransaction } from "./words.ts";

/** A transaction of fees and no access list (EIP-1559) that calls a contract and pays it nothing. */
export interface Call extends Fees {
  readonly chainId: number;
  readonly nonce: number;
  readonly gasLimit: bigint;
  readonly to: Hex;
  readonly data: Uint8Array;
}

const TYPE = Uint8Array.of(2);
const NOTHING = Uint8Array.of(0x80);
const NO_ACCESS_LIST = Uint8Array.of(0xc0);

/** Signs a transaction, as bytes throughout: a batch's is 36 kB, and a general library copies it a dozen times as text. */
export function signTransaction(call: Call, key: SigningKey): RawTransaction {
  const { chainId, nonce, maxPriorityFeePerGas, maxFeePerGas, gasLimit, to, data } = call;
  const fields = [
    ...[chainId, nonce, maxPriorityFeePerGas, maxFeePerGas, gasLimit].map(integer),
    ...[...string(fromHex(to)), NOTHING, ...string(data), NO_ACCESS_LIST],
  ].flat();
  const { yParity, r, s } = key.sign(toHex(keccak(Buffer.concat([TYPE, ...list(fields)]))));
  const raw = Buffer.concat([TYPE, ...list([...fields, ...[yParity, BigInt(r), BigInt(s)].flatMap(integer)])]);
  return { hash: toHex(keccak(raw)), nonce, raw };
}

// Recursive Length Prefix (Ethereum Yellow Paper, appendix B), in pieces that are put together once.

function list(items: readonly Uint8Array[]): Uint8Array[] {
  const length = items.reduce((sum, item) => sum + item.length, 0);
  return [prefix(0xc0, length), ...items];
}

function string(bytes: Uint8Array): Uint8Array[] {
  return bytes.length === 1 && bytes[0]! < 0x80 ? [bytes] : [prefix(0x80, bytes.length), bytes];
}

function integer(value: number | bigint): Uint8Array[] {
  return string(bigEndian(value));
}

function prefix(base: number, length: number): Uint8Array {
  if (length <= 55) return Uint8Array.of(base + length);
  const size = bigEndian(length);
  return Uint8Array.of(base + 55 + size.length, ...size);
}

/** No leading zeros; zero has no byte at all. */
function bigEndian(value: number | bigint): Buffer {
  const digits = BigInt(value) === 0n ? "" : value.toString(16);
  return Buffer.from(digits.length % 2 === 0 ? digits : `0${digits}`, "hex");
}
