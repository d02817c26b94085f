import { expect } from "chai";
import type { HistoryAnswer, LinkAnswer } from "../../backend/src/history/history.schemas.ts";
import type { RecordReference } from "../../backend/src/records/records.schemas.ts";
import { ENTERPRISE, OTHER_ENTERPRISE, startWorld, type World } from "./harness.ts";
import { commitment, inspection, licence, penalty, serviceCase } from "./records.ts";

describe("history: the chain of one enterprise", () => {
  let world: World;
  before(async () => {
    world = await startWorld({}, false);
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
  const history = async (query = "") =>
    (await world.get<HistoryAnswer>(`/api/v1/subjects/${ENTERPRISE}/history${query}`)).body;
  const named = ({ rel, direction, records }: LinkAnswer) =>
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
      const page: HistoryAnswer = await history(`?limit=2${cursor && `&cursor=${cursor}`}`);
      paged.push(...page.records.map(({ id }) => id));
      cursor = page.next;
    }
    expect(paged).to.deep.equal(whole);
  });

  it("answers for one kind, and with nothing for a stranger", async () => {
    expect((await history("?kind=4")).records).to.have.length(2);
    const stranger = await world.get<HistoryAnswer>("/api/v1/subjects/92110105MA9D0003X2/history");
    expect(stranger.body.records).to.deep.equal([]);
  });

  it("refuses what is no code, no cursor, no page size", async () => {
    const code = async (path: string) => {
      const { status, body } = await world.get<{ code: string }>(`/api/v1/subjects/${path}`);
      return `${status} ${body.code}`;
    };
    expect(await code("91110108MA9D00013Y/history")).to.equal("400 SUBJECT_INVALID");
    expect(await code(`${ENTERPRISE}/history?cursor=x`)).to.equal("400 CURSOR_INVALID");
    expect(await code(`${ENTERPRISE}/history?limit=0`)).to.equal("400 INVALID_PARAMETER");
    expect(await code(`${ENTERPRISE}/history?limit=1&limit=2`)).to.equal("400 INVALID_PARAMETER");
  });
});
