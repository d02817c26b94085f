import { randomBytes } from "node:crypto";
import { expect } from "chai";
import { issueStatement, type Json } from "@quanlian/proof";
import { IntegrityRunner } from "../../backend/src/integrity/integrity-runner.ts";
import { IntegrityService } from "../../backend/src/integrity/integrity.service.ts";
import type { RunAnswer } from "../../backend/src/integrity/integrity.schemas.ts";
import type { RecordAnswer, RecordReference } from "../../backend/src/records/records.schemas.ts";
import { newStatementKey, statementSigner } from "../../backend/src/departments/statement-key.ts";
import { claimsOf, recordTypes } from "../../backend/src/records/types/record-types.ts";
import { runCommand } from "./command.ts";
import { eventually, startWorld, type World } from "./harness.ts";
import { inspection, licence, penalty } from "./records.ts";

interface RecordColumns {
  readonly type: string;
  readonly department: string;
  readonly year: number;
  readonly fields: Record<string, Json>;
  readonly signed_at: Date;
}

/** Just after blocks were taken back the node now and then says that a block below its newest is out of range. */
async function whereAnvilAnswers<T>(ask: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await ask();
    } catch (error) {
      if (!String(error).includes("BlockOutOfRange")) throw error;
    }
  }
}

describe("integrity: whoever changes the database is found out", () => {
  let world: World;
  let ids: string[];
  before(async () => {
    world = await startWorld();
    const records = [
      ...[1, 2, 3, 4, 5].map((n) => penalty(`京市监罚〔2026〕${n}号`, { 检查行为编号: "检查2026-1" })),
      inspection("检查2026-1"),
      licence("京市监许〔2025〕1号", { 许可编号: "JY11101080000001" }),
    ];
    const taken = await Promise.all(records.map((record) => world.post<RecordReference>("/api/v1/records", record)));
    ids = taken.map(({ body }) => body.id);
    for (const id of ids)
      await eventually(
        () => world.get<RecordAnswer>(`/api/v1/records/${id}`),
        ({ body }) => body.status === "final",
      );
  });
  after(() => world.stop());

  const correct = async () => {
    const [first] = await world.sql<{ hash: string }>(
      `select '0x' || encode(record_hash, 'hex') as hash from record where id = $1`,
      [ids[0]],
    );
    const links = [{ rel: "supersedes", record: first!.hash }];
    const correction = penalty("京市监罚〔2026〕1号", { "罚款金额（万元）": "0.3", links });
    const { body } = await world.post<RecordReference>("/api/v1/records", correction);
    await eventually(
      () => world.sql(`select 1 from supersession where id = $1 and status = 'final'`, [body.id]),
      (rows) => rows.length > 0,
    );
    return body.id;
  };

  const run = async () => {
    const { body } = await world.post<RunAnswer>("/api/v1/integrity/runs", undefined);
    const done = await eventually(
      () => world.get<RunAnswer>(`/api/v1/integrity/runs/${body.id}`),
      (answer) => answer.body.status === "done",
    );
    return done.body;
  };

  /** Plays the rogue administrator inside a transaction of his own, looks, and puts everything back. */
  const tampered = async (...statements: (string | [string, unknown[]])[]) => {
    const tables = ["record", "record_link", "batch", "hosted_key", "supersession"];
    await world.sql(tables.map((table) => `create table saved_${table} as table ${table}`).join(";"));
    try {
      for (const statement of statements)
        await (typeof statement === "string" ? world.sql(statement) : world.sql(...statement));
      return await run();
    } finally {
      const back = (table: string) => `insert into ${table} select * from saved_${table}; drop table saved_${table}`;
      await world.sql(`begin; delete from record; delete from relay_transaction; delete from batch;
        delete from hosted_key; ${["batch", "record", "record_link", "hosted_key", "supersession"].map(back).join(";")}; commit`);
    }
  };
  const seen = ({ found }: RunAnswer) =>
    found.map(({ layer, field, record }) => [layer, field, ids.indexOf(record ?? "")]);

  it("finds nothing where nothing was changed, and says how much it looked at", async () => {
    const done = await run();
    expect(done.found).to.deep.equal([]);
    expect(done).to.include({ differences: 0, records: 7, headsCompared: true });
    expect(done.batches).to.be.at.least(3);
    expect(done.buckets).to.be.at.least(3);
  });

  it("names a changed amount with both values", async () => {
    const done = await tampered([
      `update record set fields = jsonb_set(fields, '{fineFen}', '1') where id = $1`,
      [ids[0]],
    ]);
    expect(seen(done)).to.deep.equal([["fields", "fineFen", 0]]);
    expect(done.found[0]).to.include({ stored: "1", expected: "500000", number: "京市监罚〔2026〕1号" });
  });

  it("names a changed date of publication", async () => {
    const sql = `update record set fields = jsonb_set(fields, '{publicationTo}', '"2026-03-03"') where id = $1`;
    expect(seen(await tampered([sql, [ids[1]]]))).to.deep.equal([["fields", "publicationTo", 1]]);
  });

  it("is not deceived by a statement signed anew with another key", async () => {
    const [row] = await world.sql<RecordColumns>(`select * from record where id = $1`, [ids[3]]);
    const { secret, publicJwk } = newStatementKey();
    const fields = { ...row!.fields, fineFen: 1 };
    const forged = issueStatement(
      {
        ...{
          type: row!.type,
          department: row!.department,
          year: row!.year,
          fields,
          signedAt: row!.signed_at.getTime() / 1000,
        },
        fieldNames: claimsOf(recordTypes.get(row!.type)!),
      },
      statementSigner(secret, publicJwk),
      (length) => new Uint8Array(randomBytes(length)),
    );
    const hash = Buffer.from(forged.recordHash.slice(2), "hex");
    const sql = `update record set fields = $2, statement = $3, record_hash = $4 where id = $1`;
    const done = await tampered([sql, [ids[3], fields, forged.statement, hash]]);
    expect(seen(done)).to.deep.include.members([
      ["key", null, 3],
      ["entries", "record_hash", 3],
    ]);
  });

  it("finds a batch that the ledger holds and the database has lost", async () => {
    const [row] = await world.sql<{ batch: string }>(`select batch from record where id = $1`, [ids[6]]);
    const done = await tampered(
      [`delete from record where batch = $1`, [row!.batch]],
      [`delete from batch where id = $1`, [row!.batch]],
    );
    expect(done.found.map(({ layer }) => layer)).to.include("chain");
  });

  it("finds a batch that the database calls final and the ledger does not hold", async () => {
    const invent = `insert into batch select (jsonb_populate_record(b, jsonb_build_object('id', gen_random_uuid(), 'sequence', 900))).*
      from batch b where id = (select batch from record where id = $1)`;
    const done = await tampered([invent, [ids[0]]]);
    expect(done.found.map(({ layer, sequence }) => [layer, sequence])).to.deep.include(["chain", 900]);
  });

  for (const [what, change] of [
    ["an invented", `update supersession set successor = sha256(successor)`],
    ["another reason for a", `update supersession set reason = 3`],
    ["a forgotten", `delete from supersession`],
  ] as const)
    it(`finds ${what} correction`, async () => {
      const [known] = await world.sql<{ id: string }>(`select id from supersession`);
      const successor = known?.id ?? (await correct());
      ids.push(successor);
      const done = await tampered(change);
      expect(done.found.map(({ layer, record }) => [layer, record])).to.deep.include(["supersession", ids[0]]);
    });

  it("says since when: who found it first, and who looked before and did not", async () => {
    const clean = await run();
    const change = `update record set fields = jsonb_set(fields, '{fineFen}', '7') where id = $1`;
    const [first] = (await tampered([change, [ids[2]]])).found;
    expect(first!.lastRight).to.equal(clean.startedAt);
    await run();
    const [second] = (await tampered([change, [ids[2]]])).found;
    expect(second).to.include({ firstFound: first!.firstFound, lastRight: clean.startedAt });
    const rows = await world.sql(`select 1 from finding where code = 'INTEGRITY' and record = $1`, [ids[2]]);
    expect(rows).to.have.length(1);
  });

  it("is found out by fsck as well, by its threads together", async () => {
    const [before] = await world.sql<{ fields: unknown }>(`select fields from record where id = $1`, [ids[2]]);
    await world.sql(`update record set fields = jsonb_set(fields, '{fineFen}', '7') where id = $1`, [ids[2]]);
    const { code, out } = await runCommand("fsck.js", ["--json", "--full", "--workers", "2"], world.environment);
    await world.sql(`update record set fields = $2 where id = $1`, [ids[2], before!.fields]);
    const answer = JSON.parse(out) as RunAnswer;
    expect([code, answer.records, seen(answer)]).to.deep.equal([1, 8, [["fields", "fineFen", 2]]]);
  });

  it("does not take a chain that goes back meanwhile for a change of the database", async () => {
    const snapshot = await world.node.forward("evm_snapshot");
    const { body: late } = await world.post<RecordReference>("/api/v1/records", penalty("京市监罚〔2026〕90号"));
    const isFinal = ({ body }: { body: RecordAnswer }) => body.status === "final";
    await eventually(() => world.get<RecordAnswer>(`/api/v1/records/${late.id}`), isFinal);
    const [service, runner] = [world.app.get(IntegrityService), world.app.get(IntegrityRunner)];
    const { id } = await service.request("fsck", "full");
    const advance = () => whereAnvilAnswers(() => runner.advance(id));
    await advance();
    await world.node.during(
      async (call, forward) => (call.method === "eth_sendRawTransaction" ? new Promise(() => undefined) : forward()),
      async () => {
        await world.node.forward("evm_revert", [snapshot]);
        await world.node.forward("anvil_mine", ["0x20"]);
        await advance();
      },
    );
    let run = await advance();
    while (run.status === "running") run = await advance();
    expect(run.differences).to.equal(0);
    await eventually(() => world.get<RecordAnswer>(`/api/v1/records/${late.id}`), isFinal);
    expect(
      await world.sql(`select 1 from finding where code = 'INTEGRITY' and evidence->>'run' = $1`, [id]),
    ).to.have.length(0);
  });

  it("goes on where a stopped service left off", async () => {
    const { body } = await world.post<RunAnswer>("/api/v1/integrity/runs", undefined);
    await world.restart();
    const done = await eventually(
      () => world.get<RunAnswer>(`/api/v1/integrity/runs/${body.id}`),
      (answer) => answer.body.status === "done",
    );
    expect(done.body).to.include({ differences: 0, records: 9 });
  });
});
