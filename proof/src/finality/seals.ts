import { secp256k1 } from "@noble/curves/secp256k1.js";
import { keccak_256 } from "@noble/hashes/sha3.js";
import { toHex, type Hex } from "../bytes.ts";
import { refuse, type Refusal } from "./codes.ts";

/** ⌈2N/3⌉ of N validators: so many must have sealed a block (EEA QBFT specification; Besu's BftHelpers). */
export function quorumOf(validators: number): number {
  return Math.ceil((2 * validators) / 3);
}

/**
 * Address of the key that made a commit seal over a 32-byte hash; undefined when the seal is not well formed.
 * High s is refused: Besu never writes one, and a seal must have one form only.
 * @param seal 65 bytes r ‖ s ‖ v, v being 0 or 1
 */
function sealerOf(sealedHash: Uint8Array, seal: Uint8Array): Hex | undefined {
  if (seal.length !== 65 || seal[64]! > 1) return undefined;
  try {
    const signature = secp256k1.Signature.fromBytes(seal.subarray(0, 64), "compact");
    if (signature.hasHighS()) return undefined;
    const key = signature.addRecoveryBit(seal[64]!).recoverPublicKey(sealedHash).toBytes(false);
    return toHex(keccak_256(key.subarray(1)).subarray(12));
  } catch {
    return undefined; // r or s out of range, or no point with this x: no key made it
  }
}

/** The different validators of `members` that sealed; any seal that does not count refuses the whole header. */
export function sealersOf(
  sealedHash: Uint8Array,
  seals: readonly Uint8Array[],
  members: readonly Hex[],
): readonly Hex[] | Refusal {
  if (seals.length > members.length)
    return refuse("SEAL_DUPLICATE", { seals: seals.length, validators: members.length });
  const sealers: Hex[] = [];
  for (const [index, seal] of seals.entries()) {
    const sealer = sealerOf(sealedHash, seal);
    if (!sealer) return refuse("SEAL_MALFORMED", { seal: index });
    if (!members.includes(sealer)) return refuse("SEAL_NOT_VALIDATOR", { seal: index, sealer });
    if (sealers.includes(sealer)) return refuse("SEAL_DUPLICATE", { seal: index, sealer });
    sealers.push(sealer);
  }
  const required = quorumOf(members.length);
  return sealers.length >= required ? sealers : refuse("SEALS_BELOW_QUORUM", { seals: sealers.length, required });
}
