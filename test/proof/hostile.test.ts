import { expect } from "chai";
import fc from "fast-check";
import { CODES, describeVerdict, type Certificate, type Hex, type Verdict } from "@quanlian/proof";
import { mutations, spoil } from "./mutate.ts";
import { makeSpecimens, type Specimens } from "./specimens.ts";

function expectSound(verdict: Verdict): void {
  expect(["valid", "invalid", "undecided"]).to.include(verdict.verdict);
  for (const { code, outcome } of verdict.steps) {
    expect(Object.keys(CODES)).to.include(code);
    expect(outcome === "passed").to.equal(code === "OK");
  }
  expect(describeVerdict(verdict, "zh").headline).to.be.a("string");
}

describe("a spoilt document", () => {
  let specimens: Specimens;

  before(async () => {
    specimens = await makeSpecimens("hostile");
    for (const [document] of specimens.pairs) expect((await specimens.check(document)).verdict).to.equal("valid");
  });

  it("is not valid, unless what it then says is true as well, and never throws", async () => {
    const numRuns = Number(process.env.QUANLIAN_FUZZ_RUNS ?? 1500);
    await fc.assert(
      fc.asyncProperty(fc.nat(specimens.pairs.length - 1), mutations, async (form, mutation) => {
        const [document, donor] = specimens.pairs[form]!;
        const spoilt = spoil(document, donor, mutation);
        const verdict = await specimens.check(spoilt);
        expectSound(verdict);
        if (verdict.verdict === "valid") expect(specimens.untruth(verdict)).to.equal(null);
      }),
      { numRuns },
    );
  });

  it("is refused at once when it is huge or deep", async () => {
    const deep = "[".repeat(100_000) + "]".repeat(100_000);
    const cases: readonly (readonly [document: string | Uint8Array, code: string])[] = [
      [new Uint8Array(100 << 20), "TOO_LARGE"],
      [new Uint8Array(67_108_865).fill(32), "TOO_LARGE"],
      [new Uint8Array(67_108_864).fill(32), "MALFORMED"],
      [deep, "MALFORMED"],
      ['{"a":'.repeat(100_000), "MALFORMED"],
      [`{"format":"quanlian-receipt/1","x":${deep}}`, "MALFORMED"],
      [`"${"\\u0000".repeat(1 << 20)}"`, "MALFORMED"],
      [`{${Array.from({ length: 100_000 }, (_, i) => `"${i}":0`).join()}}`, "MALFORMED"],
      ["1".repeat(1 << 20), "MALFORMED"],
    ];
    for (const [document, code] of cases) expect((await specimens.check(document)).steps[0]!.code).to.equal(code);
  });

  it("of half a million pairs and as many claims about them takes no longer than its length", async () => {
    const history = JSON.parse(specimens.pairs[2]![0]) as Certificate;
    const [chain] = history.chains;
    const [stream] = chain!.streams;
    const own = stream!.pairs[0]!.slice(0, 66);
    const hash = (i: number): Hex => `0x${i.toString(16).padStart(64, "0")}`;
    const pairs = Array.from({ length: 200_000 }, (_, i) => `${own}${hash(i).slice(2)}`);
    const known = {
      department: chain!.records[0]!.batch.department,
      by: chain!.records[0]!.batch.department,
      reason: 1,
      at: 0,
    };
    const supersessions = Array.from({ length: 80_000 }, (_, i) => ({
      ...known,
      recordHash: hash(i),
      successor: hash(i),
    }));
    const records = Array<object>(8_000).fill(chain!.records[0]!);
    const huge = { ...history, chains: [{ ...chain, streams: [{ ...stream, pairs }], supersessions, records }] };
    expect((await specimens.check(JSON.stringify(huge))).verdict).to.equal("invalid");
  });

  it("is refused with a huge path, or with as many disclosures as a statement can have", async () => {
    const receipt = JSON.parse(specimens.pairs[0]![0]) as { path: string[]; statement: string };
    const path = Array<string>(500_000).fill(receipt.path[0]!);
    expect((await specimens.check(JSON.stringify({ ...receipt, path }))).steps[0]!.code).to.equal("MALFORMED");
    const disclosures = Array.from({ length: 600 }, () => "W10").join("~");
    const long = { ...receipt, statement: `${receipt.statement}${disclosures}~` };
    expect((await specimens.check(JSON.stringify(long))).steps.find(({ step }) => step === "statement")!.code).to.equal(
      "STATEMENT_MALFORMED",
    );
  });
});
