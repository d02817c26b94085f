import { keccak_256 } from "@noble/hashes/sha3.js";
import { compareBytes, fromHex, toHex, type Hex } from "./bytes.ts";

export type Keccak = (bytes: Uint8Array) => Uint8Array;

/** A batch's Merkle tree: its root and, for the record at position `i` of the batch, the path that leads there. */
export interface MerkleTree {
  readonly root: Hex;
  readonly path: (i: number) => Hex[];
}

/**
 * The tree over a batch's record hashes, in their order: the flat array of 2n − 1 nodes of OpenZeppelin's
 * SimpleMerkleTree without leaf sorting, leaf = keccak(recordHash). A leaf's preimage has 32 bytes and an inner node's 64,
 * so an inner node never passes as a record.
 *
 * @param recordHashes 32 bytes each, at least one.
 * @param keccak a faster Keccak-256 than the built-in one, if the host has it.
 */
export function merkleTree(recordHashes: readonly Hex[], keccak: Keccak = (bytes) => keccak_256(bytes)): MerkleTree {
  const count = recordHashes.length;
  if (count === 0) throw new TypeError("a batch has at least one record");
  const nodes = new Uint8Array((2 * count - 1) * 32);
  const node = (index: number) => nodes.subarray(index * 32, index * 32 + 32);
  recordHashes.forEach((recordHash, i) => nodes.set(keccak(fromHex(recordHash)), (2 * count - 2 - i) * 32));
  for (let i = count - 2; i >= 0; i--) nodes.set(hashPair(node(2 * i + 1), node(2 * i + 2), keccak), i * 32);
  return {
    root: toHex(node(0)),
    path: (i) => {
      if (!Number.isSafeInteger(i) || i < 0 || i >= count) throw new RangeError(`the batch has no position ${i}`);
      return siblings(2 * count - 2 - i).map((index) => toHex(node(index)));
    },
  };
}

function siblings(index: number): number[] {
  return index === 0 ? [] : [index % 2 === 0 ? index - 1 : index + 1, ...siblings((index - 1) >> 1)];
}

/** The root that a record hash and a path lead to. @param keccak as for {@link merkleTree} */
export function merkleRoot(recordHash: Hex, path: readonly Hex[], keccak: Keccak = (bytes) => keccak_256(bytes)): Hex {
  let node: Uint8Array = keccak(fromHex(recordHash));
  for (const sibling of path) node = hashPair(node, fromHex(sibling), keccak);
  return toHex(node);
}

/** Whether a path of this length can occur in the tree of a batch of `count` records. */
export function isPathLength(length: number, count: number): boolean {
  return length === Math.floor(Math.log2(count)) || length === Math.ceil(Math.log2(count));
}

function hashPair(a: Uint8Array, b: Uint8Array, keccak: Keccak): Uint8Array {
  const pair = new Uint8Array(64);
  const ascending = compareBytes(a, b) <= 0;
  pair.set(ascending ? a : b);
  pair.set(ascending ? b : a, 32);
  return keccak(pair);
}
