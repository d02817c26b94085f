import { expect } from "chai";
import fc from "fast-check";
import {
  buildCertificate,
  bundleReceipts,
  unbundleReceipts,
  verify,
  type Certificate,
  type CertificateDraft,
  type Hex,
  type Kind,
  type TrustList,
  type Verdict,
} from "@quanlian/proof";
import { nodeEs256 } from "../../proof/cli/node-es256.ts";
import { readRecordedChain } from "../../proof/cli/recorded-chain.ts";
import { ENTERPRISE, MUNICIPAL, OTHER_ENTERPRISE, World, type Issued } from "../../proof/testing/world.ts";

const PERIOD = { from: "2025-01-01", to: "2026-06-30" };
const TYPES = { 3: "supervision.inspection/1", 4: "enforcement.penalty/1", 5: "credit.listing/1" } as const;

/** One act: of which kind and year, about whom, and what became of it. */
const act = fc.record({
  kind: fc.constantFrom<keyof typeof TYPES>(3, 4, 5),
  year: fc.constantFrom(2025, 2026),
  ours: fc.boolean(),
  repaired: fc.boolean(),
});
const acts = fc.array(act, { minLength: 1, maxLength: 12 });
type Act = typeof act extends fc.Arbitrary<infer T> ? T : never;

function play(list: readonly Act[], prefixBits: number) {
  const world = new World("certificate-test", { prefixBits });
  const department = world.addDepartment(MUNICIPAL, [3, 4, 5]);
  const repair = world.issue(department, {
    type: "credit.repair/1",
    eventTime: "2026-06-01",
    subject: OTHER_ENTERPRISE,
  });
  world.anchor([repair], 5);
  const records = list.map(({ kind, year, ours, repaired }) => {
    const subject = ours ? ENTERPRISE : OTHER_ENTERPRISE;
    const record = world.issue(department, { type: TYPES[kind], eventTime: `${year}-02-0${1 + (kind % 3)}`, subject });
    world.anchor([record], kind);
    if (repaired) world.supersede(record, repair, 3);
    return { record, kind, year, ours, repaired };
  });
  world.mine();
  return { world, records };
}

function draft(changes: Partial<CertificateDraft> = {}): CertificateDraft {
  return {
    purpose: "history",
    subject: ENTERPRISE,
    kinds: [3, 4, 5],
    scope: null,
    period: PERIOD,
    issuedAt: 0,
    ...changes,
  };
}

function check(worlds: readonly World[], document: unknown): Promise<Verdict> {
  const trust: TrustList = { ...worlds[0]!.trust, chains: worlds.map(({ trusted }) => trusted) };
  const readers = new Map(worlds.map((world) => [world.trusted.chainId, readRecordedChain(world.recorded())]));
  const now = Math.max(...worlds.map((world) => world.now));
  return verify(JSON.stringify(document), {
    trust,
    chain: ({ chainId }) => readers.get(chainId),
    now,
    suites: [nodeEs256],
  });
}

function outcome({ verdict, steps }: Verdict): string {
  const step = steps.find(({ outcome: o }) => o === "failed") ?? steps.find(({ outcome: o }) => o === "unknown");
  return step ? `${verdict}: ${step.step} ${step.code}` : verdict;
}

describe("a certificate", () => {
  it("of a history is valid for whatever happened, and counts right", async () => {
    await fc.assert(
      fc.asyncProperty(acts, fc.constantFrom(0, 1, 8), async (list, prefixBits) => {
        const { world, records } = play(list, prefixBits);
        const ours = records.filter((record) => record.ours);
        const shown = ours.filter((_, i) => i % 2 === 0).map(({ record }) => world.batched(record));
        const verdict = await check([world], await buildCertificate(draft(), [world.source(shown)]));
        expect(outcome(verdict)).to.equal("valid");
        expect(verdict.steps.at(-1)!.evidence).to.deep.equal({
          records: ours.length,
          shown: shown.length,
          withheld: ours.length - shown.length,
          superseded: ours.filter(({ repaired }, i) => repaired && i % 2 === 0).length,
        });
      }),
      { numRuns: 25 },
    );
  });

  it("of a clean record is valid exactly when nothing stands", async () => {
    await fc.assert(
      fc.asyncProperty(acts, fc.subarray<Kind>([4, 5], { minLength: 1 }), async (list, kinds) => {
        const { world, records } = play(list, 1);
        const within = records.filter(({ ours, kind }) => ours && kinds.includes(kind));
        const shown = within.map(({ record }) => world.batched(record, []));
        const certificate = await buildCertificate(draft({ purpose: "clean-record", kinds }), [world.source(shown)]);
        const expected = within.every(({ repaired }) => repaired) ? "valid" : "invalid: conclusion NOT_CLEAN";
        expect(outcome(await check([world], certificate))).to.equal(expected);
      }),
      { numRuns: 25 },
    );
  });

  it("is provably wrong by one pair dropped, added, moved, replaced or borrowed", async () => {
    const { world, records } = play(
      Array.from({ length: 8 }, (_, i) => ({ kind: 4, year: 2025, ours: i % 3 > 0, repaired: false })),
      0,
    );
    const certificate = await buildCertificate(draft({ kinds: [4] }), [world.source([])]);
    const [stream] = certificate.chains[0]!.streams;
    const foreign: Hex = `0x${"ab".repeat(64)}`;
    const change = fc.constantFrom("drop", "add", "move", "replace", "relabel");
    await fc.assert(
      fc.asyncProperty(change, fc.nat(records.length - 1), fc.nat(records.length - 1), async (how, i, j) => {
        const pairs = [...stream!.pairs];
        if (how === "drop") pairs.splice(i, 1);
        else if (how === "add") pairs.splice(i, 0, pairs[j]!);
        else if (how === "move") pairs.splice(j, 0, ...pairs.splice(i, 1));
        else if (how === "replace") pairs[i] = foreign;
        else pairs[i] = `${pairs[j]!.slice(0, 66)}${pairs[i]!.slice(66)}` as Hex;
        fc.pre(pairs.join() !== stream!.pairs.join());
        const spoilt = withStream(certificate, { ...stream!, pairs });
        expect(outcome(await check([world], spoilt))).to.equal("invalid: head HEAD_MISMATCH");
      }),
      { numRuns: 40 },
    );
  });

  it("speaks for several ledgers as one answer", async () => {
    const here = new World("here", { prefixBits: 2 });
    const there = new World("there", {
      prefixBits: 3,
      chainId: 4242,
      region: { zh: "示例省", en: "Example Province" },
    });
    const records = [here, there].map((world): Issued => {
      const record = world.issue(world.addDepartment(MUNICIPAL, [4]));
      world.anchor([record], 4);
      return record;
    });
    const sources = [here.source([here.batched(records[0]!)]), there.source([there.batched(records[1]!)])];
    const history = await buildCertificate(draft({ kinds: [4] }), sources);
    const verdict = await check([there, here], history);
    expect(outcome(verdict)).to.equal("valid");
    expect(verdict.steps.filter(({ step }) => step === "trust").map(({ evidence }) => evidence.regionEn)).to.deep.equal(
      ["Example Province", "Example City"],
    );
    expect(verdict.steps.at(-1)!.evidence).to.include({ records: 2, shown: 2 });
    expect(outcome(await check([here], history))).to.equal("undecided: trust CHAIN_NOT_TRUSTED");
    const clean = await buildCertificate(draft({ purpose: "clean-record", kinds: [4] }), sources);
    expect(outcome(await check([here, there], clean))).to.equal("invalid: conclusion NOT_CLEAN");
  });

  it("does not show an older, repaired record when later years are clean", async () => {
    const { world, records } = play([{ kind: 4, year: 2025, ours: true, repaired: true }], 8);
    const period = { from: "2026-01-01", to: "2026-06-30" };
    const clean = await buildCertificate(draft({ purpose: "clean-record", kinds: [4], period }), [world.source([])]);
    expect(outcome(await check([world], clean))).to.equal("valid");
    expect(JSON.stringify(clean)).not.to.contain(records[0]!.record.recordHash.slice(2));
  });

  it("tells as of which moment it speaks", async () => {
    const { world } = play([{ kind: 4, year: 2025, ours: true, repaired: false }], 0);
    const early = await buildCertificate(draft({ purpose: "clean-record", kinds: [4] }), [world.source([], 1)]);
    const verdict = await check([world], early);
    expect(outcome(verdict)).to.equal("valid");
    expect(verdict.clocks.anchoredAt).to.equal(world.blockTime(1));
  });

  it("is not made when it would contradict itself", async () => {
    const { world } = play([{ kind: 4, year: 2025, ours: true, repaired: false }], 0);
    const wrong: readonly (readonly [Partial<CertificateDraft>, RegExp])[] = [
      [{ kinds: [] }, /kinds/],
      [{ kinds: [5, 4] }, /kinds/],
      [{ purpose: "clean-record", kinds: [3] }, /kinds/],
      [{ period: { from: "2026-02-01", to: "2026-01-01" } }, /period/],
      [{ period: { from: "1900-01-01", to: "2026-01-01" } }, /period/],
      [{ scope: { departments: [MUNICIPAL] } }, /scope/],
      [{ purpose: "record" }, /kinds/],
      [{ subject: { type: "uscc", id: "1" } }, /subject/],
    ];
    for (const [changes, member] of wrong) {
      const failure = await buildCertificate(draft(changes), [world.source([])]).catch((error: unknown) => error);
      expect(failure, JSON.stringify(changes)).to.be.instanceOf(TypeError).with.property("message").match(member);
    }
  });
});

describe("a certificate, step by step", () => {
  const world = new World("certificate-steps");
  const department = world.addDepartment(MUNICIPAL, [4]);
  const records = [world.issue(department), world.issue(department)];
  world.anchor(records, 4);
  const year = { from: "2026-01-01", to: "2026-06-30" };
  const history = () =>
    buildCertificate(draft({ kinds: [4], period: year }), [
      world.source(records.map((record) => world.batched(record))),
    ]);
  const findings = ({ steps }: Verdict, name: string) =>
    steps.filter(({ step }) => step === name).map(({ outcome: o, code }) => `${o} ${code}`);

  it("asks nothing more of a node whose block is another", async () => {
    const certificate = await history();
    const [chain] = certificate.chains;
    const blockHash: Hex = `0x${"ab".repeat(32)}`;
    const verdict = await check([world], { ...certificate, chains: [{ ...chain!, blockHash }] });
    expect(findings(verdict, "chain")).to.deep.equal(["passed OK"]);
    expect(findings(verdict, "finality")).to.deep.equal(["failed BLOCK_MISMATCH"]);
    for (const step of ["coverage", "head", "supersession"])
      expect(findings(verdict, step), step).to.deep.equal(["unknown NOT_CHECKED"]);
    expect(findings(verdict, "record")).to.deep.equal(Array(2).fill("unknown NOT_CHECKED"));
    expect(findings(verdict, "conclusion")).to.deep.equal(["passed OK"]);
    expect(verdict.clocks.anchoredAt).to.equal(null);
  });

  it("says what it can of streams where nobody is trusted, and nothing of their records", async () => {
    const verdict = await verify(JSON.stringify(await history()), {
      trust: { ...world.trust, chains: [] },
      now: world.now,
    });
    const [step] = verdict.steps.filter(({ step: name }) => name === "stream");
    expect(step).to.deep.include({ outcome: "unknown", code: "NOT_CHECKED" });
    expect(step!.evidence).to.include({ stream: "4/2026" });
    expect(findings(verdict, "conclusion")).to.deep.equal(["unknown NOT_CHECKED"]);
  });

  it("speaks as of the oldest of its blocks", async () => {
    const other = new World("certificate-elsewhere", { chainId: 31338 });
    other.addDepartment(MUNICIPAL, [4]);
    other.mine(5);
    const both = await buildCertificate(draft({ kinds: [4], period: year }), [other.source([]), world.source([])]);
    expect(both.chains.map(({ chainId }) => chainId)).to.deep.equal([31337, 31338]);
    const verdict = await check([world, other], both);
    expect(outcome(verdict)).to.equal("valid");
    expect(verdict.clocks.anchoredAt).to.equal(world.blockTime(1));
  });

  it("of a suite that the verifier lacks leaves its records open, and its streams as they are", async () => {
    const certificate = { ...(await history()), suite: "SM2-SM3" };
    const verdict = await check([world], certificate);
    expect(outcome(verdict)).to.equal("undecided: record SUITE_UNAVAILABLE");
    expect(verdict.steps.find(({ step }) => step === "record")!.evidence).to.include({ suite: "SM2-SM3" });
    expect(findings(verdict, "head")).to.deep.equal(["passed OK"]);
  });
});

function withStream(certificate: Certificate, stream: Certificate["chains"][number]["streams"][number]): Certificate {
  const [chain] = certificate.chains;
  return { ...certificate, chains: [{ ...chain!, streams: [stream, ...chain!.streams.slice(1)] }] };
}

describe("a bundle", () => {
  it("gives back the receipts it was made of, and has shared parts once", () => {
    const world = new World("bundle");
    const department = world.addDepartment(MUNICIPAL, [4]);
    const records = Array.from({ length: 6 }, () => world.issue(department));
    world.anchor(records.slice(0, 4), 4);
    world.anchor(records.slice(4), 4);
    const receipts = records.map((record) => world.receipt(record));
    const bundle = bundleReceipts(receipts);
    expect(unbundleReceipts(bundle)).to.deep.equal(receipts);
    expect(bundle.keys).to.have.length(1);
    expect(bundle.anchors).to.have.length(2);
  });

  it("is not made of nothing, nor of two suites", () => {
    const world = new World("bundle");
    const record = world.issue(world.addDepartment(MUNICIPAL, [4]));
    world.anchor([record], 4);
    const receipt = world.receipt(record);
    expect(() => bundleReceipts([])).to.throw(TypeError);
    expect(() => bundleReceipts([receipt, { ...receipt, suite: "SM2-SM3" }])).to.throw(TypeError);
  });
});
