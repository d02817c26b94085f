import { secp256k1 } from "@noble/curves/secp256k1.js";
import { keccak_256 } from "@noble/hashes/sha3.js";
import { toHex, type Hex } from "../bytes.ts";
import { refuse, type Refusal } from "./codes.ts";

/** ⌈2N/3⌉ of N validators: so many must have sealed a block (EEA QBFT specification; Besu's BftHelpers). */
export function quorumOf(validators: number): number {
  return Math.ceil((2 * validators) / 3);
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

/** The different validators of `members` that sealed; any seal that does not count refuses the whole header. */
export function sealersOf(
  sealedHash: Uint8Array,
  seals: readonly Uint8Array[],
  members: readonly Hex[],
  known: KnownKeys,
): readonly Hex[] | Refusal {
  if (seals.length > members.length)
    return refuse("SEAL_DUPLICATE", { seals: seals.length, validators: members.length });
  const sealers: Hex[] = [];
  for (const [index, seal] of seals.entries()) {
    const signature = readSeal(seal);
    const sealer =
      signature &&
      sealerOf(
        sealedHash,
        signature,
        members.filter((one) => !sealers.includes(one)),
        known,
      );
    if (!sealer) return refuse("SEAL_MALFORMED", { seal: index });
    if (!members.includes(sealer)) return refuse("SEAL_NOT_VALIDATOR", { seal: index, sealer });
    if (sealers.includes(sealer)) return refuse("SEAL_DUPLICATE", { seal: index, sealer });
    sealers.push(sealer);
  }
  const required = quorumOf(members.length);
  return sealers.length >= required ? sealers : refuse("SEALS_BELOW_QUORUM", { seals: sealers.length, required });
}

/**
 * A seal as a signature: its 65 bytes are r ‖ s ‖ v, v being 0 or 1. High s is refused: Besu never writes one, and a seal must have
 * one form only.
 */
function readSeal(seal: Uint8Array): Signature | undefined {
  if (seal[64]! > 1) return undefined;
  try {
    const signature = secp256k1.Signature.fromBytes(seal.subarray(0, 64), "compact").addRecoveryBit(seal[64]!);
    return signature.hasHighS() ? undefined : signature;
  } catch {
    return undefined; // r or s is zero, or not below the order
  }
}

/** Address of the key that made a signature; `likely` are those whose keys are tried first. */
function sealerOf(hash: Uint8Array, signature: Signature, likely: readonly Hex[], known: KnownKeys): Hex | undefined {
  const tried = likely.length <= MAX_TRIED ? likely.filter((address) => known.has(address)) : [];
  return firstMaker(hash, signature, tried, known) ?? recover(hash, signature, likely, known);
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
    const address = toHex(keccak_256(key.toBytes(false).subarray(1)).subarray(12));
    if (likely.includes(address)) known.set(address, key.precompute(TABLE_BITS));
    return address;
  } catch {
    return undefined; // no point of the curve has this x
  }
}
