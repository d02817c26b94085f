import { keccak_256 } from "@noble/hashes/sha3.js";
import { concat, fromHex, toHex, utf8, type Hex } from "./bytes.ts";
import type { Batch } from "./record.ts";
import type { PublicJwk } from "./words.ts";

/** What a department's signer signs of a batch. */
export interface UnsignedBatch extends Pick<Batch, "department" | "kind" | "year" | "sequence"> {
  readonly chainId: number;
  readonly ledger: Hex;
  readonly entriesHash: Hex;
}

/** A sealed batch, as the service hands it to the agent of a department that keeps its own keys (docs/format.md §13). */
export interface SealedBatch extends Omit<UnsignedBatch, "entriesHash"> {
  readonly entries: readonly {
    readonly statement: string;
    readonly statementKey: PublicJwk;
    readonly streamKey: Hex;
    readonly proof: Hex;
  }[];
}

/** What a department's signer signs to put one of its records in the place of another. */
export interface UnsignedSupersession {
  readonly chainId: number;
  readonly ledger: Hex;
  /** Whose record is superseded. */
  readonly department: string;
  readonly recordHash: Hex;
  /** Whose record takes its place. */
  readonly by: string;
  readonly successor: Hex;
  /** 1 correction 更正, 2 withdrawal 撤销, 3 repair 信用修复, 4 annulment 复议/判决. */
  readonly reason: number;
}

const DOMAIN_TYPE = "EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)";
const BATCH_TYPE = "Batch(bytes18 department,uint8 kind,uint16 year,uint64 sequence,bytes32 entriesHash)";
const SUPERSESSION_TYPE =
  "Supersession(bytes18 department,bytes32 recordHash,bytes18 by,bytes32 successor,uint8 reason)";

/** The EIP-712 digest that the ledger checks a batch's secp256k1 signature against (docs/format.md §5). */
export function batchDigest({ chainId, ledger, ...batch }: UnsignedBatch): Hex {
  const { department, kind, year, sequence, entriesHash } = batch;
  const struct = [hashText(BATCH_TYPE), leftAligned(department), number(kind), number(year), number(sequence)];
  return digest(chainId, ledger, concat(...struct, fromHex(entriesHash)));
}

/** The EIP-712 digest that the ledger checks a supersession's signature against (docs/format.md §5). */
export function supersessionDigest({ chainId, ledger, ...supersession }: UnsignedSupersession): Hex {
  const { department, recordHash, by, successor, reason } = supersession;
  const superseded = [hashText(SUPERSESSION_TYPE), leftAligned(department), fromHex(recordHash)];
  return digest(chainId, ledger, concat(...superseded, leftAligned(by), fromHex(successor), number(reason)));
}

function digest(chainId: number, ledger: Hex, struct: Uint8Array): Hex {
  const domain = [
    hashText(DOMAIN_TYPE),
    hashText("Quanlian AuditLedger"),
    hashText("1"),
    number(chainId),
    address(ledger),
  ];
  return toHex(keccak_256(concat(Uint8Array.of(0x19, 0x01), keccak_256(concat(...domain)), keccak_256(struct))));
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
