import type { Operations, QuanlianClient, Schemas } from "@quanlian/client";
import { expect } from "chai";
import type { HistoryAnswer } from "../../backend/src/history/history.schemas.ts";
import type { RecordReference } from "../../backend/src/records/records.schemas.ts";
import { clientOf } from "./client.ts";
import { CITY, DISTRICT, ENTERPRISE, OTHER_ENTERPRISE, startWorld, type World } from "./harness.ts";
import { commitment, inspection, licence, objection, penalty, serviceCase } from "./records.ts";

type Query = Operations["HistoryController_show"]["parameters"]["query"];

describe("history: the chain of one enterprise", () => {
  let world: World;
  let client: QuanlianClient;
  before(async () => {
    world = await startWorld({}, false);
    client = clientOf(world);
    // In an order in which most citations are there before what they cite.
    await taken(penalty("京市监罚〔2026〕7号", { 检查行为编号: "检查2026-7" }));
    await taken(licence("京市监许〔2025〕7号", { 办件编号: "办件2025-7" }));
    await taken(serviceCase("办件2025-7"));
    await taken(inspection("检查2026-7"));
    await taken(commitment("11010820250102000007"));
    await taken(penalty("京市监罚〔2026〕8号", { 检查行为编号: "检查2026-无", 处罚决定日期: "2026/03/03" }));
    await taken(inspection("检查2026-别家", { 行政相对人编码: OTHER_ENTERPRISE }));
  });
  after(() => world.stop());

  const taken = async (record: unknown) => {
    const { status, body } = await world.post<RecordReference>("/api/v1/records", record);
    expect(status, JSON.stringify(body)).to.equal(202);
    return body;
  };
  const history = async (query: Query = {}) => {
    const params = { path: { uscc: ENTERPRISE }, query };
    const { data, error } = await client.GET("/api/v1/subjects/{uscc}/history", { params });
    expect(error).to.equal(undefined);
    return data!;
  };
  const named = ({ rel, direction, records }: Schemas["Link"]) =>
    `${direction} ${rel} ${records.map(({ number }) => number).join() || "nothing"}`;

  it("tells all five kinds in the order of their events", async () => {
    const { records, next } = await history();
    expect(records.map(({ kind }) => kind)).to.deep.equal([5, 2, 1, 3, 4, 4]);
    expect(next).to.equal(null);
  });

  it("resolves links both ways, whichever end came first", async () => {
    const { records } = await history();
    const links = Object.fromEntries(records.map(({ number, links }) => [number, links.map(named)]));
    expect(links["京市监罚〔2026〕7号"]).to.deep.equal(["cites inspection-of 检查2026-7"]);
    expect(links["检查2026-7"]).to.deep.equal(["citedBy inspection-of 京市监罚〔2026〕7号"]);
    expect(links["京市监许〔2025〕7号"]).to.deep.equal(["cites basis 办件2025-7"]);
    expect(links["办件2025-7"]).to.deep.equal(["citedBy basis 京市监许〔2025〕7号"]);
  });

  it("shows a citation that nothing answers as such", async () => {
    const { records } = await history();
    expect(records.at(-1)!.links.map(named)).to.deep.equal(["cites inspection-of nothing"]);
  });

  it("pages without losing or repeating a record", async () => {
    const whole = (await history()).records.map(({ id }) => id);
    const paged: string[] = [];
    let cursor: string | null = "";
    while (cursor !== null) {
      const page: Schemas["History"] = await history({ limit: 2, ...(cursor && { cursor }) });
      paged.push(...page.records.map(({ id }) => id));
      cursor = page.next;
    }
    expect(paged).to.deep.equal(whole);
  });

  it("answers for one kind, and with nothing for a stranger", async () => {
    expect((await history({ kind: 4 })).records).to.have.length(2);
    const stranger = await world.get<HistoryAnswer>("/api/v1/subjects/92110105MA9D0003X2/history");
    expect(stranger.body.records).to.deep.equal([]);
  });

  it("keeps to a type, a department, a period and a state", async () => {
    const numbers = async (query: Query) => (await history(query)).records.map(({ number }) => number);
    expect(await numbers({ type: "supervision.inspection/1" })).to.deep.equal(["检查2026-7"]);
    expect(await numbers({ department: CITY, from: "2026-01-01", to: "2026-03-02" })).to.deep.equal([
      "检查2026-7",
      "京市监罚〔2026〕7号",
    ]);
    expect(await numbers({ department: DISTRICT })).to.deep.equal([]);
    expect(await numbers({ area: "11", level: "province" })).to.have.length(6);
    expect(await numbers({ area: "110108" })).to.deep.equal([]);
    expect(await numbers({ level: "county", department: CITY })).to.deep.equal([]);
    expect(await numbers({ state: "received" })).to.have.length(6);
    expect(await numbers({ state: "standing" })).to.deep.equal([]);
    expect((await history()).records[0]!.label).to.deep.equal({ zh: "信用承诺", en: "Credit commitment" });
  });

  it("says until when the law publishes a record, and from when on it may be repaired", async () => {
    const { records } = await history();
    expect(records.map(({ publication }) => publication)).to.deep.equal([
      { published: false, until: "indefinite", repairableFrom: null },
      { published: false, until: null, repairableFrom: null },
      { published: false, until: "2030-01-09", repairableFrom: null },
      { published: false, until: "indefinite", repairableFrom: null },
      { published: false, until: "2027-03-02", repairableFrom: "2026-06-02" },
      { published: false, until: "2027-03-02", repairableFrom: "2026-06-03" },
    ]);
  });

  it("draws the case of a record, each node and each edge once over all pages", async () => {
    const penalised = (await history({ kind: 4 })).records[0]!;
    const ofRecord = { params: { path: { id: penalised.id } } };
    const body = (await client.GET("/api/v1/records/{id}/graph", ofRecord)).data!;
    const graph = async (query: Operations["GraphController_ofSubject"]["parameters"]["query"] = {}) =>
      (await client.GET("/api/v1/subjects/{uscc}/graph", { params: { path: { uscc: ENTERPRISE }, query } })).data!;
    expect(body.nodes.map(({ number }) => number)).to.deep.equal(["京市监罚〔2026〕7号", "检查2026-7"]);
    expect(body.edges.map(({ from, to, rel }) => [from, to, rel])).to.deep.equal([
      [body.nodes[0]!.id, body.nodes[1]!.id, "inspection-of"],
    ]);
    const whole = await graph();
    expect([whole.nodes.length, whole.edges.length, whole.next]).to.deep.equal([6, 2, null]);
    const pages: Schemas["CaseGraph"][] = [];
    for (let after: number | null = 0; after !== null; after = pages.at(-1)!.next)
      pages.push(await graph({ limit: 2, after }));
    expect(pages.flatMap(({ nodes }) => nodes)).to.deep.equal(whole.nodes);
    expect(pages.flatMap(({ edges }) => edges)).to.have.deep.members(whole.edges);
  });

  it("lists the citations of a department that nothing answers", async () => {
    const broken = async (uscc: string) =>
      (await client.GET("/api/v1/departments/{uscc}/broken-links", { params: { path: { uscc } } })).data!;
    expect((await broken(CITY)).links.map(({ record, cited }) => [record.number, cited.number])).to.deep.equal([
      ["京市监罚〔2026〕8号", "检查2026-无"],
    ]);
    expect(await broken(DISTRICT)).to.deep.equal({ links: [], next: null });
  });

  it("goes back to what was known on a day", async () => {
    await world.sql(
      `insert into batch (id, department, kind, year, sequence, count, root, entries_hash, status, block_number, block_hash, block_time, log_index)
       select gen_random_uuid(), department, kind, year, row_number() over (), 1, record_hash, record_hash, 'final', row_number() over (),
         record_hash, extract(epoch from timestamptz '2026-03-05 12:00+08')::bigint + 86400 * row_number() over (), 0
       from record where subject_id = $1`,
      [ENTERPRISE],
    );
    await world.sql(`update record r set batch = b.id, batch_index = 0 from batch b where b.root = r.record_hash`);
    const known = async (asOf: string) => (await history({ asOf })).records.length;
    expect([await known("2026-03-05"), await known("2026-03-06"), await known("2026-03-31")]).to.deep.equal([0, 1, 6]);
    await world.sql(
      `insert into supersession (id, department, by, record_hash, successor, reason, status, block_number, block_time, log_index)
       select id, department, department, record_hash, record_hash, 2, 'final', 9,
         extract(epoch from timestamptz '2026-03-20 00:00+08')::bigint, 0
       from record where number = '检查2026-7'`,
    );
    const superseded = async (query: Query) =>
      (await history(query)).records.filter(({ supersededBy }) => supersededBy).length;
    expect([await superseded({ asOf: "2026-03-19" }), await superseded({ asOf: "2026-03-20" })]).to.deep.equal([0, 1]);
    expect((await history({ state: "superseded" })).records).to.have.length(1);
    expect((await history({ state: "standing" })).records).to.have.length(5);
    expect((await history({ state: "superseded", asOf: "2026-03-19" })).records).to.deep.equal([]);
    const published = async (query: Query) =>
      (await history(query)).records.find(({ number }) => number === "检查2026-7")?.publication.published;
    expect([await published({ asOf: "2026-03-19" }), await published({ asOf: "2026-03-20" })]).to.deep.equal([
      true,
      false,
    ]);
  });

  it("marks what is objected to from the day on which that was final until the day on which its result was", async () => {
    const [contested] = (await history({ kind: 4 })).records;
    await taken(objection("异议2026-1", contested!.number));
    const marks = async (query: Query) =>
      (await history(query)).records.filter(({ objected }) => objected).map(({ id }) => id);
    expect(await marks({})).to.deep.equal([contested!.id]);
    expect(await marks({ asOf: "2026-05-01" })).to.deep.equal([]);
    await world.sql(
      `with final as (insert into batch (id, department, kind, year, sequence, count, root, entries_hash, status, block_number, block_hash,
           block_time, log_index)
         select gen_random_uuid(), department, kind, year, 99, 1, record_hash, record_hash, 'final', 98, record_hash, $2, 0
         from record where number = $1 returning id)
       update record set batch = final.id, batch_index = 0 from final where number = $1`,
      ["异议2026-1", Date.parse("2026-04-10T12:00:00+08:00") / 1000],
    );
    expect(await marks({ asOf: "2026-04-09" })).to.deep.equal([]);
    expect(await marks({ asOf: "2026-04-10" })).to.deep.equal([contested!.id]);
    await world.sql(
      `insert into supersession (id, department, by, record_hash, successor, reason, status, block_number, block_time, log_index)
       select id, department, department, record_hash, record_hash, 1, 'final', 99, $2, 0 from record where number = $1`,
      ["异议2026-1", Date.parse("2026-04-20T12:00:00+08:00") / 1000],
    );
    expect(await marks({ asOf: "2026-04-19" })).to.deep.equal([contested!.id]);
    expect(await marks({ asOf: "2026-04-20" })).to.deep.equal([]);
    expect(await marks({})).to.deep.equal([]);
  });

  it("refuses what is no code, no cursor, no page size", async () => {
    const code = async (path: string) => {
      const { status, body } = await world.get<{ code: string }>(`/api/v1/subjects/${path}`);
      return `${status} ${body.code}`;
    };
    expect(await code("91110108MA9D00013Y/history")).to.equal("400 SUBJECT_INVALID");
    expect(await code(`${ENTERPRISE}/history?cursor=x`)).to.equal("400 CURSOR_INVALID");
    expect(await code(`${ENTERPRISE}/history?asOf=yesterday`)).to.equal("400 INVALID_PARAMETER");
    expect(await code(`${ENTERPRISE}/history?limit=0`)).to.equal("400 INVALID_PARAMETER");
    expect(await code(`${ENTERPRISE}/history?limit=1&limit=2`)).to.equal("400 INVALID_PARAMETER");
  });
});
