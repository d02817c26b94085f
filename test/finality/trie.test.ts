import { readFileSync } from "node:fs";
import { expect } from "chai";
import { encodeRlp, getBytes, hexlify, keccak256 } from "ethers";
import fc from "fast-check";
import type { Hex } from "../../proof/src/bytes.ts";
import { buildTrie } from "../../proof/src/finality/build-trie.ts";
import { EMPTY_TRIE_ROOT, proofNodes, readTrie, type TrieRead } from "../../proof/src/finality/trie.ts";

interface Case {
  name: string;
  root: Hex;
  entries: [Hex, Hex][];
  reads: { key: Hex; value: Hex | null; proof: Hex[] }[];
}

/** Made by py-trie (test/fixtures/trie/vectors.py). */
const vectors = JSON.parse(readFileSync(new URL("../fixtures/trie/vectors.json", import.meta.url), "utf8")) as {
  cases: Case[];
};

function readProof(root: Hex, key: Hex, proof: readonly Hex[]): TrieRead {
  const nodes = proofNodes(proof.map((node) => getBytes(node)));
  const read = readTrie(getBytes(root), getBytes(key), nodes);
  return read.ok ? (nodes.leftOver() ?? read) : read;
}

function outcome(read: TrieRead): string | null {
  if (!read.ok) return read.code;
  return read.value ? hexlify(read.value) : null;
}

/** A one-node trie whose root node has these items. */
function rootOf(node: unknown): { root: Hex; proof: Hex[] } {
  const encoded = encodeRlp(node as never) as Hex;
  return { root: keccak256(encoded) as Hex, proof: [encoded] };
}

describe("A Merkle-Patricia trie", () => {
  for (const { name, root, entries, reads } of vectors.cases) {
    it(`of an independent implementation is read: ${name}`, () => {
      for (const { key, value, proof } of reads) expect(outcome(readProof(root, key, proof))).to.equal(value);
    });

    it(`is built with the same root and the same proofs: ${name}`, () => {
      const trie = buildTrie(entries.map(([key, value]) => ({ key: getBytes(key), value: getBytes(value) })));
      expect(trie.root).to.equal(root);
      for (const { key, proof } of reads) expect(trie.prove(getBytes(key))).to.deep.equal(proof);
    });
  }

  it("of any entries reads back each entry, and nothing under other keys", () => {
    const word = fc.uint8Array({ minLength: 4, maxLength: 4 });
    const pairs = fc.uniqueArray(fc.tuple(word, fc.uint8Array({ minLength: 1, maxLength: 50 })), {
      selector: ([key]) => hexlify(key),
      maxLength: 40,
    });
    fc.assert(
      fc.property(pairs, word, (entries, other) => {
        const trie = buildTrie(entries.map(([key, value]) => ({ key, value })));
        const wanted = new Map(entries.map(([key, value]) => [hexlify(key), hexlify(value)]));
        for (const key of [...entries.map(([entryKey]) => entryKey), other]) {
          const read = readProof(trie.root, hexlify(key) as Hex, trie.prove(key));
          expect(outcome(read)).to.equal(wanted.get(hexlify(key)) ?? null);
        }
      }),
    );
  });
});

describe("A trie proof is refused", () => {
  const { root, reads } = vectors.cases.find(({ name }) => name === "200 state keys")!;
  const { key, proof } = reads[0]!;

  it("when it is cut short", () => {
    for (let kept = 0; kept < proof.length; kept++) {
      expect(outcome(readProof(root, key, proof.slice(0, kept)))).to.equal("TRIE_PROOF_TRUNCATED");
    }
  });

  it("when it has more nodes than needed, genuine ones included", () => {
    for (const surplus of [proof[0]!, proof.at(-1)!, reads[1]!.proof.at(-1)!, "0x80" as Hex]) {
      expect(outcome(readProof(root, key, [...proof, surplus]))).to.equal("TRIE_PROOF_OVERLONG");
    }
    expect(outcome(readProof(EMPTY_TRIE_ROOT, key, ["0x80"]))).to.equal("TRIE_PROOF_OVERLONG");
  });

  it("when its nodes are in another order", () => {
    expect(outcome(readProof(root, key, [...proof].reverse()))).to.equal("TRIE_HASH_MISMATCH");
    expect(outcome(readProof(root, key, [proof[0]!, ...proof]))).to.equal("TRIE_HASH_MISMATCH");
  });

  it("when it is the proof of another key or of another trie", () => {
    const other = reads.find((read) => read.proof[1] !== proof[1])!;
    expect(outcome(readProof(root, other.key, proof))).to.be.oneOf(["TRIE_HASH_MISMATCH", "TRIE_PROOF_TRUNCATED"]);
    expect(outcome(readProof(keccak256("0x") as Hex, key, proof))).to.equal("TRIE_HASH_MISMATCH");
  });

  it("with any one bit flipped", () => {
    fc.assert(
      fc.property(fc.nat(proof.length - 1), fc.nat(), (which, at) => {
        const node = getBytes(proof[which]!);
        const bit = at % (node.length * 8);
        node[bit >> 3]! ^= 1 << (bit & 7);
        const altered = proof.map((hex, i) => (i === which ? (hexlify(node) as Hex) : hex));
        expect(outcome(readProof(root, key, altered))).to.equal("TRIE_HASH_MISMATCH");
      }),
    );
  });
});

describe("A trie node is refused though its hash is right", () => {
  const leafValue = new Uint8Array(40).fill(7);
  const hash = new Uint8Array(32).fill(9);
  const branch = (changes: Record<number, unknown>) => Array.from({ length: 17 }, (_, i) => changes[i] ?? "0x");
  const malformed: Record<string, [node: unknown, key: Hex]> = {
    "three items": [["0x20", leafValue, leafValue], "0x"],
    "eighteen items": [[...branch({}), "0x"], "0x12"],
    "no list": [leafValue, "0x12"],
    "an empty path": [["0x", leafValue], "0x12"],
    "a path that is a list": [[["0x20"], leafValue], "0x12"],
    "an unknown flag": [["0x40", leafValue], "0x12"],
    "padding that is not zero": [["0x21", leafValue], "0x12"],
    "an extension over nothing": [["0x00", hash], "0x12"],
    "a leaf without a value": [["0x2012", "0x"], "0x12"],
    "a leaf whose value is a list": [["0x2012", [leafValue]], "0x12"],
    "a child of 31 bytes": [branch({ 1: hash.subarray(1) }), "0x12"],
    "a child of 33 bytes": [branch({ 1: Uint8Array.of(...hash, 1) }), "0x12"],
    "a child that should have been hashed": [branch({ 1: ["0x32", leafValue] }), "0x12"],
    "a branch value that is a list": [branch({ 16: ["0x01"] }), "0x"],
    "an extension to nothing": [["0x0012", "0x"], "0x1234"],
  };
  for (const [what, [node, key]] of Object.entries(malformed)) {
    it(what, () => {
      const { root, proof } = rootOf(node);
      expect(outcome(readProof(root, key, proof))).to.equal("TRIE_NODE_MALFORMED");
    });
  }

  it("when a node short enough to lie in its parent is referred to by its hash", () => {
    const child = encodeRlp(["0x32", "0x01"]);
    const { root, proof } = rootOf(branch({ 1: keccak256(child) }));
    expect(outcome(readProof(root, "0x12", [...proof, child as Hex]))).to.equal("TRIE_NODE_MALFORMED");
  });

  it("when it is not canonical RLP", () => {
    const sloppy = "0xf7" + "8120".padEnd(110, "0");
    expect(outcome(readProof(keccak256(sloppy) as Hex, "0x12", [sloppy as Hex]))).to.equal("TRIE_NODE_MALFORMED");
  });
});

describe("The nodes of several reads", () => {
  const { root, reads } = vectors.cases.find(({ name }) => name === "60 words of storage")!;
  const shared = [...new Set(reads.flatMap(({ proof }) => proof))].map((node) => getBytes(node));

  function readAll(nodes: readonly Uint8Array[]): string | null {
    const source = proofNodes(nodes);
    for (const { key } of reads) {
      const read = readTrie(getBytes(root), getBytes(key), source);
      if (!read.ok) return read.code;
    }
    return source.leftOver()?.code ?? null;
  }

  it("are each given once, in the order of first use", () => {
    expect(readAll(shared)).to.equal(null);
    expect(shared.length).to.be.lessThan(reads.flatMap(({ proof }) => proof).length);
  });

  it("are refused in another order, with one twice, and with one missing or surplus", () => {
    expect(readAll([shared[0]!, shared[2]!, shared[1]!, ...shared.slice(3)])).to.equal("TRIE_HASH_MISMATCH");
    expect(readAll([shared[0]!, ...shared])).to.equal("TRIE_HASH_MISMATCH");
    expect(readAll(shared.slice(0, -1))).to.equal("TRIE_PROOF_TRUNCATED");
    expect(readAll([...shared, shared[0]!])).to.equal("TRIE_PROOF_OVERLONG");
  });
});
