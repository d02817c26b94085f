import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { levelOf, prefixOf } from "../../backend/src/regions/area-level.ts";
import type { ForeignRecord, ForeignRecords, RegionAnswer } from "../../backend/src/regions/regions.schemas.ts";
import { ENTERPRISE as SUBJECT, MUNICIPAL, OTHER_ENTERPRISE, World as Elsewhere } from "../../proof/testing/world.ts";
import { CITY, DISTRICT, ENTERPRISE, startWorld, type World } from "./harness.ts";

describe("regions: departments by area and level, and records of other regions", () => {
  const folder = mkdtempSync(join(tmpdir(), "quanlian-regions-"));
  const there = new Elsewhere("there", { chainId: 4242, region: { zh: "示例省", en: "Example Province" } });
  const department = there.addDepartment(MUNICIPAL, [4]);
  const ours = there.issue(department);
  const others = there.issue(department, { subject: OTHER_ENTERPRISE });
  there.anchor([ours, others], 4);
  const unknown = new Elsewhere("nobody", { chainId: 4243 });
  const stray = unknown.issue(unknown.addDepartment(MUNICIPAL, [4]));
  unknown.anchor([stray], 4);
  const path = `/api/v1/subjects/${ENTERPRISE}/foreign-records`;
  let world: World;
  before(async () => {
    const trustFile = join(folder, "trust.json");
    writeFileSync(trustFile, JSON.stringify(there.trust));
    world = await startWorld({ TRUST_FILE: trustFile }, false);
  });
  after(async () => {
    await world.stop();
    rmSync(folder, { recursive: true });
  });

  it("know the level of an area and what lies within it", () => {
    expect(["110000", "410100", "110108"].map(levelOf)).to.deep.equal(["province", "city", "county"]);
    expect(["110000", "410100", "110108", "100000"].map(prefixOf)).to.deep.equal(["11", "4101", "110108", "10"]);
  });

  it("are listed by area and level", async () => {
    const departments = async (query: string) =>
      (await world.get<RegionAnswer>(`/api/v1/regions/${query}`)).body.departments.map(({ uscc }) => uscc);
    expect(await departments("110000")).to.deep.equal([CITY, DISTRICT]);
    expect(await departments("110000?level=county")).to.deep.equal([DISTRICT]);
    expect(await departments("110108")).to.deep.equal([DISTRICT]);
    expect(await departments("310000")).to.deep.equal([]);
    expect((await world.get("/api/v1/regions/11")).status).to.equal(400);
  });

  it("take a receipt of a trusted ledger, once, and show where it comes from and how sure it is", async () => {
    expect(SUBJECT.id).to.equal(ENTERPRISE);
    const receipt = there.receipt(ours);
    const first = await world.post<ForeignRecord>(path, receipt);
    expect(first.status, JSON.stringify(first.body)).to.equal(200);
    expect(first.body).to.include({ recordHash: ours.recordHash, verdict: "undecided", code: "CHAIN_NOT_CONSULTED" });
    expect(first.body.origin).to.deep.include({ region: { zh: "示例省", en: "Example Province" }, chainId: 4242 });
    expect((await world.post<ForeignRecord>(path, receipt)).body).to.deep.equal(first.body);
    expect((await world.get<ForeignRecords>(path)).body.records).to.deep.equal([first.body]);
  });

  it("go with their keys when the enterprise takes them away, and only then", async () => {
    const { body: attached } = await world.post<ForeignRecord>(path, there.receipt(ours));
    const remove = (subject: string) =>
      world.send<{ code: string }>("DELETE", `/api/v1/subjects/${subject}/foreign-records/${attached.id}`);
    const left = () =>
      world.sql(
        `select (select count(*)::int from foreign_record where id = $1) as rows,
                (select count(*)::int from data_key where owner = $1) as keys`,
        [attached.id],
      );
    expect((await world.as("enterprise").send("DELETE", `${path}/${attached.id}`)).status).to.equal(204);
    expect(await left()).to.deep.equal([{ rows: 0, keys: 0 }]);
    const again = await remove(ENTERPRISE);
    expect([again.status, again.body.code]).to.deep.equal([404, "FOREIGN_RECORD_NOT_FOUND"]);
    await world.post(path, there.receipt(ours));
  });

  it("refuse what is altered, about somebody else, of an unknown ledger, or no receipt", async () => {
    const refusal = async (document: unknown) => {
      const { status, body } = await world.post<{ code: string; facts: { code: string } }>(path, document);
      return `${status} ${body.code} ${body.facts.code}`;
    };
    const receipt = there.receipt(ours);
    const altered = { ...receipt, batch: { ...receipt.batch, sequence: 2, root: `0x${"00".repeat(32)}` } };
    expect(await refusal(altered)).to.equal("422 RECEIPT_UNFIT NOT_IN_BATCH");
    expect(await refusal(there.receipt(others))).to.equal("422 RECEIPT_UNFIT SUBJECT_MISMATCH");
    expect(await refusal(there.receipt(ours, ["number"]))).to.equal("422 RECEIPT_UNFIT SUBJECT_MISMATCH");
    expect(await refusal(unknown.receipt(stray))).to.equal("422 RECEIPT_UNFIT CHAIN_NOT_TRUSTED");
    expect(await refusal({ format: "quanlian-receipt/1" })).to.equal("422 RECEIPT_UNFIT MALFORMED");
  });
});
