import { verify, type Receipt, type TrustList } from "@quanlian/proof";
import type { Operations, QuanlianClient, Schemas } from "@quanlian/client";
import { expect } from "chai";
import fc from "fast-check";
import type { RecordReference } from "../../backend/src/records/records.schemas.ts";
import { foldedName } from "../../backend/src/search/search-query.ts";
import type { SearchAnswer } from "../../backend/src/search/search.schemas.ts";
import { clientOf } from "./client.ts";
import { CITY, DISTRICT, ENTERPRISE, eventually, OTHER_ENTERPRISE, startWorld, type World } from "./harness.ts";
import { licence, penalty, serviceCase } from "./records.ts";

type Query = Operations["SearchController_find"]["parameters"]["query"];

interface ExportedLine {
  readonly department: string;
  readonly number: string;
  readonly receipt: Receipt | null;
}

const LONG_NAME = "京海市海淀区青禾（示例）餐饮管理有限责任公司";

describe("search: records by what people know of them", () => {
  let world: World;
  let client: QuanlianClient;
  before(async () => {
    world = await startWorld();
    client = clientOf(world);
    const other = { 统一社会信用代码: OTHER_ENTERPRISE, 行政相对人名称: LONG_NAME };
    const records = [
      ...Array.from({ length: 5 }, (_, i) =>
        penalty(`京市监罚〔2026〕${i + 1}号`, { 处罚决定日期: `2026/03/0${i + 1}` }),
      ),
      penalty("京市监罚〔2026〕11号", { ...other, 处罚决定日期: "2026/03/03" }),
      licence("京市监许〔2025〕1号", { 许可编号: "JY11101080000001" }),
      serviceCase("110108202501020001"),
      penalty("京市监罚〔2026〕12号", {
        ...{ 行政相对人名称: "王海淀", 行政相对人类别: "自然人", 统一社会信用代码: "", 法定代表人: "" },
        ...{ 证件类型: "身份证", 证件号码: "110101199003070038" },
      }),
    ];
    for (const record of records) {
      const { status, body } = await world.post<RecordReference>("/api/v1/records", record);
      expect(status, JSON.stringify(body)).to.equal(202);
    }
    await eventually(
      () => find({ status: "final", limit: 200 }),
      (found) => found.records.length === records.length,
      120_000,
    );
  });
  after(() => world.stop());

  const find = async (query: Query) => {
    const { data, error } = await client.GET("/api/v1/records", { params: { query } });
    expect(error).to.equal(undefined);
    return data!;
  };
  const numbers = async (query: Query) => (await find(query)).records.map(({ number }) => number);
  const refusal = async (query: Query) => {
    const { error } = await client.GET("/api/v1/records", { params: { query } });
    return error!.code;
  };

  it("by number however it is typed, and by another number of the record", async () => {
    expect(await numbers({ number: "京市监罚(2026) 3号" })).to.deep.equal(["京市监罚〔2026〕3号"]);
    expect(await numbers({ number: "JY11101080000001" })).to.deep.equal(["京市监许〔2025〕1号"]);
    expect(await numbers({ number: "没有这个号" })).to.deep.equal([]);
  });

  it("by part of an organisation's name, in any width, and never by a person's", async () => {
    expect(await numbers({ name: "海淀" })).to.deep.equal(["京市监罚〔2026〕11号"]);
    expect(await numbers({ name: "青禾(示例)餐饮" })).to.deep.equal(["京市监罚〔2026〕11号"]);
    expect(await numbers({ name: "淀海" })).to.deep.equal([]);
    expect(await numbers({ name: "%%" })).to.deep.equal([]);
    expect((await numbers({ name: "京海示例" })).length).to.equal(7);
    expect(await refusal({ name: "  " })).to.equal("INVALID_PARAMETER");
  });

  it("by subject, type, kind, department, state and period, and by several of them", async () => {
    expect((await numbers({ subject: OTHER_ENTERPRISE })).length).to.equal(1);
    expect((await numbers({ subject: ENTERPRISE, type: "enforcement.penalty/1" })).length).to.equal(5);
    expect(await numbers({ kind: 2 })).to.deep.equal(["110108202501020001"]);
    expect((await numbers({ department: CITY })).length).to.equal(9);
    expect(await numbers({ department: DISTRICT })).to.deep.equal([]);
    expect((await numbers({ area: "110000" })).length).to.equal(9);
    expect((await numbers({ area: "11", level: "province" })).length).to.equal(9);
    expect(await numbers({ area: "110108" })).to.deep.equal([]);
    expect(await numbers({ level: "county" })).to.deep.equal([]);
    expect((await numbers({ area: "110000", subject: OTHER_ENTERPRISE, level: "province" })).length).to.equal(1);
    expect(await numbers({ status: "received" })).to.deep.equal([]);
    expect(await numbers({ status: "submitted" })).to.deep.equal([]);
    expect(await numbers({ from: "2026-03-05", to: "2026-03-05" })).to.deep.equal(["京市监罚〔2026〕5号"]);
    expect(await numbers({ name: "海淀", to: "2026-03-02" })).to.deep.equal([]);
  });

  it("in pages, latest act first, each record once", async () => {
    const seen: Schemas["FoundRecord"][] = [];
    for (let cursor: string | null = ""; cursor !== null;) {
      const page: Schemas["SearchResult"] = await find(cursor ? { limit: 2, cursor } : { limit: 2 });
      seen.push(...page.records);
      cursor = page.next;
    }
    expect(new Set(seen.map(({ id }) => id)).size).to.equal(9);
    const days = seen.map(({ eventTime }) => eventTime.slice(0, 10));
    expect(days).to.deep.equal(days.toSorted().toReversed());
  });

  it("refuses what cannot be looked for", async () => {
    expect(await refusal({ subject: "1" })).to.equal("SUBJECT_INVALID");
    expect(await refusal({ type: "no.such/1" })).to.equal("TYPE_UNKNOWN");
    expect(await refusal({ cursor: "x" })).to.equal("CURSOR_INVALID");
    expect(await refusal({ limit: 0 })).to.equal("INVALID_PARAMETER");
    expect(await refusal({ from: "2026-02-30" })).to.equal("INVALID_PARAMETER");
    expect(await refusal({ area: "110" })).to.equal("INVALID_PARAMETER");
  });

  it("only what the asker may see", async () => {
    const ask = (asker: Parameters<World["as"]>[0]) => world.as(asker).get<SearchAnswer>("/api/v1/records?limit=200");
    expect((await ask("regulator")).body.records.length).to.equal(9);
    expect((await ask("other-regulator")).body.records).to.deep.equal([]);
    expect((await ask("enterprise")).status).to.equal(403);
    expect((await ask(null)).status).to.equal(401);
    const person = (await ask("regulator")).body.records.find(({ subject }) => subject.type === "person");
    expect(person!.subject.id).to.not.include("110101199003070038");
  });

  it("folds names as the database does", async () => {
    const names = fc.sample(fc.string({ unit: "binary", maxLength: 12 }), { numRuns: 300, seed: 20261123 });
    const clean = [...names, LONG_NAME, "ＡＢ c　公司", "①②"].map((name) => name.replaceAll("\0", "").toWellFormed());
    const rows = await world.sql<{ folded: string }>(`select folded_name(n) as folded from unnest($1::text[]) as n`, [
      clean,
    ]);
    expect(rows.map(({ folded }) => folded)).to.deep.equal(clean.map(foldedName));
  });

  it("finds every part of two characters or more by the pairs that it holds", async () => {
    const [row] = await world.sql<{ bigrams: string[] }>(`select bigrams($1)`, [LONG_NAME]);
    const folded = foldedName(LONG_NAME);
    const pairs = Array.from({ length: folded.length - 1 }, (_, i) => folded.slice(i, i + 2));
    expect(row!.bigrams).to.have.members([...new Set(pairs)]);
  });

  it("exports every record with a receipt that verifies", async () => {
    const answer = await world.app.inject({ url: "/api/v1/exports/records", headers: await world.bearer() });
    expect(answer.headers["content-type"]).to.equal("application/x-ndjson");
    const lines = answer.body
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as { number: string; receipt: Receipt });
    expect(lines.length).to.equal(9);
    const { body: trust } = await world.get<TrustList>("/api/v1/trust");
    for (const { receipt } of lines) {
      const { steps } = await verify(JSON.stringify(receipt), { trust, now: Math.floor(Date.now() / 1000) });
      expect(steps.map(({ code }) => code)).to.include("CHAIN_NOT_CONSULTED");
      expect(steps.filter(({ outcome }) => outcome === "failed")).to.deep.equal([]);
    }
    const some = await world.app.inject({
      url: "/api/v1/exports/records?type=service.case/1",
      headers: await world.bearer(),
    });
    expect(some.body.trim().split("\n").length).to.equal(1);
  });

  it("exports to regulators and enterprises what they may see, as they may see it, and nobody else's", async () => {
    const lines = async (asker: Parameters<World["as"]>[0], query = "") => {
      const { body } = await world.as(asker).get<string>(`/api/v1/exports/records${query}`);
      return body
        .split("\n")
        .filter((line) => line !== "")
        .map((line) => JSON.parse(line) as ExportedLine);
    };
    const regulated = await lines("regulator");
    expect(regulated.map(({ department }) => department)).to.deep.equal(Array(9).fill(CITY));
    expect(JSON.stringify(regulated)).to.not.include("110101199003070038");
    expect(await lines("regulator", "?area=110108")).to.deep.equal([]);
    expect(await lines("other-regulator")).to.deep.equal([]);
    const own = await lines("enterprise");
    expect(own).to.have.length(7);
    expect(own.filter(({ receipt }) => receipt === null)).to.deep.equal([]);
    expect((await lines("other-enterprise")).map(({ number }) => number)).to.deep.equal(["京市监罚〔2026〕11号"]);
    expect(await lines("enterprise", `?subject=${OTHER_ENTERPRISE}`)).to.deep.equal([]);
    expect(await lines("enterprise", `?department=${DISTRICT}`)).to.deep.equal([]);
  });
});
