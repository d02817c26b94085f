import { merkleTree, type Hex } from "@quanlian/proof";
import { AbiCoder, keccak256, ZeroHash } from "ethers";
import type { Bucket } from "./buckets.ts";

/**
 * Commitment to the closing state of a ledger, given to `retire`: the Merkle root (docs/format.md §5) over
 * keccak(abi.encode(uint8 kind, uint16 year, uint256 bucket, bytes32 head)) of all buckets, ascending by kind, year and
 * bucket, then keccak(abi.encode(bytes18 department, uint64 lastSequence)) of all departments, ascending. Zero for an
 * empty ledger.
 */
export function checkpoint(buckets: Iterable<Bucket>, lastSequences: ReadonlyMap<string, number>): Hex {
  const heads = [...buckets]
    .sort((a, b) => a.kind - b.kind || a.year - b.year || (a.bucket < b.bucket ? -1 : 1))
    .map(({ kind, year, bucket, head }) => hash(["uint8", "uint16", "uint256", "bytes32"], [kind, year, bucket, head]));
  const sequences = [...lastSequences]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map((sequence) => hash(["bytes18", "uint64"], sequence));
  const items = [...heads, ...sequences];
  return items.length === 0 ? (ZeroHash as Hex) : merkleTree(items).root;
}

const hash = (types: string[], values: readonly unknown[]) =>
  keccak256(AbiCoder.defaultAbiCoder().encode(types, values)) as Hex;
