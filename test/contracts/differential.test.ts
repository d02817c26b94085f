import { expect } from "chai";
import { SimpleMerkleTree } from "@openzeppelin/merkle-tree";
import { hexlify, keccak256, type Signer } from "ethers";
import fc from "fast-check";
import { bucketOf, entriesHash, foldHead, merkleTree, type Entry, type Hex } from "@quanlian/proof";
import type { AuditLedger } from "../../backend/src/chain/contracts/index.ts";
import { anchor, batch, deployLedger, HOUSING, networkHelpers, startNetwork } from "./network.ts";

const PREFIX_BITS = [0, 1, 8, 16, 20, 255, 256];
const RUNS = { seed: 20261122, numRuns: 40 };

async function ledgers() {
  const net = await startNetwork();
  const list = await Promise.all(
    PREFIX_BITS.map(async (bits) => ({ bits, ledger: await deployLedger(net.registry, bits) })),
  );
  return { ...net, ledgers: list };
}

const word = fc.uint8Array({ minLength: 32, maxLength: 32 }).map((bytes) => hexlify(bytes) as Hex);

/** Few streams, so that pairs meet in a bucket. */
const entries = (minLength: number, maxLength: number) =>
  fc.array(word, { minLength: 1, maxLength: 12 }).chain((streams) =>
    fc.array(fc.record({ streamKey: fc.constantFrom(...streams), recordHash: word }), {
      minLength,
      maxLength,
      size: "max",
    }),
  );

/** Anchors the pairs after whatever the ledger holds already, and compares all that it made of them. */
async function compare(ledger: AuditLedger, bits: number, signer: Signer, pairs: Entry[]): Promise<void> {
  const sequence = Number(await ledger.nextSequence(HOUSING));
  const buckets = [...new Set(pairs.map(({ streamKey }) => bucketOf(streamKey, bits)))];
  const heads = await Promise.all(buckets.map((bucket) => ledger.headOf(4, 2026, bucket)));
  const sent = await anchor(ledger, signer, batch({ sequence, entries: pairs }));
  const [log] = (await sent.wait())!.logs;
  const { root, entriesHash: hash } = ledger.interface.parseLog(log!)!.args.toObject() as Record<string, string>;

  const hashes = pairs.map(({ recordHash }) => recordHash);
  const tree = merkleTree(hashes);
  const oracle = SimpleMerkleTree.of(
    hashes.map((recordHash) => keccak256(recordHash)),
    { sortLeaves: false },
  );
  expect(root).to.equal(tree.root).and.to.equal(oracle.root);
  expect(hash).to.equal(entriesHash(pairs));
  for (const [i, bucket] of buckets.entries()) {
    const own = pairs.filter(({ streamKey }) => bucketOf(streamKey, bits) === bucket);
    expect(await ledger.headOf(4, 2026, bucket)).to.equal(foldHead(own, heads[i] as Hex));
  }
  const last = pairs.length - 1;
  expect(tree.path(last)).to.deep.equal(oracle.getProof(last));
  expect(await ledger.verifyInclusion(HOUSING, sequence, hashes[last]!, tree.path(last))).to.equal(true);
}

describe("The ledger, the proof library and OpenZeppelin's tree make the same of any batch", () => {
  for (const [i, bits] of PREFIX_BITS.entries()) {
    it(`for prefixBits ${bits}, in small batches after one another`, async () => {
      const { ledgers: list, housing } = await networkHelpers.loadFixture(ledgers);
      const { ledger } = list[i]!;
      await fc.assert(
        fc.asyncProperty(entries(1, 12), (pairs) => compare(ledger, bits, housing, pairs)),
        RUNS,
      );
    });
  }

  it("for every size from 1 to 40", async () => {
    const { ledgers: list, housing } = await networkHelpers.loadFixture(ledgers);
    const { ledger, bits } = list[2]!;
    for (const [pairs] of fc.sample(fc.tuple(entries(40, 40)), { seed: RUNS.seed, numRuns: 1 })) {
      for (let size = 1; size <= 40; ++size) await compare(ledger, bits, housing, pairs.slice(0, size));
    }
  });

  it("for large batches up to the ceiling", async () => {
    const { ledgers: list, housing } = await networkHelpers.loadFixture(ledgers);
    const { ledger, bits } = list[3]!;
    const ceiling = Number(await ledger.maxEntries());
    for (const size of [255, 256, 257, 511, 512, 513, ceiling - 1, ceiling]) {
      const [pairs] = fc.sample(entries(size, size), { seed: RUNS.seed + size, numRuns: 1 });
      await compare(ledger, bits, housing, pairs!);
    }
  });

  it("for records that are all the same, and streams that are all the same", async () => {
    const { ledgers: list, housing } = await networkHelpers.loadFixture(ledgers);
    const pair = { streamKey: `0x${"ab".repeat(32)}`, recordHash: `0x${"cd".repeat(32)}` } as const;
    for (const { ledger, bits } of list) await compare(ledger, bits, housing, Array(9).fill(pair) as Entry[]);
  });
});
