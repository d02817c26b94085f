import { expect } from "chai";
import { merkleTree, type Hex } from "@quanlian/proof";
import { COMMITTED } from "../../scripts/deploy.ts";
import {
  anchor,
  batch,
  COURT,
  deployLedger,
  entriesHash,
  entry,
  fields,
  HOUSING,
  inDifferentBuckets,
  KIND,
  MARKET,
  networkHelpers,
  onlyRecordOf,
  REASON,
  send,
  signBatch,
  startNetwork,
  supersede,
  ZERO_HASH,
} from "./network.ts";

async function network() {
  return startNetwork();
}

/** Two records of the housing department and one of the court, each in a batch of its own. */
async function threeRecords() {
  const net = await startNetwork();
  const first = batch();
  const second = batch({ sequence: 2, entries: [entry("second")] });
  const ruling = batch({ department: COURT, entries: [entry("ruling")] });
  await anchor(net.ledger, net.housing, first);
  await anchor(net.ledger, net.housing, second);
  await anchor(net.ledger, net.court, ruling);
  return { ...net, first: onlyRecordOf(first), second: onlyRecordOf(second), ruling: onlyRecordOf(ruling) };
}

const hashes = (b: { entries: { recordHash: string }[] }) => b.entries.map((e) => e.recordHash as Hex);

describe("AuditLedger", () => {
  describe("construction", () => {
    it("takes prefixBits from 0 to 256", async () => {
      const { registry, ledger } = await startNetwork();
      for (const bits of [0, 256]) expect(await (await deployLedger(registry, bits)).prefixBits()).to.equal(bits);
      await expect(deployLedger(registry, 257))
        .to.be.revertedWithCustomError(ledger, "AuditLedgerPrefixBitsOutOfRange")
        .withArgs(257);
    });
  });

  describe("anchor", () => {
    it("takes a signed batch from whoever relays it, and announces it", async () => {
      const { ledger, housing, people } = await networkHelpers.loadFixture(network);
      const b = batch({ entries: [entry("a"), entry("b"), entry("c")] });
      const { root } = merkleTree(hashes(b));
      const signature = await signBatch(housing, ledger, b);
      await expect(send(ledger.connect(people.guardian), b, signature))
        .to.emit(ledger, "BatchAnchored")
        .withArgs(HOUSING, 1, KIND.ENFORCEMENT, 2026, 3, root, entriesHash(b.entries));
    });

    it("keeps root, kind, year, count and block time for ever", async () => {
      const { ledger, housing } = await networkHelpers.loadFixture(network);
      const b = batch({ kind: KIND.CREDIT, year: 2024, entries: [entry("a"), entry("b")] });
      await anchor(ledger, housing, b);
      const kept = await ledger.batchOf(HOUSING, 1);
      expect(fields(kept)).to.deep.equal({
        root: merkleTree(hashes(b)).root,
        kind: 5n,
        year: 2024n,
        count: 2n,
        anchoredAt: BigInt(await networkHelpers.time.latest()),
      });
    });

    it("counts each department's batches by themselves, from 1", async () => {
      const { ledger, housing, market } = await networkHelpers.loadFixture(network);
      await anchor(ledger, housing, batch());
      await anchor(ledger, housing, batch({ sequence: 2, entries: [entry("second")] }));
      await anchor(ledger, market, batch({ department: MARKET }));
      expect(await ledger.nextSequence(HOUSING)).to.equal(3);
      expect(await ledger.nextSequence(MARKET)).to.equal(2);
      expect(await ledger.nextSequence(COURT)).to.equal(1);
    });

    it("keeps the heads of kinds, years and buckets apart", async () => {
      const { ledger, housing } = await networkHelpers.loadFixture(network);
      const e = entry("a");
      const bucket = BigInt(e.streamKey) >> 240n;
      await anchor(ledger, housing, batch({ entries: [e] }));
      expect(await ledger.headOf(KIND.ENFORCEMENT, 2026, bucket)).not.to.equal(ZERO_HASH);
      expect(await ledger.headOf(KIND.CREDIT, 2026, bucket)).to.equal(ZERO_HASH);
      expect(await ledger.headOf(KIND.ENFORCEMENT, 2025, bucket)).to.equal(ZERO_HASH);
      expect(await ledger.headOf(KIND.ENFORCEMENT, 2026, bucket ^ 1n)).to.equal(ZERO_HASH);
    });

    it("takes a batch at its ceiling with all buckets new, below the 2^24 gas and the 128 KiB that networks allow", async () => {
      const { ledger, housing } = await startNetwork(16, COMMITTED);
      expect(await ledger.maxEntries()).to.equal(560);
      const entries = inDifferentBuckets(560);
      const sent = await anchor(ledger, housing, batch({ entries }));
      expect(Number((await sent.wait())!.gasUsed)).to.be.below(2 ** 24);
      expect(sent.data.length / 2).to.be.below(128 * 1024);
    });

    it("takes a record of the new year from midnight in Beijing on", async () => {
      const { ledger, housing } = await networkHelpers.loadFixture(network);
      const year = new Date((await networkHelpers.time.latest()) * 1000).getUTCFullYear() + 1;
      const midnight = Date.parse(`${year}-01-01T00:00:00+08:00`) / 1000;
      const b = batch({ year });
      await networkHelpers.time.setNextBlockTimestamp(midnight - 1);
      await expect(anchor(ledger, housing, b))
        .to.be.revertedWithCustomError(ledger, "AuditLedgerYearInFuture")
        .withArgs(year, midnight - 1);
      await networkHelpers.time.setNextBlockTimestamp(midnight);
      await anchor(ledger, housing, b);
    });

    it("takes a record of an old year, visibly late", async () => {
      const { ledger, housing } = await networkHelpers.loadFixture(network);
      await anchor(ledger, housing, batch({ year: 1949 }));
      expect((await ledger.batchOf(HOUSING, 1)).year).to.equal(1949);
    });

    it("proves which records a batch holds, and no others", async () => {
      const { ledger, housing } = await networkHelpers.loadFixture(network);
      const b = batch({ entries: [entry("a"), entry("b"), entry("c"), entry("d"), entry("e")] });
      const tree = merkleTree(hashes(b));
      await anchor(ledger, housing, b);
      for (const [i, hash] of hashes(b).entries()) {
        expect(await ledger.verifyInclusion(HOUSING, 1, hash, tree.path(i))).to.equal(true);
        expect(await ledger.verifyInclusion(HOUSING, 1, hash, tree.path((i + 1) % 5))).to.equal(false);
        expect(await ledger.verifyInclusion(HOUSING, 2, hash, tree.path(i))).to.equal(false);
        expect(await ledger.verifyInclusion(COURT, 1, hash, tree.path(i))).to.equal(false);
      }
    });

    it("knows nothing of a batch that was not anchored", async () => {
      const { ledger } = await networkHelpers.loadFixture(network);
      expect((await ledger.batchOf(HOUSING, 1)).root).to.equal(ZERO_HASH);
      expect(await ledger.verifyInclusion(HOUSING, 1, ZERO_HASH, [])).to.equal(false);
    });
  });

  describe("supersede", () => {
    for (const [name, reason] of Object.entries(REASON)) {
      it(`keeps a supersession for ${name.toLowerCase()} by the department itself for ever`, async () => {
        const { ledger, housing, first, second } = await networkHelpers.loadFixture(threeRecords);
        await expect(supersede(ledger, housing, first, second, reason))
          .to.emit(ledger, "RecordSuperseded")
          .withArgs(HOUSING, first.recordHash, second.recordHash, HOUSING, reason);
        expect(fields(await ledger.supersessionOf(HOUSING, first.recordHash))).to.deep.equal({
          successor: second.recordHash,
          by: HOUSING,
          reason: BigInt(reason),
          supersededAt: BigInt(await networkHelpers.time.latest()),
        });
      });
    }

    it("lets a department with REVIEW annul another's record by a ruling of its own", async () => {
      const { ledger, court, first, ruling } = await networkHelpers.loadFixture(threeRecords);
      await supersede(ledger, court, first, ruling, REASON.ANNULMENT);
      expect((await ledger.supersessionOf(HOUSING, first.recordHash)).by).to.equal(COURT);
    });

    it("leaves the record anchored and its heads as they were", async () => {
      const { ledger, housing, first, second } = await networkHelpers.loadFixture(threeRecords);
      const bucket = BigInt(entry("first").streamKey) >> 240n;
      const head = await ledger.headOf(KIND.ENFORCEMENT, 2026, bucket);
      await supersede(ledger, housing, first, second);
      expect(await ledger.headOf(KIND.ENFORCEMENT, 2026, bucket)).to.equal(head);
      expect(await ledger.verifyInclusion(HOUSING, 1, first.recordHash, [])).to.equal(true);
    });

    it("lets a successor be superseded in its turn", async () => {
      const { ledger, housing, court, first, second, ruling } = await networkHelpers.loadFixture(threeRecords);
      await supersede(ledger, housing, first, second);
      await supersede(ledger, court, second, ruling, REASON.ANNULMENT);
      expect((await ledger.supersessionOf(HOUSING, second.recordHash)).successor).to.equal(ruling.recordHash);
    });

    it("takes one successor for several records", async () => {
      const { ledger, court, first, second, ruling } = await networkHelpers.loadFixture(threeRecords);
      await supersede(ledger, court, first, ruling, REASON.ANNULMENT);
      await supersede(ledger, court, second, ruling, REASON.ANNULMENT);
      expect((await ledger.supersessionOf(HOUSING, second.recordHash)).successor).to.equal(ruling.recordHash);
    });

    it("takes records out of larger batches by their paths", async () => {
      const { ledger, housing } = await networkHelpers.loadFixture(network);
      const b = batch({ entries: [entry("a"), entry("b"), entry("c")] });
      const tree = merkleTree(hashes(b));
      await anchor(ledger, housing, b);
      const record = (i: number) => ({ ...onlyRecordOf(b), recordHash: hashes(b)[i]!, path: tree.path(i) });
      await supersede(ledger, housing, record(2), record(0));
      expect((await ledger.supersessionOf(HOUSING, hashes(b)[2]!)).successor).to.equal(hashes(b)[0]);
    });
  });
});
