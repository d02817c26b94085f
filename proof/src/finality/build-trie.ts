import { keccak_256 } from "@noble/hashes/sha3.js";
import { fromHex, toHex, type Hex } from "../bytes.ts";
import { encodeList, encodeString } from "./rlp.ts";
import { EMPTY_TRIE_ROOT, readTrie, type ProofNodes } from "./trie.ts";

interface Entry {
  readonly path: readonly number[];
  readonly value: Uint8Array;
}

interface Trie {
  readonly root: Hex;
  /** Nodes from the root to the key's place. */
  prove(key: Uint8Array): Hex[];
}

/** A Merkle-Patricia trie of entries whose keys are distinct and none the beginning of another. */
export function buildTrie(pairs: readonly { readonly key: Uint8Array; readonly value: Uint8Array }[]): Trie {
  const nodes = new Map<Hex, Uint8Array>();
  const entries = pairs.map(({ key, value }) => ({ path: pathOf(key), value }));
  const root = entries.length > 0 ? store(encodeNode(entries, 0, nodes), nodes) : fromHex(EMPTY_TRIE_ROOT);
  return { root: toHex(root), prove: (key) => walk(root, key, nodes) };
}

/** The reader itself says which nodes it needs. */
function walk(root: Uint8Array, key: Uint8Array, nodes: ReadonlyMap<Hex, Uint8Array>): Hex[] {
  const taken: Hex[] = [];
  const recorder: ProofNodes = {
    take: (hash) => {
      const node = nodes.get(toHex(hash))!;
      taken.push(toHex(node));
      return node;
    },
    leftOver: () => undefined,
  };
  readTrie(root, key, recorder);
  return taken;
}

/** The node for entries that agree in their first `depth` nibbles. */
function encodeNode(entries: readonly Entry[], depth: number, nodes: Map<Hex, Uint8Array>): Uint8Array {
  const [first] = entries;
  if (entries.length === 1) {
    return encodeList([encodeString(partialPath(first!.path.slice(depth), true)), encodeString(first!.value)]);
  }
  const fork = commonDepth(entries, depth);
  if (fork > depth) {
    const shared = encodeString(partialPath(first!.path.slice(depth, fork), false));
    return encodeList([shared, reference(encodeNode(entries, fork, nodes), nodes)]);
  }
  const children = Array.from({ length: 16 }, (_, nibble) => entries.filter((entry) => entry.path[depth] === nibble));
  const encoded = children.map((group) =>
    group.length > 0 ? reference(encodeNode(group, depth + 1, nodes), nodes) : encodeString(new Uint8Array()),
  );
  return encodeList([...encoded, encodeString(new Uint8Array())]);
}

function commonDepth(entries: readonly Entry[], depth: number): number {
  const path = entries[0]!.path;
  let fork = depth;
  while (entries.every((entry) => entry.path[fork] === path[fork])) fork++;
  return fork;
}

/** A node of less than 32 bytes lies in its parent, any other is referred to by its hash. */
function reference(node: Uint8Array, nodes: Map<Hex, Uint8Array>): Uint8Array {
  return node.length < 32 ? node : encodeString(store(node, nodes));
}

function store(node: Uint8Array, nodes: Map<Hex, Uint8Array>): Uint8Array {
  const hash = keccak_256(node);
  nodes.set(toHex(hash), node);
  return hash;
}

/** Hex-prefix encoding (Yellow Paper, appendix C). */
function partialPath(path: readonly number[], leaf: boolean): Uint8Array {
  const flag = (leaf ? 2 : 0) + (path.length % 2);
  const nibbles = path.length % 2 === 1 ? [flag, ...path] : [flag, 0, ...path];
  return Uint8Array.from({ length: nibbles.length / 2 }, (_, i) => nibbles[2 * i]! * 16 + nibbles[2 * i + 1]!);
}

function pathOf(key: Uint8Array): number[] {
  return Array.from(key).flatMap((byte) => [byte >> 4, byte & 15]);
}
