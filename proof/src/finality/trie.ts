import { keccak_256 } from "@noble/hashes/sha3.js";
import { toHex } from "../bytes.ts";
import { refuse, type Refusal } from "./codes.ts";
import { decodeRlp, listItems, type RlpItem } from "./rlp.ts";

/**
 * Reading a Merkle-Patricia trie (Ethereum Yellow Paper, appendix D) of which one knows the root and a few nodes.
 * What is read is either the value under a key or the proof that there is none.
 */

/** keccak256(0x80): the root of a trie that holds nothing. A read of it needs no node. */
export const EMPTY_TRIE_ROOT = "0x56e81f171bcc55a6ff8345e692c0f86e5b48e01b996cadc001622fb5e363b421";

/**
 * The nodes of one or several proofs, each once, in the order in which the reads first need them. Every node is checked
 * against the hash that asks for it, and none may be left over: a set of reads has exactly one such list.
 */
export interface ProofNodes {
  /** The node with this hash: one that was handed out before, or the next of the list. */
  take(hash: Uint8Array): Uint8Array | Refusal;
  /** A refusal when nodes are left over. */
  leftOver(): Refusal | undefined;
}

export function proofNodes(nodes: readonly Uint8Array[]): ProofNodes {
  const known = new Map<string, Uint8Array>();
  const take = (hash: Uint8Array): Uint8Array | Refusal => {
    const wanted = toHex(hash);
    const node = known.get(wanted) ?? nodes[known.size];
    if (!node) return refuse("TRIE_PROOF_TRUNCATED", { nodes: nodes.length, missing: wanted });
    if (known.has(wanted)) return node;
    if (toHex(keccak_256(node)) !== wanted) {
      return refuse("TRIE_HASH_MISMATCH", { node: known.size, expected: wanted });
    }
    known.set(wanted, node);
    return node;
  };
  const leftOver = (): Refusal | undefined =>
    known.size < nodes.length ? refuse("TRIE_PROOF_OVERLONG", { nodes: nodes.length, used: known.size }) : undefined;
  return { take, leftOver };
}

export type TrieRead = { readonly ok: true; readonly value: Uint8Array | null } | Refusal;

/** Value under `key` in the trie with this 32-byte root; null when the trie provably has none. */
export function readTrie(root: Uint8Array, key: Uint8Array, nodes: ProofNodes): TrieRead {
  if (toHex(root) === EMPTY_TRIE_ROOT) return { ok: true, value: null };
  const rootNode = nodes.take(root);
  if (!(rootNode instanceof Uint8Array)) return rootNode;
  let node = rootNode;
  let path: readonly number[] = nibblesOf(key);
  for (;;) {
    const step = stepDown(node, path);
    if (!step) return refuse("TRIE_NODE_MALFORMED", { node: toHex(keccak_256(node)) });
    if ("value" in step) return { ok: true, value: step.value };
    const child = childNode(step.child, nodes);
    if (!(child instanceof Uint8Array)) return child;
    node = child;
    path = step.rest;
  }
}

/** Where a node leads: to an answer, or to a child with the rest of the path, which is always shorter. */
type Step = { value: Uint8Array | null } | { child: RlpItem; rest: readonly number[] };

function stepDown(node: Uint8Array, path: readonly number[]): Step | undefined {
  const items = listItems(decodeRlp(node), 17);
  if (items?.length === 17) return branchStep(items, path);
  if (items?.length === 2) return shortStep(items[0]!, items[1]!, path);
  return undefined;
}

function branchStep(items: readonly RlpItem[], path: readonly number[]): Step | undefined {
  const [nibble, ...rest] = path;
  if (nibble === undefined) return valueOf(items[16]!);
  const child = items[nibble]!;
  return child.payload.length === 0 && !child.list ? { value: null } : { child, rest };
}

/** A leaf or an extension; the first nibble of `partial` says which, and whether the path's length is odd. */
function shortStep(partial: RlpItem, target: RlpItem, path: readonly number[]): Step | undefined {
  if (partial.list || partial.payload.length === 0) return undefined;
  const [flag, ...nibbles] = nibblesOf(partial.payload);
  const odd = (flag! & 1) === 1;
  if (flag! > 3 || (!odd && nibbles[0] !== 0)) return undefined;
  const own = odd ? nibbles : nibbles.slice(1);
  const leaf = flag! >= 2;
  if (leaf ? target.list || target.payload.length === 0 : own.length === 0) return undefined;
  if (!own.every((nibble, i) => nibble === path[i])) return { value: null };
  if (!leaf) return { child: target, rest: path.slice(own.length) };
  return { value: own.length === path.length ? target.payload : null };
}

function valueOf(item: RlpItem): Step | undefined {
  if (item.list) return undefined;
  return { value: item.payload.length > 0 ? item.payload : null };
}

/** A node of 32 bytes or more is referred to by its hash, a shorter one lies in its parent; neither may pass as the other. */
function childNode(child: RlpItem, nodes: ProofNodes): Uint8Array | Refusal {
  if (child.list) return child.encoded.length < 32 ? child.encoded : malformedChild(child);
  if (child.payload.length !== 32) return malformedChild(child);
  const node = nodes.take(child.payload);
  return node instanceof Uint8Array && node.length < 32 ? malformedChild(child) : node;
}

function malformedChild(child: RlpItem): Refusal {
  return refuse("TRIE_NODE_MALFORMED", { child: toHex(child.encoded.subarray(0, 33)) });
}

function nibblesOf(bytes: Uint8Array): number[] {
  return Array.from(bytes).flatMap((byte) => [byte >> 4, byte & 15]);
}
