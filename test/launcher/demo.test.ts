import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import type { Truth } from "../../scripts/dataset/truth.ts";

const ROOT = join(import.meta.dirname, "../..");

interface Report {
  readonly import: { rows: number; accepted: number; duplicates: number; rejected: object[] };
  readonly anchored: { batches: number; records: number; gasUsed: number; seconds: number; finalBlock: number };
  readonly receipts: { checked: number; valid: number };
  readonly history: { uscc: string; records: { kind: number; type: string; number: string; links: object[] }[] };
  readonly cleanRecord: { uscc: string; streams: number; pairs: number; pdfBytes: number; verdict: string };
  readonly tampering: { what: string; caught: boolean; code: string; field: string | null }[];
}

describe("npm run demo -- --json", function () {
  this.timeout(300_000);
  let report: Report;
  let truth: Truth;

  before(() => {
    const run = spawnSync(process.execPath, [join(ROOT, "scripts/demo.ts"), "--json"], { cwd: ROOT });
    expect(run.status, run.stderr.toString()).to.equal(0);
    report = JSON.parse(run.stdout.toString()) as Report;
    truth = JSON.parse(readFileSync(join(ROOT, "test/fixtures/demo/truth.json"), "utf8")) as Truth;
  });

  it("prints one object of the agreed shape", () => {
    expect(report).to.have.all.keys("import", "anchored", "receipts", "history", "cleanRecord", "tampering");
    expect(report.import).to.have.all.keys("rows", "accepted", "duplicates", "rejected");
    expect(report.anchored).to.have.all.keys("batches", "records", "gasUsed", "seconds", "finalBlock");
    for (const row of report.import.rejected) expect(row).to.have.all.keys("file", "row", "column", "code");
    for (const record of report.history.records) expect(record).to.have.all.keys("kind", "type", "number", "links");
    for (const line of report.tampering) expect(line).to.have.all.keys("what", "caught", "code", "field");
  });

  it("takes in what was planted as good, and names every planted fault", () => {
    const { rows, accepted, duplicates } = truth.expected;
    expect(report.import).to.include({ rows, accepted, duplicates });
    expect(report.import.rejected).to.deep.include.members([...truth.rejected]);
    expect(report.anchored.records).to.equal(accepted);
  });

  it("has a valid receipt for every record", () => {
    expect(report.receipts).to.deep.equal({ checked: truth.expected.accepted, valid: truth.expected.accepted });
  });

  it("shows the enterprise's chain in all its kinds", () => {
    expect(report.history.uscc).to.equal(truth.chain.uscc);
    const numbers = report.history.records.map(({ number }) => number);
    expect(numbers).to.have.members(truth.chain.records.map(({ number }) => number));
    expect(new Set(report.history.records.map(({ kind }) => kind))).to.deep.equal(new Set([1, 2, 3, 4, 5]));
  });

  it("certifies a clean record that verifies", () => {
    expect(report.cleanRecord).to.include({ verdict: "valid" });
    expect(report.cleanRecord.streams).to.equal(2);
  });

  it("catches everybody", () => {
    expect(report.tampering).to.have.length(8);
    expect(report.tampering.filter(({ caught }) => !caught)).to.deep.equal([]);
    expect(report.tampering.map(({ field }) => field)).to.include.members(["fineFen", "publicationTo"]);
  });
});
