import type { Operations } from "@quanlian/client";
import { expect } from "chai";
import type { RecordAnswer, RecordReference } from "../../backend/src/records/records.schemas.ts";
import { clientOf } from "./client.ts";
import { type Asker, ENTERPRISE, eventually, OTHER_ENTERPRISE, startWorld, type World } from "./harness.ts";
import { penalty, registration } from "./records.ts";

type Query = Operations["HistoryController_show"]["parameters"]["query"];

const [ABSORBED, OLDEST, SISTER] = ["91110108MA9T003760", "91110105MA9T0019XJ", "91110105MA9T00050Y"];

describe("identity: names, mergers and splits, with their evidence", () => {
  let world: World;
  let named: RecordReference;
  before(async () => {
    world = await startWorld();
    named = await recorded(named2024);
    await recorded(registration("登-2", "名称变更", { ...renamed("乙公司", "丙公司"), ...on(2025) }));
    // The absorbing side's entry, then the absorbed side's, then a split on the side of the one that was split.
    await recorded(registration("登-3", "吸收合并", { 被承继主体统一社会信用代码: ABSORBED, ...on(2025) }));
    await recorded(of(OLDEST, registration("登-4", "吸收合并", { 承继主体统一社会信用代码: ABSORBED, ...on(2024) })));
    await recorded(of(ABSORBED, registration("登-5", "存续分立", { 承继主体统一社会信用代码: SISTER, ...on(2024) })));
    await recorded(registration("登-6", "存续分立", { 承继主体统一社会信用代码: OTHER_ENTERPRISE }));
    // Whoever would follow it for ever is led back to the start.
    await recorded(of(OTHER_ENTERPRISE, registration("登-7", "吸收合并", { 承继主体统一社会信用代码: ENTERPRISE })));
    await recorded(of(OLDEST, penalty("旧罚-1")));
    await recorded(penalty("新罚-1", { 处罚决定日期: "2026/04/02" }));
  });
  after(() => world.stop());

  const renamed = (before: string, after: string) => ({ 变更前名称: before, 变更后名称: after });
  const on = (year: number) => ({ 核准日期: `${year}/05/06` });
  const named2024 = registration("登-1", "名称变更", { ...renamed("甲公司", "乙公司"), ...on(2024) });
  const of = <T extends { fields: Record<string, unknown> }>(uscc: string, record: T): T => {
    const column = "经营主体统一社会信用代码" in record.fields ? "经营主体统一社会信用代码" : "统一社会信用代码";
    return { ...record, fields: { ...record.fields, [column]: uscc } };
  };
  const recorded = async (record: unknown): Promise<RecordReference> => {
    const { status, body } = await world.post<RecordReference>("/api/v1/records", record);
    expect(status, JSON.stringify(body)).to.equal(202);
    await eventually(
      () => world.get<RecordAnswer>(`/api/v1/records/${body.id}`),
      (answer) => answer.body.status === "final",
    );
    return body;
  };
  const identity = async (uscc: string, query: { asOf?: string } = {}) =>
    (await clientOf(world).GET("/api/v1/subjects/{uscc}/identity", { params: { path: { uscc }, query } })).data!;
  const history = async (query: Query, asker: Asker = "everything") => {
    const params = { path: { uscc: ENTERPRISE }, query };
    return (await clientOf(world, asker).GET("/api/v1/subjects/{uscc}/history", { params })).data!.records;
  };
  const numbers = async (query: Query, asker?: Asker) => (await history(query, asker)).map(({ number }) => number);

  it("tells the names in their order, each with the entry that says so", async () => {
    const { names } = await identity(ENTERPRISE);
    expect(names.map(({ name, from, to }) => [name, from, to])).to.deep.equal([
      ["甲公司", null, "2024-05-06"],
      ["乙公司", "2024-05-06", "2025-05-06"],
      ["丙公司", "2025-05-06", null],
    ]);
    expect(names[1]!.record).to.include({ id: named.id, recordHash: named.recordHash, number: "登-1" });
  });

  it("leads back over predecessors and on over successors, whichever side's entry says it, and never round", async () => {
    const steps = async (uscc: string) =>
      (await identity(uscc)).relatives.map(({ subject, relation, of: nearer, record }) =>
        [relation, subject, nearer, record.number].join(" "),
      );
    expect(await steps(ENTERPRISE)).to.have.members([
      `predecessor ${ABSORBED} ${ENTERPRISE} 登-3`,
      `predecessor ${OTHER_ENTERPRISE} ${ENTERPRISE} 登-7`,
      `predecessor ${OLDEST} ${ABSORBED} 登-4`,
    ]);
    expect((await steps(OLDEST)).slice(0, 3)).to.deep.equal([
      `successor ${ABSORBED} ${OLDEST} 登-4`,
      `successor ${SISTER} ${ABSORBED} 登-5`,
      `successor ${ENTERPRISE} ${ABSORBED} 登-3`,
    ]);
  });

  it("does not take a sister for a relative in the line", async () => {
    expect((await identity(SISTER)).relatives.map(({ subject }) => subject)).to.deep.equal([ABSORBED, OLDEST]);
  });

  it("shows the predecessors' records in the history when asked to", async () => {
    expect(await numbers({ kind: 4 })).to.deep.equal(["新罚-1"]);
    expect(await numbers({ kind: 4, follow: "true" })).to.deep.equal(["旧罚-1", "新罚-1"]);
    const both = await history({ kind: 4, follow: "true" });
    expect(both.map(({ subject }) => subject)).to.deep.equal([OLDEST, ENTERPRISE]);
  });

  it("gives a successor no more of its predecessor's records than it may see of anybody's", async () => {
    const published = await numbers({ kind: 4, follow: "true" }, "enterprise");
    expect(published).to.deep.equal(["旧罚-1", "新罚-1"]);
    await recorded(of(OLDEST, penalty("旧警-1", { 处罚类别: "警告" })));
    expect(await numbers({ kind: 4, follow: "true" }, "enterprise")).to.deep.equal(published);
    expect(await numbers({ kind: 4, follow: "true" })).to.deep.equal(["旧罚-1", "旧警-1", "新罚-1"]);
  });

  it("follows only what was on the ledger on the day asked about", async () => {
    const then = await identity(ENTERPRISE, { asOf: "2026-01-01" });
    expect([then.names, then.relatives]).to.deep.equal([[], []]);
    expect(await numbers({ kind: 4, follow: "true", asOf: "2026-01-01" })).to.deep.equal([]);
  });

  it("forgets an entry that was withdrawn", async () => {
    const withdrawn = registration("登-8", "其他-撤回第3号", { 核准日期: "2026/06/01" });
    const third = (await identity(ENTERPRISE)).relatives.find(({ record }) => record.number === "登-3")!.record;
    await recorded({ ...withdrawn, supersedes: { record: third.recordHash, reason: "withdrawal" } });
    await eventually(
      () => identity(ENTERPRISE),
      ({ relatives }) => !relatives.some(({ record }) => record.number === "登-3"),
    );
    expect((await identity(ENTERPRISE)).relatives.map(({ subject }) => subject)).to.deep.equal([OTHER_ENTERPRISE]);
  });

  it("refuses an entry that makes somebody his own successor, or a merger with nobody", async () => {
    const problem = async (change: Record<string, unknown>) => {
      const { body } = await world.post<{ problems: { code: string }[] }>(
        "/api/v1/records",
        registration("登-9", "吸收合并", change),
      );
      return body.problems.map(({ code }) => code);
    };
    expect(await problem({ 承继主体统一社会信用代码: ENTERPRISE })).to.deep.equal(["LINK_TO_SELF"]);
    expect(await problem({})).to.deep.equal(["VALUE_MISSING"]);
    const { status } = await world.get("/api/v1/subjects/91110108MA9D00013Y/identity");
    expect(status).to.equal(400);
  });
});
