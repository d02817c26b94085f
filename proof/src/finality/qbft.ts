import { keccak_256 } from "@noble/hashes/sha3.js";
import { toHex, type Hex } from "../bytes.ts";
import { refuse, type Refusal } from "./codes.ts";
import { decodeExtraData, type ExtraData } from "./extra-data.ts";
import { decodeHeader, type Header } from "./header.ts";
import { findByHost, findByMemory, sealersOf, type FindSealer, type RecoverKey } from "./seals.ts";
import { sameValidators, setAt, type QbftTrust } from "./validators.ts";

/** A block that can never be taken back, with what its header commits to. */
export interface FinalBlock {
  readonly ok: true;
  readonly hash: Hex;
  readonly parentHash: Hex;
  readonly number: number;
  /** Unix seconds. */
  readonly timestamp: number;
  readonly stateRoot: Hex;
  readonly receiptsRoot: Hex;
  /** Whose seals were counted; empty when the trust list pins the block. */
  readonly sealers: readonly Hex[];
}

/** A header read without trusting it. */
export interface ReadHeader {
  readonly header: Header;
  /** Null for the genesis block, which nobody sealed. */
  readonly extra: ExtraData | null;
  /** The hash by which the chain knows the block. */
  readonly hash: Hex;
}

/**
 * Whether a raw header is a final block of the trusted chain: at least ⌈2N/3⌉ different validators of the set that the
 * trust list names for this block number have sealed exactly this header in its round, nobody else has, and the header
 * names that set too. The seals inside `raw` do not enter the block hash; a header that was decided in another round has
 * the same hash and other seals.
 * @param raw RLP of the header with round and seals, as Besu's debug_getRawHeader answers
 */
export function verifyQbftHeader(
  raw: Uint8Array,
  trust: QbftTrust,
  findSealer: FindSealer = findByMemory(),
): FinalBlock | Refusal {
  const read = readQbftHeader(raw);
  if ("code" in read) return read;
  const pin = trust.pins.find(({ number }) => number === read.header.number);
  if (pin) return pin.hash === read.hash ? finalBlock(read, []) : contradiction(read, pin.hash);
  const set = setAt(trust.sets, read.header.number);
  if (!set) return refuse("VALIDATORS_UNKNOWN", { block: read.header.number });
  const sealers = sealersUnder(read, set.validators, findSealer);
  return "code" in sealers ? sealers : finalBlock(read, sealers);
}

/** Judges raw headers of one chain. */
export type HeaderJudge = (raw: Uint8Array) => FinalBlock | Refusal;

/** A judge that remembers the newest final headers, and the validators' keys unless the host recovers them: many receipts share one. */
export function qbftJudge(trust: QbftTrust, recoverKey?: RecoverKey, remembered = 256): HeaderJudge {
  const findSealer = recoverKey ? findByHost(recoverKey) : findByMemory();
  const final = new Map<Hex, FinalBlock>();
  return (raw) => {
    const header = toHex(raw);
    const verdict = final.get(header) ?? verifyQbftHeader(raw, trust, findSealer);
    if (verdict.ok) final.set(header, verdict);
    if (final.size > remembered) final.delete(final.keys().next().value!);
    return verdict;
  };
}

export function readQbftHeader(raw: Uint8Array): ReadHeader | Refusal {
  const header = decodeHeader(raw);
  if (!header) return refuse("HEADER_MALFORMED", { bytes: raw.length });
  if (header.number === 0) return { header, extra: null, hash: toHex(keccak_256(raw)) };
  const extra = decodeExtraData(header.extraData);
  if (!extra) return refuse("EXTRA_DATA_MALFORMED", { block: header.number });
  return { header, extra, hash: toHex(keccak_256(header.withExtraData(extra.hashed))) };
}

/** The sealers of a header for which `validators` are known to be in force. */
export function sealersUnder(
  { header, extra }: ReadHeader,
  validators: readonly Hex[],
  findSealer: FindSealer = findByMemory(),
): readonly Hex[] | Refusal {
  if (!extra || !sameValidators(extra.validators, validators)) {
    return refuse("VALIDATORS_MISMATCH", { block: header.number, claimed: extra?.validators.length ?? 0 });
  }
  return sealersOf(keccak_256(header.withExtraData(extra.sealed)), extra.seals, validators, findSealer);
}

function finalBlock({ header, hash }: ReadHeader, sealers: readonly Hex[]): FinalBlock {
  const { parentHash, number, timestamp, stateRoot, receiptsRoot } = header;
  return { ok: true, hash, parentHash, number, timestamp, stateRoot, receiptsRoot, sealers };
}

function contradiction({ header, hash }: ReadHeader, pinned: Hex): Refusal {
  return refuse("BLOCK_CONTRADICTS_PIN", { block: header.number, hash, pinned });
}
