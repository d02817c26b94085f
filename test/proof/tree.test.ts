import { expect } from "chai";
import fc from "fast-check";
import { SimpleMerkleTree } from "@openzeppelin/merkle-tree";
import { concat, keccak256, zeroPadValue, toBeHex, ZeroHash } from "ethers";
import { bucketOf, entriesHash, foldHead, merkleRoot, merkleTree, type Entry, type Hex } from "@quanlian/proof";
import { isPathLength } from "../../proof/src/tree.ts";

const hash = fc
  .uint8Array({ minLength: 32, maxLength: 32 })
  .map((bytes): Hex => `0x${Buffer.from(bytes).toString("hex")}`);
const hashes = fc.array(hash, { minLength: 1, maxLength: 70 });
const entries = fc.array(fc.record({ streamKey: hash, recordHash: hash }), { maxLength: 30 });

describe("a batch's tree", () => {
  it("is OpenZeppelin's SimpleMerkleTree over the hashed record hashes", () => {
    fc.assert(
      fc.property(hashes, (list) => {
        const theirs = SimpleMerkleTree.of(
          list.map((each) => keccak256(each)),
          { sortLeaves: false },
        );
        const ours = merkleTree(list);
        expect(ours.root).to.equal(theirs.root);
        for (const i of list.keys()) expect(ours.path(i)).to.deep.equal(theirs.getProof(i));
      }),
    );
  });

  it("leads from each record to the root, by a path of a length that its count allows", () => {
    fc.assert(
      fc.property(hashes, (list) => {
        const { root, path } = merkleTree(list);
        for (const [i, each] of list.entries()) {
          expect(merkleRoot(each, path(i))).to.equal(root);
          expect(isPathLength(path(i).length, list.length)).to.equal(true);
        }
      }),
    );
    for (const [length, count] of [
      [0, 2],
      [2, 2],
      [1, 4],
      [3, 4],
      [1, 5],
      [4, 5],
      [32, 1],
      [-1, 1],
    ] as const)
      expect(isPathLength(length, count), `${length} of ${count}`).to.equal(false);
  });

  it("does not lead there from another record, by another path, or from an inner node", () => {
    fc.assert(
      fc.property(fc.uniqueArray(hash, { minLength: 3, maxLength: 20 }), fc.nat(), (list, pick) => {
        const { root, path } = merkleTree(list);
        const i = pick % list.length;
        const other = (i + 1) % list.length;
        expect(merkleRoot(list[other]!, path(i))).not.to.equal(root);
        expect(merkleRoot(list[i]!, path(i).slice(1))).not.to.equal(root);
        expect(merkleRoot(list[i]!, [...path(i), root])).not.to.equal(root);
        expect(merkleRoot(path(i)[0]!, path(i).slice(1))).not.to.equal(root);
      }),
    );
  });

  it("takes the host's keccak, if it has a faster one", () => {
    const list = [1, 2, 3].map((n) => zeroPadValue(toBeHex(n), 32) as Hex);
    const slow = (bytes: Uint8Array) => Buffer.from(keccak256(bytes).slice(2), "hex");
    expect(merkleTree(list, slow).root).to.equal(merkleTree(list).root);
  });

  it("has no empty batch and no positions beyond the batch", () => {
    expect(() => merkleTree([])).to.throw(TypeError);
    const { path } = merkleTree([ZeroHash as Hex, ZeroHash as Hex]);
    for (const i of [-1, 2, 0.5, NaN]) expect(() => path(i), String(i)).to.throw(RangeError);
  });
});

describe("a head", () => {
  const fold = (list: readonly Entry[], from: string) =>
    list.reduce((head, { streamKey, recordHash }) => keccak256(concat([head, streamKey, recordHash])), from);

  it("folds its entries in order, from nothing or from an earlier head", () => {
    fc.assert(
      fc.property(entries, entries, (before, after) => {
        expect(foldHead(before)).to.equal(fold(before, ZeroHash));
        expect(foldHead(after, foldHead(before))).to.equal(foldHead([...before, ...after]));
      }),
    );
  });

  it("changes when an entry is dropped, repeated or moved", () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.record({ streamKey: hash, recordHash: hash }), {
          minLength: 2,
          maxLength: 8,
          selector: ({ recordHash }) => recordHash,
        }),
        fc.nat(),
        (list, pick) => {
          const i = pick % list.length;
          const spoilt = [list.toSpliced(i, 1), list.toSpliced(i, 0, list[i]!), [...list.slice(1), list[0]!]];
          for (const each of spoilt) expect(foldHead(each)).not.to.equal(foldHead(list));
        },
      ),
    );
  });

  it("hashes all entries of a batch at once for the department's signature", () => {
    fc.assert(
      fc.property(entries, (list) => {
        expect(entriesHash(list)).to.equal(
          keccak256(concat(list.flatMap(({ streamKey, recordHash }) => [streamKey, recordHash]))),
        );
      }),
    );
  });

  it("belongs to the bucket of the first bits", () => {
    fc.assert(
      fc.property(hash, fc.integer({ min: 0, max: 256 }), (key, prefixBits) => {
        const bits = BigInt(key).toString(2).padStart(256, "0");
        expect(bucketOf(key, prefixBits)).to.equal(BigInt(`0b${bits.slice(0, prefixBits) || "0"}`));
      }),
    );
  });
});
