import { readStatement } from "@quanlian/proof";
import { expect } from "chai";
import type { ImportAnswer } from "../../backend/src/imports/imports.schemas.ts";
import type { RecordAnswer, RecordReference } from "../../backend/src/records/records.schemas.ts";
import { CITY, DISTRICT, eventually, startWorld, upload, wholeRecord, type World } from "./harness.ts";
import { penalty } from "./records.ts";

const SCHEMA = {
  type: "object",
  properties: {
    网格编号: { type: "string", maxLength: 8 },
    从业人数: { type: "integer", minimum: 0 },
    夜间经营: { type: "boolean" },
  },
  required: ["网格编号"],
  additionalProperties: false,
};

describe("local fields: what a department adds to records without a change of the code", () => {
  let world: World;
  before(async () => {
    world = await startWorld();
  });
  after(() => world.stop());

  const register = async (namespace: string, schema: object, department = CITY) => {
    const url = `/api/v1/departments/${department}/local-fields/${namespace}`;
    const answer = await world.app.inject({ method: "PUT", url, headers: await world.bearer(), payload: schema });
    return { status: answer.statusCode, body: answer.json<{ code?: string; namespace?: string }>() };
  };
  const submit = (number: string, local: unknown, changes: Record<string, unknown> = {}) =>
    world.post<RecordReference & { code: string }>("/api/v1/records", penalty(number, { ...changes, local }));

  it("are signed, stored and shown once their schema is registered", async () => {
    const local = { grid: { 网格编号: "0012", 从业人数: 35, 夜间经营: true } };
    expect((await submit("京市监罚〔2026〕501号", local)).body.code).to.equal("RECORD_INVALID");
    expect((await register("grid", SCHEMA)).status).to.equal(200);
    const { status, body } = await submit("京市监罚〔2026〕501号", local);
    expect(status, JSON.stringify(body)).to.equal(202);
    const shown = await world.get<RecordAnswer>(`/api/v1/records/${body.id}`);
    expect(shown.body.fields.local).to.deep.equal(local);
    const stored = await wholeRecord(world, "id", body.id);
    const statement = readStatement(stored.statement);
    expect(statement).to.have.nested.property("fields.local").that.deep.equals(local);
  });

  it("come out of a file's columns local.<namespace>.<member> as the schema types them", async () => {
    await register("grid", SCHEMA);
    const row = (number: string, people: string): Record<string, unknown> => ({
      ...penalty(number).fields,
      ...{ "local.grid.网格编号": "0013", "local.grid.从业人数": people, "local.grid.夜间经营": "否" },
    });
    const rows = [row("京市监罚〔2026〕511号", "12"), row("京市监罚〔2026〕512号", "许多")];
    const file = [Object.keys(rows[0]!), ...rows.map((cells) => Object.values(cells))]
      .map((cells) => cells.join(","))
      .join("\n");
    const { body: job } = await upload<ImportAnswer>(world, file, "penalties.csv", { department: CITY });
    const done = await eventually(
      () => world.get<ImportAnswer>(`/api/v1/imports/${job.id}`),
      ({ body }) => body.finishedAt !== null,
    );
    expect(done.body).to.include({ accepted: 1, rejected: 1 });
    expect(done.body.notes).to.deep.equal([]);
    const stored = await wholeRecord(world, "import", job.id);
    expect(stored.fields.local).to.deep.equal({ grid: { 网格编号: "0013", 从业人数: 12, 夜间经营: false } });
  });

  it("are each department's own, and must fit", async () => {
    await register("grid", SCHEMA);
    expect((await submit("京市监罚〔2026〕521号", { grid: { 从业人数: 3 } })).status).to.equal(422);
    expect((await submit("京市监罚〔2026〕521号", { other: {} })).status).to.equal(422);
    const elsewhere = { 处罚机关统一社会信用代码: DISTRICT };
    expect((await submit("京市监罚〔2026〕521号", { grid: { 网格编号: "1" } }, elsewhere)).status).to.equal(422);
    const { body } = await world.get<{ namespace: string }[]>(`/api/v1/departments/${CITY}/local-fields`);
    expect(body.map(({ namespace }) => namespace)).to.deep.equal(["grid"]);
    expect((await world.get<unknown[]>(`/api/v1/departments/${DISTRICT}/local-fields`)).body).to.deep.equal([]);
  });

  it("hold nothing that a statement cannot", async () => {
    await register("free", { type: "object" });
    for (const value of [1.5, 2 ** 53, "\ud800", { a: [0.1] }])
      expect((await submit("京市监罚〔2026〕531号", { free: { value } })).status, JSON.stringify(value)).to.be.oneOf([
        400, 422,
      ]);
    expect((await submit("京市监罚〔2026〕531号", { free: { value: "1.5", deep: [{ ok: null }] } })).status).to.equal(
      202,
    );
  });

  it("need a schema that can be checked, and quickly", async () => {
    expect((await register("a", { type: "string" })).body.code).to.equal("LOCAL_SCHEMA_INVALID");
    expect((await register("a", { type: "object", properties: { x: { type: "strin" } } })).body.code).to.equal(
      "LOCAL_SCHEMA_INVALID",
    );
    const slow = { type: "object", properties: { x: { type: "string", pattern: "^(a+)+$" } } };
    expect((await register("a", slow)).body.code).to.equal("LOCAL_SCHEMA_INVALID");
    const named = { type: "object", properties: { pattern: { type: "string" } } };
    expect((await register("a", named)).status).to.equal(200);
    expect((await register("No", { type: "object" })).body.code).to.equal("INVALID_PARAMETER");
    expect((await register("a", { type: "object" }, "91110108MA9D00013X")).body.code).to.equal("FORBIDDEN");
  });
});
