import type { Hex } from "@quanlian/proof";
import { SigningKey, TypedDataEncoder, computeAddress, hexlify, randomBytes, toUtf8Bytes } from "ethers";
import type { BatchContent, LedgerIdentity } from "./words.ts";

/** docs/format.md §5. */
const BATCH = {
  Batch: [
    { name: "department", type: "bytes18" },
    { name: "kind", type: "uint8" },
    { name: "year", type: "uint16" },
    { name: "sequence", type: "uint64" },
    { name: "entriesHash", type: "bytes32" },
  ],
};

/** A department as the contracts name it: its 18 ASCII characters. */
export function departmentBytes(department: string): Hex {
  return hexlify(toUtf8Bytes(department)) as Hex;
}

/** The EIP-712 digest that a department's signer signs for one batch on one ledger. */
export function batchDigest({ chainId, ledger }: Pick<LedgerIdentity, "chainId" | "ledger">, batch: BatchContent): Hex {
  const domain = { name: "Quanlian AuditLedger", version: "1", chainId, verifyingContract: ledger };
  const message = { ...batch, department: departmentBytes(batch.department) };
  return TypedDataEncoder.hash(domain, BATCH, message) as Hex;
}

/** Signs a digest with a secp256k1 key: 65 bytes r ‖ s ‖ v, low s. */
export function signDigest(secret: Uint8Array, digest: Hex): Hex {
  return new SigningKey(secret).sign(digest).serialized as Hex;
}

/** A new secp256k1 key for a hosted signer. */
export function newSigner(): { secret: Uint8Array; address: Hex } {
  const secret = randomBytes(32);
  return { secret, address: computeAddress(new SigningKey(secret)).toLowerCase() as Hex };
}
