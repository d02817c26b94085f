import { expect } from "chai";
import { DataSource } from "typeorm";
import type { Json } from "@quanlian/proof";
import { readStatement } from "@quanlian/proof";
import type { ProblemDocument } from "../../backend/src/http/problem.ts";
import type { RecordAnswer, RecordReference } from "../../backend/src/records/records.schemas.ts";
import { Findings } from "../../backend/src/findings/findings.ts";
import { startWorld, type World } from "./harness.ts";
import { penalty } from "./records.ts";

describe("records: one content a document number", () => {
  let world: World;
  let n = 0;
  before(async () => {
    world = await startWorld({}, false);
  });
  after(() => world.stop());

  const fresh = () => `京市监罚〔2026〕${++n}号`;
  const send = <Body = RecordReference>(record: unknown, key?: string) =>
    world.post<Body>("/api/v1/records", record, key === undefined ? {} : { "idempotency-key": key });
  const corrected = (number: string, record: string, fine = "0.6") => {
    const { type, fields } = penalty(number, { "罚款金额（万元）": fine });
    return { type, fields: { ...fields, links: [{ rel: "supersedes", record }] } };
  };

  it("answers a repeat with the same record", async () => {
    const record = penalty(fresh());
    const first = await send(record);
    const second = await send(record);
    expect([first.status, second.status]).to.deep.equal([202, 200]);
    expect(second.body).to.deep.equal(first.body);
  });

  it("takes the same record for the same however it is written", async () => {
    const number = fresh();
    const first = await send(penalty(number));
    const { type, fields } = penalty(` ${number.replace("〔", "[").replace("〕", "]")} `);
    const { "罚款金额（万元）": fine, ...rest } = fields as Record<string, unknown>;
    const other = await send({ type, fields: { CF_NR_FK: fine, ...rest } });
    expect([other.status, other.body]).to.deep.equal([200, first.body]);
  });

  it("refuses other content, names both hashes, and keeps the proof", async () => {
    const number = fresh();
    const first = await send(penalty(number));
    const wrong = penalty(number, { "罚款金额（万元）": "0.9" });
    const conflict = await send<ProblemDocument>(wrong);
    expect([conflict.status, conflict.body.code]).to.deep.equal([409, "NUMBER_CONFLICT"]);
    const { stored, offered } = conflict.body.facts as { stored: string; offered: string };
    expect(stored).to.equal(first.body.recordHash);
    const manager = world.app.get(DataSource).manager;
    const [finding] = await world.app.get(Findings).about(first.body.id, "EQUIVOCATION", manager);
    const proof = readStatement(finding!.personal.statement as string);
    expect(proof.ok && [proof.recordHash, proof.fields.number]).to.deep.equal([offered, number]);
    const again = await send<ProblemDocument>(wrong);
    expect(again.body.facts).to.deep.equal({ stored, offered });
    expect(await world.sql(`select 1 from finding where record = $1`, [first.body.id])).to.have.length(1);
  });

  it("takes a correction that cites the latest version, once", async () => {
    const number = fresh();
    const first = await send(penalty(number));
    const second = await send(corrected(number, first.body.recordHash));
    expect(second.status).to.equal(202);
    expect((await world.get<RecordAnswer>(`/api/v1/records/${second.body.id}`)).body.version).to.equal(2);
    expect((await send(corrected(number, first.body.recordHash))).body).to.deep.equal(second.body);
    expect((await send(penalty(number))).body).to.deep.equal(first.body);
    const stale = await send<ProblemDocument>(corrected(number, first.body.recordHash, "0.7"));
    expect([stale.status, stale.body.code]).to.deep.equal([409, "SUPERSEDES_UNKNOWN"]);
    expect(stale.body.facts).to.deep.equal({ latest: second.body.recordHash });
  });

  it("knows a request again by its key, and refuses the key for anything else", async () => {
    const record = penalty(fresh());
    const first = await send(record, "a-1");
    const second = await send(record, "a-1");
    expect([second.status, second.body]).to.deep.equal([200, first.body]);
    const other = await send<ProblemDocument>(penalty(fresh()), "a-1");
    expect([other.status, other.body.code]).to.deep.equal([422, "IDEMPOTENCY_KEY_REUSED"]);
  });

  it("makes one record of a hundred simultaneous requests", async () => {
    const record = penalty(fresh());
    const answers = await Promise.all(Array.from({ length: 100 }, () => send(record)));
    expect(new Set(answers.map(({ body }) => body.id)).size).to.equal(1);
    expect(answers.filter(({ status }) => status === 202)).to.have.length(1);
  });

  it("lets only one of two simultaneous contents in", async () => {
    const number = fresh();
    const answers = await Promise.all(
      ["0.1", "0.2"].map((fine) => send(penalty(number, { "罚款金额（万元）": fine }))),
    );
    expect(answers.map(({ status }) => status).sort()).to.deep.equal([202, 409]);
  });

  it("tells nothing by the number of digests of a statement", async () => {
    const digests = async (record: unknown) => {
      const { body } = await send(record);
      const [row] = await world.sql<{ statement: string }>(`select statement from record where id = $1`, [body.id]);
      const read = readStatement(row!.statement);
      return read.ok && [read.payload._sd.length, read.disclosures.length];
    };
    const [few, all] = await Promise.all([digests(penalty(fresh())), digests(penalty(fresh(), { 备注: "补充" }))]);
    expect(few && few[0]).to.equal(all && all[0]);
    expect(few && few[1]).to.be.below((all && all[1]) as number);
  });

  it("keeps secrets out of the database", async () => {
    await send(penalty(fresh()));
    const rows = await world.sql<Record<string, Json>>(`select * from hosted_key`);
    for (const row of rows) expect(JSON.stringify(row)).not.to.match(/"d":|PRIVATE/);
    expect(rows).to.have.length(4);
  });
});
