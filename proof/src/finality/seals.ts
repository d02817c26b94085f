import { secp256k1 } from "@noble/curves/secp256k1.js";
import { keccak_256 } from "@noble/hashes/sha3.js";
import { bytesToHex } from "@noble/hashes/utils.js";
import { toHex, type Hex } from "../bytes.ts";
import { refuse, type Refusal } from "./codes.ts";

/** ⌈2N/3⌉ of N validators: so many must have sealed a block (EEA QBFT specification; Besu's BftHelpers). */
export function quorumOf(validators: number): number {
  return Math.ceil((2 * validators) / 3);
}

/** A seal that is well formed: r ‖ s, 64 bytes with low s, and v: whether the y of the nonce's point is odd. */
export interface Seal {
  readonly bytes: Uint8Array;
  readonly v: 0 | 1;
}

/** Address of whoever sealed a hash, or undefined when no key could have; `likely` are those who may. */
export type FindSealer = (hash: Uint8Array, seal: Seal, likely: readonly Hex[]) => Hex | undefined;

/**
 * How a host recovers a key where it does so faster than this library: from a hash of 32 bytes and a seal the key's 65 bytes
 * (04 ‖ x ‖ y), or undefined when there is none.
 */
export type RecoverKey = (hash: Uint8Array, seal: Seal) => Uint8Array | undefined;

/** The different validators of `members` that sealed; any seal that does not count refuses the whole header. */
export function sealersOf(
  sealedHash: Uint8Array,
  seals: readonly Uint8Array[],
  members: readonly Hex[],
  findSealer: FindSealer,
): readonly Hex[] | Refusal {
  if (seals.length > members.length)
    return refuse("SEAL_DUPLICATE", { seals: seals.length, validators: members.length });
  const sealers: Hex[] = [];
  for (const [index, seal] of seals.entries()) {
    const read = readSeal(seal);
    const likely = members.filter((one) => !sealers.includes(one));
    const sealer = read && findSealer(sealedHash, read, likely);
    if (!sealer) return refuse("SEAL_MALFORMED", { seal: index });
    if (!members.includes(sealer)) return refuse("SEAL_NOT_VALIDATOR", { seal: index, sealer });
    if (sealers.includes(sealer)) return refuse("SEAL_DUPLICATE", { seal: index, sealer });
    sealers.push(sealer);
  }
  const required = quorumOf(members.length);
  return sealers.length >= required ? sealers : refuse("SEALS_BELOW_QUORUM", { seals: sealers.length, required });
}

const hex32 = (value: bigint) => value.toString(16).padStart(64, "0");
const ZERO = hex32(0n);
const ORDER = /* @__PURE__ */ hex32(secp256k1.Point.CURVE().n);
const HALF_ORDER = /* @__PURE__ */ hex32(secp256k1.Point.CURVE().n >> 1n);

/** High s is refused: Besu never writes one, and a seal must have one form only. */
function readSeal(seal: Uint8Array): Seal | undefined {
  const [r, s, v] = [bytesToHex(seal.subarray(0, 32)), bytesToHex(seal.subarray(32, 64)), seal[64]];
  const isSound = r > ZERO && r < ORDER && s > ZERO && s <= HALF_ORDER;
  return isSound && (v === 0 || v === 1) ? { bytes: seal.subarray(0, 64), v } : undefined;
}

export function findByHost(recover: RecoverKey): FindSealer {
  return (hash, seal) => {
    const key = recover(hash, seal);
    return key && addressOf(key);
  };
}

/**
 * Public keys behind validators' addresses, learnt from their seals. Whether a known key made a seal is found out in a
 * seventh of the time that it takes to recover the key, so that later headers of a small network cost about half.
 */
export type KnownKeys = Map<Hex, InstanceType<typeof secp256k1.Point>>;

type Signature = InstanceType<typeof secp256k1.Signature>;

/** Beyond this many, trying one key after another costs more than recovering. */
const MAX_TRIED = 8;
/** Bits of a table's window: 43 × 32 points, made in 14 ms when a key is first tried. */
const TABLE_BITS = 6;

/** Without a host's help: the keys of those who are likely are remembered in `known`, and tried first. */
export function findByMemory(known: KnownKeys = new Map()): FindSealer {
  return (hash, { bytes, v }, likely) => {
    const signature = secp256k1.Signature.fromBytes(bytes, "compact").addRecoveryBit(v);
    const tried = likely.length <= MAX_TRIED ? likely.filter((address) => known.has(address)) : [];
    return firstMaker(hash, signature, tried, known) ?? recover(hash, signature, likely, known);
  };
}

/** The first address whose key fits: R = (h/s)·G + (r/s)·Q must have r for its x and v for the parity of its y. */
function firstMaker(hash: Uint8Array, { r, s, recovery }: Signature, tried: readonly Hex[], known: KnownKeys) {
  if (tried.length === 0) return undefined;
  const { Fp, Fn, BASE } = secp256k1.Point;
  const inverse = Fn.inv(s);
  const fixed = BASE.multiplyUnsafe(Fn.mul(Fn.create(BigInt(toHex(hash))), inverse));
  const share = Fn.mul(r, inverse);
  return tried.find((address) => {
    const made = fixed.add(known.get(address)!.multiplyUnsafe(share));
    if (made.is0() || !Fp.eql(made.X, Fp.mul(r, made.Z))) return false;
    return made.toAffine().y % 2n === BigInt(recovery!);
  });
}

function recover(hash: Uint8Array, signature: Signature, likely: readonly Hex[], known: KnownKeys): Hex | undefined {
  try {
    const key = signature.recoverPublicKey(hash);
    const address = addressOf(key.toBytes(false));
    if (likely.includes(address)) known.set(address, key.precompute(TABLE_BITS));
    return address;
  } catch {
    return undefined; // no point of the curve has this x
  }
}

function addressOf(key: Uint8Array): Hex {
  return toHex(keccak_256(key.subarray(1)).subarray(12));
}
