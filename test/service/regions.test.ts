import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Operations, Schemas } from "@quanlian/client";
import { expect } from "chai";
import { recordTypes } from "../../backend/src/records/types/record-types.ts";
import { validateRecord } from "../../backend/src/records/types/validate.ts";
import type { RecordReference } from "../../backend/src/records/records.schemas.ts";
import { todayInChina } from "../../backend/src/records/china-time.ts";
import { levelOf, liesWithin, prefixOf } from "../../backend/src/regions/area-level.ts";
import type { ForeignRecord, ForeignRecords, RegionAnswer } from "../../backend/src/regions/regions.schemas.ts";
import { ENTERPRISE as SUBJECT, MUNICIPAL, OTHER_ENTERPRISE, World as Elsewhere } from "../../proof/testing/world.ts";
import { SealedWorld } from "../../scripts/vectors/sealed-world.ts";
import { clientOf } from "./client.ts";
import { type Asker, CITY, DISTRICT, ENTERPRISE, eventually, startWorld, type World } from "./harness.ts";
import { penalty } from "./records.ts";

type Query = Operations["HistoryController_show"]["parameters"]["query"];

const SHANGHAI = "11310000MB9D00076C";

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
  // A region whose validators the trust list names: its receipts prove themselves, whole records of a type that we know.
  const sealed = new SealedWorld(
    new Elsewhere("sealed", { chainId: 4244, region: { zh: "示例市", en: "Sealed City" } }),
    "records of other regions",
  );
  const shanghai = sealed.world.addDepartment(SHANGHAI, [4]);
  const fined = (number: string, day: string) => {
    const { fields } = penalty(number, {
      处罚决定日期: day,
      处罚机关统一社会信用代码: SHANGHAI,
      数据来源单位统一社会信用代码: SHANGHAI,
    });
    const read = validateRecord(recordTypes.get("enforcement.penalty/1")!, fields, { department: SHANGHAI });
    if (!read.ok) throw new Error(JSON.stringify(read.problems));
    const { subject: _, ...claims } = read.record.fields;
    return sealed.world.issue(shanghai, { eventTime: day, fields: claims });
  };
  const [standing, corrected, correction] = [
    fined("沪监罚〔2026〕1号", "2026-04-01"),
    fined("沪监罚〔2026〕2号", "2026-05-01"),
    fined("沪监罚〔2026〕3号", "2026-05-01"),
  ] as const;
  sealed.world.anchor([standing], 4);
  sealed.world.anchor([corrected], 4);
  sealed.world.supersede(corrected, correction, 1);
  sealed.world.mine(2);
  const path = `/api/v1/subjects/${ENTERPRISE}/foreign-records`;
  let world: World;
  before(async () => {
    const trustFile = join(folder, "trust.json");
    writeFileSync(trustFile, JSON.stringify({ ...there.trust, chains: [there.trusted, sealed.trusted] }));
    world = await startWorld({ TRUST_FILE: trustFile });
  });
  after(async () => {
    await world.stop();
    rmSync(folder, { recursive: true });
  });

  it("know the level of an area and what lies within it", () => {
    expect(["110000", "410100", "110108"].map(levelOf)).to.deep.equal(["province", "city", "county"]);
    expect(["110000", "410100", "110108", "100000"].map(prefixOf)).to.deep.equal(["11", "4101", "110108", "10"]);
    expect(liesWithin("110108", { area: "110000", level: "county" })).to.equal(true);
    expect(liesWithin("110108", { area: "11", level: "city" })).to.equal(false);
    expect(liesWithin("110108", { area: "1102" })).to.equal(false);
    expect(liesWithin("110108", {})).to.equal(true);
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
    expect(await refusal(there.receipt(ours, ["subject", "number"]))).to.equal("422 RECEIPT_UNFIT NOT_DISCLOSED");
  });

  describe("stand in the history", () => {
    let own: RecordReference[];
    before(async () => {
      own = [];
      for (const [number, day] of [
        ["京市监罚〔2026〕1号", "2026/01/10"],
        ["京市监罚〔2026〕2号", "2026/04/01"],
      ] as const)
        own.push((await world.post<RecordReference>("/api/v1/records", penalty(number, { 处罚决定日期: day }))).body);
      for (const { id } of own)
        await eventually(
          () => world.get<RecordReference>(`/api/v1/records/${id}`),
          ({ body }) => body.status === "final",
        );
      for (const receipt of [there.receipt(ours), sealed.receipt(standing), sealed.renewed(corrected, 3)]) {
        const { status, body } = await world.post(path, receipt);
        expect(status, JSON.stringify(body)).to.equal(200);
      }
    });

    const history = async (query: Query = {}, asker: Asker | null = "enterprise") => {
      const params = { path: { uscc: ENTERPRISE }, query };
      return (await clientOf(world, asker).GET("/api/v1/subjects/{uscc}/history", { params })).data!;
    };
    const numbers = async (query: Query) => (await history(query)).records.map(({ number }) => number);
    const [FIRST, SECOND] = ["京市监罚〔2026〕1号", "京市监罚〔2026〕2号"] as const;
    const UNPROVEN = async () => (await history()).records.find(({ recordHash }) => recordHash === ours.recordHash)!;

    it("in the order of events, with where they come from and how sure they are", async () => {
      const { records, next } = await history();
      expect(next).to.equal(null);
      expect(records.map(({ eventTime }) => eventTime)).to.deep.equal([
        "2026-01-10",
        "2026-03-02",
        "2026-04-01",
        "2026-04-01",
        "2026-05-01",
      ]);
      const from = records.map(({ origin }) => origin && [origin.region?.en, origin.verdict, origin.code]);
      expect(from.filter((one) => one !== null)).to.deep.equal([
        ["Example Province", "undecided", "CHAIN_NOT_CONSULTED"],
        ["Sealed City", "valid", "OK"],
        ["Sealed City", "invalid", "SUPERSEDED"],
      ]);
      const proven = records.find(({ recordHash }) => recordHash === standing.recordHash)!;
      expect(proven).to.deep.include({ number: "沪监罚〔2026〕1号", department: SHANGHAI, kind: 4, version: null });
      expect(proven.publication).to.deep.equal({ published: true, until: "2027-03-02", repairableFrom: "2026-07-01" });
      expect(proven.anchoredAt).to.be.a("number");
      const { supersededBy, publication } = records.at(-1)!;
      expect(supersededBy).to.include({ record: correction.recordHash, by: SHANGHAI, reason: 1 });
      expect(publication.published).to.equal(false);
      expect((await UNPROVEN()).anchoredAt).to.equal(null);
    });

    it("in pages, each once, whatever the size of a page", async () => {
      const whole = (await history()).records.map(({ id }) => id);
      for (const limit of [1, 2, 3, 4]) {
        const paged: string[] = [];
        for (let cursor: string | null = ""; cursor !== null;) {
          const page: Schemas["History"] = await history({ limit, ...(cursor && { cursor }) });
          paged.push(...page.records.map(({ id }) => id));
          cursor = page.next;
        }
        expect(paged).to.deep.equal(whole);
      }
    });

    it("as far as they fit the conditions", async () => {
      expect(await numbers({ department: SHANGHAI })).to.deep.equal(["沪监罚〔2026〕1号", "沪监罚〔2026〕2号"]);
      expect(await numbers({ area: "31" })).to.deep.equal(["沪监罚〔2026〕1号", "沪监罚〔2026〕2号"]);
      expect(await numbers({ area: "31", level: "county" })).to.deep.equal([]);
      expect((await numbers({ area: "110000", from: "2026-04-01" })).sort()).to.deep.equal([SECOND]);
      expect(await numbers({ from: "2026-05-01", to: "2026-05-01" })).to.deep.equal(["沪监罚〔2026〕2号"]);
      expect(await numbers({ kind: 5 })).to.deep.equal([]);
      expect(await numbers({ type: "enforcement.penalty/1" })).to.have.length(5);
      expect(await numbers({ state: "superseded" })).to.deep.equal(["沪监罚〔2026〕2号"]);
      expect((await numbers({ state: "standing" })).sort()).to.deep.equal([FIRST, SECOND, "沪监罚〔2026〕1号"].sort());
      expect(await numbers({ state: "final" })).to.have.length(4);
      expect(await numbers({ state: "sealed" })).to.deep.equal([]);
    });

    it("from the day on which they were brought, and as they stood on that day", async () => {
      await world.sql("update foreign_record set attached_at = '2026-10-01 12:00+08'");
      expect(await numbers({ asOf: "2026-09-30" })).to.deep.equal([]);
      expect(await numbers({ asOf: "2026-10-01" })).to.have.length(3);
      expect(await numbers({ asOf: todayInChina() })).to.have.length(5);
      const [last] = (await history({ state: "superseded", asOf: "2026-10-01" })).records;
      expect(last!.supersededBy!.at).to.be.below(Date.parse("2026-10-02T00:00:00+08:00") / 1000);
      await world.sql("update foreign_record set attached_at = '2026-09-01 12:00+08'");
      expect((await history({ state: "superseded", asOf: "2026-09-01" })).records).to.deep.equal([]);
    });

    it("for whoever may see records of that department, and for everybody what is proven and published", async () => {
      const seen = async (asker: Asker | null) => {
        const { records } = await history({}, asker);
        return records.filter(({ origin }) => origin !== null).map(({ number }) => number);
      };
      const [one, two] = ["沪监罚〔2026〕1号", "沪监罚〔2026〕2号"];
      expect(await seen("enterprise")).to.have.length(3);
      expect(await seen("other-regulator")).to.deep.equal([one, two]);
      for (const asker of ["regulator", "other-enterprise", "department-officer", null] as const)
        expect(await seen(asker), String(asker)).to.deep.equal([one]);
      const [published] = (await history({ area: "31" }, null)).records;
      expect(published!.fields).to.not.have.property("links");
      expect(published!.fields).to.have.property("penaltyContent");
    });

    it("with a receipt of before their time was kept, at the time at which it was brought, until it is brought again", async () => {
      await world.sql("update foreign_record set event_time = null where record_hash = $1", [
        Buffer.from(standing.recordHash.slice(2), "hex"),
      ]);
      expect((await numbers({})).at(-1)).to.equal("沪监罚〔2026〕1号");
      await world.post(path, sealed.receipt(standing));
      expect((await numbers({})).at(-1)).to.equal("沪监罚〔2026〕2号");
    });

    it("but not those of our own ledger, nor more than can be verified at once", async () => {
      const receipt = await world.get(`/api/v1/records/${own[0]!.id}/receipt`);
      const again = await world.post<{ facts: object }>(path, receipt.body);
      expect(again.body.facts).to.deep.equal({ code: "OWN_LEDGER" });
      const fill = `insert into foreign_record (id, subject_type, subject_id, record_hash, ledger, receipt)
        select gen_random_uuid(), 'uscc', $1, int4send(n), '', '' from generate_series(1, 200) n`;
      await world.sql(fill, [OTHER_ENTERPRISE.id]);
      const full = await world.post<{ code: string }>(
        `/api/v1/subjects/${OTHER_ENTERPRISE.id}/foreign-records`,
        there.receipt(others),
      );
      expect([full.status, full.body.code]).to.deep.equal([409, "FOREIGN_RECORDS_FULL"]);
    });

    it("undecided, and for the enterprise alone, once their ledger is trusted no longer", async () => {
      const trustFile = join(folder, "less.json");
      writeFileSync(trustFile, JSON.stringify(there.trust));
      await world.restart({ TRUST_FILE: trustFile });
      const { records } = await history({ department: SHANGHAI });
      expect(records.map(({ origin }) => [origin!.region, origin!.verdict])).to.deep.equal([
        [null, "undecided"],
        [null, "undecided"],
      ]);
      expect((await history({}, null)).records.filter(({ origin }) => origin)).to.deep.equal([]);
      expect((await world.get<ForeignRecords>(path)).body.records).to.have.length(3);
    });
  });
});
