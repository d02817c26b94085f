import { readFileSync } from "node:fs";
import { expect } from "chai";
import { getBytes, id, keccak256, toBeHex } from "ethers";
import fc from "fast-check";
import { buildTrie } from "../../proof/src/finality/build-trie.ts";
import { REALISTIC, seeded, simulateBuckets, type Skew } from "../../scripts/simulate/buckets.ts";
import { PARAMETERS, valuesWith } from "../../scripts/simulate/parameters.ts";
import { pathBytes, planFor } from "../../scripts/simulate/plan.ts";
import { REGIONS, type KindLoad, type Region } from "../../scripts/simulate/regions.ts";
import { parameterTable } from "../../scripts/simulate/report.ts";

const load: KindLoad = { kind: "ENFORCEMENT", records: 50_000, meanPerStream: 1.8 };
const county: Region = {
  name: "county",
  ledgers: 1,
  kinds: [load, { ...load, kind: "CREDIT", records: 500 }],
  verifications: 1000,
  validators: 4,
  prefixBits: 8,
};

describe("The simulation of buckets", () => {
  it("uses up exactly the year's records, and is repeatable", () => {
    fc.assert(
      fc.property(fc.nat(100_000), fc.nat(16), fc.nat(), (records, bits, seed) => {
        const run = () => simulateBuckets({ ...load, records }, bits, REALISTIC, seeded(seed));
        const sizes = run();
        expect(sizes.records).to.equal(records);
        expect(sizes.mean * 2 ** bits).to.be.closeTo(records, 1e-6);
        expect(sizes.seen.p50).to.be.at.most(sizes.seen.p90);
        expect(sizes.seen.p90).to.be.at.most(sizes.seen.p99);
        expect(sizes.seen.p99).to.be.at.most(sizes.seen.p999);
        expect(sizes.seen.p999).to.be.at.most(sizes.largest);
        expect(sizes.used).to.be.at.most(2 ** bits);
        expect(run()).to.deep.equal(sizes);
      }),
      { numRuns: 30 },
    );
  });

  it("draws streams of the wanted mean length, with a tail that an average would hide", () => {
    for (const meanPerStream of [1.3, 1.8, 3]) {
      const sizes = simulateBuckets({ ...load, records: 2_000_000, meanPerStream }, 12, REALISTIC, seeded(7));
      expect(sizes.records / sizes.streams).to.be.closeTo(meanPerStream, 0.1 * meanPerStream);
      expect(sizes.longestStream).to.be.greaterThan(500);
      expect(sizes.seen.p999).to.be.greaterThan(1.5 * sizes.mean);
    }
  });

  it("is close to Poisson when every stream has one record", () => {
    const single: Skew = { exponent: 1.5, longest: 1 };
    const sizes = simulateBuckets({ ...load, records: 1_000_000, meanPerStream: 1 }, 14, single, seeded(3));
    expect(sizes.streams).to.equal(1_000_000);
    // Seen by a member, a Poisson bucket holds mean + 1 pairs with deviation √mean.
    const [mean, deviation] = [1_000_000 / 2 ** 14, Math.sqrt(1_000_000 / 2 ** 14)];
    expect(sizes.seen.p50).to.be.closeTo(mean + 1, 1.5);
    expect(sizes.seen.p99).to.be.closeTo(mean + 1 + 2.33 * deviation, 2);
  });

  it("puts everybody into one bucket without a prefix, and nobody together with a long one", () => {
    expect(simulateBuckets(load, 0, REALISTIC, seeded(1)).seen.p50).to.equal(load.records);
    expect(simulateBuckets(load, 24, REALISTIC, seeded(1)).seen.p50).to.equal(1);
  });
});

describe("The bytes of paths in a trie", () => {
  it("agrees with a real trie", () => {
    const slots = Array.from({ length: 20_000 }, (_, i) => getBytes(keccak256(toBeHex(i, 32))));
    const trie = buildTrie(slots.map((key) => ({ key, value: getBytes(id("head")) })));
    for (const keys of [1, 15, 200]) {
      const bytes = new Set(slots.slice(0, keys).flatMap((key) => trie.prove(key)));
      const real = [...bytes].reduce((sum, node) => sum + node.length / 2 - 1, 0);
      expect(pathBytes(keys, slots.length), String(keys)).to.be.closeTo(real, 0.1 * real);
    }
  });
});

describe("The capacity plan", () => {
  const values = valuesWith([]);

  it("grows with the records and shrinks with slower blocks, as the arithmetic says", () => {
    const once = planFor(county, values, 1);
    const twice = planFor(
      { ...county, kinds: county.kinds.map((kind) => ({ ...kind, records: 2 * kind.records })) },
      values,
      1,
    );
    expect(twice.recordsPerYear).to.equal(2 * once.recordsPerYear);
    expect(twice.databaseBytesPerYear).to.equal(2 * once.databaseBytesPerYear);
    expect(twice.peakPerSecond).to.be.closeTo(2 * once.peakPerSecond, 1e-9);
    const slow = planFor(county, valuesWith(["blockSeconds=5"]), 1);
    expect(slow.idleBytesPerYear).to.be.closeTo(once.idleBytesPerYear / 5, 1);
    expect(slow.gasLimitPerSecond).to.be.closeTo(once.gasLimitPerSecond / 5, 1e-6);
  });

  it("trades slots for certificate size with the prefix", () => {
    const plans = [4, 8, 12].map((prefixBits) => planFor({ ...county, prefixBits }, values, 1));
    for (const [few, more] of [plans.slice(0, 2), plans.slice(1, 3)]) {
      expect(more!.newSlots).to.be.greaterThan(few!.newSlots);
      expect(more!.gasPerRecord).to.be.greaterThan(few!.gasPerRecord);
      expect(more!.certificates.allKinds.usual).to.be.lessThan(few!.certificates.allKinds.usual);
    }
    for (const { certificates } of plans) {
      expect(certificates.cleanRecord.usual).to.be.at.most(certificates.cleanRecord.p99);
    }
  });

  it("stays between the gas of an existing and of a new slot, and between the measured speeds", () => {
    const { gasPerRecord, enginePerSecond } = planFor(county, values, 1);
    expect(gasPerRecord).to.be.within(values.gasPerRecordExisting, values.gasPerRecordNew);
    expect(enginePerSecond).to.be.within(values.engineRecordsPerSecondNew, values.engineRecordsPerSecondExisting);
  });

  it("covers the nation by its provinces", () => {
    const { nation, city } = REGIONS as { nation: Region; city: Region };
    const records = (region: Region) => region.kinds.reduce((sum, kind) => sum + kind.records, 0);
    expect(records(city)).to.equal(30_000_000);
    expect((nation.ledgers * records(nation)) / records(city)).to.be.closeTo(1410 / 21.83, 0.1);
    expect(nation.ledgers * nation.verifications).to.be.closeTo(17_000_000, 32);
  });
});

describe("The parameters", () => {
  it("can be replaced, and nothing else can", () => {
    expect(valuesWith(["blockSeconds=2", "workingDays=240"])).to.include({ blockSeconds: 2, workingDays: 240 });
    for (const wrong of [
      "nonsense=1",
      "blockSeconds",
      "blockSeconds=",
      "blockSeconds=-1",
      "blockSeconds=x",
      "__proto__=1",
    ]) {
      expect(() => valuesWith([wrong])).to.throw(RangeError);
    }
  });

  it("say where they come from, and which are not measured", () => {
    for (const [name, { kind, source }] of Object.entries(PARAMETERS)) {
      expect(kind, name).to.be.oneOf(["measured", "derived", "statistics", "assumed"]);
      expect(source, name).to.not.equal("");
    }
  });

  it("stand in docs/capacity.md as they are", () => {
    const page = readFileSync(new URL("../../docs/capacity.md", import.meta.url), "utf8");
    expect(page).to.contain(parameterTable(valuesWith([])));
  });
});
