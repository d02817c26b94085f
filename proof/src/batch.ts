import { keccak_256 } from "@noble/hashes/sha3.js";
import { concat, fromHex, toHex, utf8, type Hex } from "./bytes.ts";
import type { Batch } from "./record.ts";

/** What a department's signer signs of a batch. */
export interface UnsignedBatch extends Pick<Batch, "department" | "kind" | "year" | "sequence"> {
  readonly chainId: number;
  readonly ledger: Hex;
  readonly entriesHash: Hex;
}

const DOMAIN_TYPE = "EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)";
const BATCH_TYPE = "Batch(bytes18 department,uint8 kind,uint16 year,uint64 sequence,bytes32 entriesHash)";

/** The EIP-712 digest that the ledger checks a batch's secp256k1 signature against (docs/format.md §5). */
export function batchDigest({ chainId, ledger, ...batch }: UnsignedBatch): Hex {
  const domain = [
    hashText(DOMAIN_TYPE),
    hashText("Quanlian AuditLedger"),
    hashText("1"),
    number(chainId),
    address(ledger),
  ];
  const { department, kind, year, sequence, entriesHash } = batch;
  const struct = [hashText(BATCH_TYPE), leftAligned(department), number(kind), number(year), number(sequence)];
  const structHash = keccak_256(concat(...struct, fromHex(entriesHash)));
  return toHex(keccak_256(concat(Uint8Array.of(0x19, 0x01), keccak_256(concat(...domain)), structHash)));
}

function hashText(text: string): Uint8Array {
  return keccak_256(utf8(text));
}

function number(value: number): Uint8Array {
  return fromHex(`0x${value.toString(16).padStart(64, "0")}`);
}

function address(value: Hex): Uint8Array {
  return concat(new Uint8Array(12), fromHex(value));
}

function leftAligned(ascii: string): Uint8Array {
  return concat(utf8(ascii), new Uint8Array(32 - ascii.length));
}
