import type { Hex } from "@quanlian/proof";
import {
  SigningKey,
  TypedDataEncoder,
  type TypedDataField,
  computeAddress,
  hexlify,
  randomBytes,
  recoverAddress,
  toUtf8Bytes,
} from "ethers";
import type { AnchoredRecord, BatchContent, LedgerIdentity } from "./words.ts";

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

const SUPERSESSION = {
  Supersession: [
    { name: "department", type: "bytes18" },
    { name: "recordHash", type: "bytes32" },
    { name: "by", type: "bytes18" },
    { name: "successor", type: "bytes32" },
    { name: "reason", type: "uint8" },
  ],
};

type NamedRecord = Pick<AnchoredRecord, "department" | "recordHash">;

type Domain = Pick<LedgerIdentity, "chainId" | "ledger">;

/** A department as the contracts name it: its 18 ASCII characters. */
export function departmentBytes(department: string): Hex {
  return hexlify(toUtf8Bytes(department)) as Hex;
}

/** The EIP-712 digest that a department's signer signs for one batch on one ledger. */
export function batchDigest(ledger: Domain, batch: BatchContent): Hex {
  return digest(ledger, BATCH, { ...batch, department: departmentBytes(batch.department) });
}

/** The EIP-712 digest by which the successor's department puts it in the place of a record. */
export function supersessionDigest(ledger: Domain, record: NamedRecord, successor: NamedRecord, reason: number): Hex {
  return digest(ledger, SUPERSESSION, {
    department: departmentBytes(record.department),
    recordHash: record.recordHash,
    by: departmentBytes(successor.department),
    successor: successor.recordHash,
    reason,
  });
}

function digest({ chainId, ledger }: Domain, types: Record<string, TypedDataField[]>, message: object): Hex {
  const domain = { name: "Quanlian AuditLedger", version: "1", chainId, verifyingContract: ledger };
  return TypedDataEncoder.hash(domain, types, message) as Hex;
}

/** Signs a digest with a secp256k1 key: 65 bytes r ‖ s ‖ v, low s. */
export function signDigest(secret: Uint8Array, digest: Hex): Hex {
  return new SigningKey(secret).sign(digest).serialized as Hex;
}

/** The account that signed a digest, or null when the bytes are no signature. */
export function signerOf(digest: Hex, signature: Hex): Hex | null {
  try {
    return recoverAddress(digest, signature).toLowerCase() as Hex;
  } catch {
    return null;
  }
}

/** The account that a secp256k1 secret belongs to. */
export function accountOf(secret: Uint8Array): Hex {
  return computeAddress(new SigningKey(secret)).toLowerCase() as Hex;
}

/** A new secp256k1 key for a hosted signer. */
export function newSigner(): { secret: Uint8Array; address: Hex } {
  const secret = randomBytes(32);
  return { secret, address: accountOf(secret) };
}
