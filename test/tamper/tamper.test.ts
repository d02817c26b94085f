import { readFileSync } from "node:fs";
import { readStatement } from "@quanlian/proof";
import { expect } from "chai";
import { IntegrityRunner } from "../../backend/src/integrity/integrity-runner.ts";
import { IntegrityService } from "../../backend/src/integrity/integrity.service.ts";
import type { RunAnswer } from "../../backend/src/integrity/integrity.schemas.ts";
import type { RecordAnswer, RecordReference } from "../../backend/src/records/records.schemas.ts";
import { eventually, startWorld, type World } from "../service/harness.ts";
import { inspection, licence, penalty } from "../service/records.ts";
import { type Column, excuseOf, excusesTable, staleExcuses } from "./excuses.ts";

interface TypedColumn extends Column {
  readonly type: string;
}

const COLUMNS = `select c.table_name as "table", c.column_name as "column", c.data_type as type
  from information_schema.columns c join information_schema.tables t using (table_schema, table_name)
  where c.table_schema = 'public' and t.table_type = 'BASE TABLE' and c.is_generated = 'NEVER' order by c.table_name, c.ordinal_position`;

/** Whoever owns the tables is not held up by foreign keys and checks. */
const DROP_CONSTRAINTS = `select format('alter table %s drop constraint %I', conrelid::regclass, conname) as drop
  from pg_constraint where contype in ('f', 'c') and connamespace = 'public'::regnamespace`;

/** Another value of the same type, from the old one. */
const OTHER: Readonly<Record<string, (column: string) => string>> = {
  uuid: () => `gen_random_uuid()`,
  text: (column) => `coalesce(${column}, '') || 'x'`,
  smallint: (column) => `coalesce(${column}, 0) + 1`,
  integer: (column) => `coalesce(${column}, 0) + 1000`,
  bigint: (column) => `coalesce(${column}, 0) + 1000`,
  bytea: (column) => `sha256(coalesce(${column}, ''))`,
  jsonb: (column) =>
    `case jsonb_typeof(${column}) when 'array' then ${column} || '[1]' else ${column} || '{"x": 1}' end`,
  json: () => `'{"x": 1}'`,
  ARRAY: (column) => `array_append(${column}, 'x')`,
  "timestamp with time zone": (column) => `coalesce(${column}, now()) + interval '1 day'`,
  boolean: (column) => `not ${column}`,
};

/** Columns that take only certain values. */
const CHOICES: Readonly<Record<string, string>> = {
  "batch.status": `'sealed'`,
  "supersession.status": `'submitted'`,
  "supersession.reason": `3`,
  "department.uscc": `'91110108MA9D00013X'`,
};

/** Where the place is named by other words than the column's own. */
const NAMED: Readonly<Record<string, (difference: RunAnswer["found"][number]) => boolean>> = {
  "record.fields": ({ layer, record }) => layer === "fields" && record !== null,
  "record.record_hash": ({ layer, record }) => layer === "recordHash" && record !== null,
  "record.stream_key": ({ layer, record }) => layer === "streamKey" && record !== null,
  "record.batch": ({ layer, batchIndex }) => layer === "entries" && batchIndex !== null,
  "record.batch_index": ({ layer, batchIndex }) => layer === "entries" && batchIndex !== null,
  "finding.personal": ({ layer }) => layer === "finding",
  "record_link.record": ({ layer, record }) => layer === "links" && record !== null,
  "record_link.position": ({ layer, record }) => layer === "links" && record !== null,
  "record_link.rel": ({ layer, record }) => layer === "links" && record !== null,
  "record_link.target_hash": ({ layer, record }) => layer === "links" && record !== null,
  "record_link.target_department": ({ layer, record }) => layer === "links" && record !== null,
  "record_link.target_number": ({ layer, record }) => layer === "links" && record !== null,
};

describe("tampering with any column of any table is found, or excused in docs/trust.md", () => {
  let world: World;
  let columns: TypedColumn[];
  const found: string[] = [];
  const excused: string[] = [];

  before(async function () {
    this.timeout(120_000);
    world = await startWorld();
    columns = await world.sql<TypedColumn>(COLUMNS);
    const records = [
      ...[1, 2, 3].map((n) => penalty(`京市监罚〔2026〕${n}号`, { 检查行为编号: "检查2026-1" })),
      inspection("检查2026-1"),
      licence("京市监许〔2025〕1号", { 许可编号: "JY11101080000001" }),
    ];
    for (const record of records) await taken(record);
    const other = await world.post<RecordReference>("/api/v1/records", penalty("京市监罚〔2026〕2号"));
    expect(other.status).to.equal(409);
    const [first] = await world.sql<{ hash: string }>(
      `select '0x' || encode(record_hash, 'hex') as hash from record where number = '京市监罚〔2026〕1号'`,
    );
    const links = [{ rel: "supersedes", record: first!.hash }];
    const { id } = await taken(penalty("京市监罚〔2026〕1号", { "罚款金额（万元）": "0.3", links }));
    await eventually(
      () => world.sql(`select 1 from supersession where id = $1 and status = 'final'`, [id]),
      (rows) => rows.length > 0,
    );
    const erased = await taken(penalty("京市监罚〔2026〕4号"));
    const officer = world.as("department-officer");
    expect((await officer.post(`/api/v1/records/${erased.id}/erasure`, { reason: "unlawful" })).status).to.equal(200);
    await world.restart({}, false);
    for (const { drop } of await world.sql<{ drop: string }>(DROP_CONSTRAINTS)) await world.sql(drop);
    await world.sql(`create schema saved`);
    for (const table of tables()) await world.sql(`create table saved.${table} as table public.${table}`);
    expect((await fsck()).found).to.deep.equal([]);
  });
  after(async () => {
    await world.stop();
    // The last line of all, after the runner's own.
    process.once("exit", () => {
      const open = columns.length - found.length - excused.length;
      console.log(`${columns.length} columns: ${found.length} found, ${excused.length} excused, ${open} not found`);
    });
  });

  const tables = () => [...new Set(columns.map(({ table }) => table))];

  async function taken(record: unknown): Promise<RecordReference> {
    const { body } = await world.post<RecordReference>("/api/v1/records", record);
    await eventually(
      () => world.get<RecordAnswer>(`/api/v1/records/${body.id}`),
      (answer) => answer.body.status === "final",
    );
    return body;
  }

  async function fsck(): Promise<RunAnswer> {
    const [runner, service] = [world.app.get(IntegrityRunner), world.app.get(IntegrityService)];
    const { id } = await service.request("fsck", "sealed");
    while ((await runner.advance(id)).status === "running");
    return service.show(id);
  }

  async function tampered(...statements: string[]): Promise<RunAnswer> {
    try {
      for (const statement of statements) await world.sql(statement);
      return await fsck();
    } finally {
      for (const table of tables().filter((name) => !/^integrity|^finding$/.test(name))) {
        const names = columns.filter((one) => one.table === table).map(({ column }) => column);
        const back = `insert into ${table} (${names.join()}) select ${names.join()} from saved.${table}`;
        await world.sql(`begin; delete from ${table}; ${back}; commit`);
      }
      await world.sql(`delete from finding where code = 'INTEGRITY'`);
      await world.sql(`update finding f set (id, code, department, record, fingerprint, evidence, personal, found_at, seal)
        = (select id, code, department, record, fingerprint, evidence, personal, found_at, seal from saved.finding)`);
    }
  }

  it("has an excuse for columns that exist only, and shows them all in docs/trust.md", () => {
    expect(staleExcuses(columns)).to.deep.equal([]);
    expect(readFileSync("docs/trust.md", "utf8")).to.include(excusesTable());
  });

  it("finds every changed and every emptied column that is not excused, and names it", async function () {
    this.timeout(300_000);
    const missed: string[] = [];
    for (const column of columns) {
      const name = `${column.table}.${column.column}`;
      if (excuseOf(column) !== undefined) excused.push(name);
      else if (await isFound(column)) found.push(name);
      else missed.push(name);
    }
    expect(missed, "neither found nor in docs/not-evidence.json").to.deep.equal([]);
  });

  it("finds a disclosure taken out together with its stored value", async () => {
    const [row] = await world.sql<{ id: string; statement: string }>(`select id, statement from record limit 1`);
    const read = readStatement(row!.statement);
    if (!read.ok) throw new Error(read.problem);
    const optional = read.disclosures.find(({ name }) => name === "effectiveTo")!;
    const shorter = row!.statement.replace(`${optional.text}~`, "");
    expect(readStatement(shorter)).to.include({ ok: true, recordHash: read.recordHash });
    const done = await tampered(
      `update record set statement = '${shorter}', fields = fields - 'effectiveTo' where id = '${row!.id}'`,
    );
    expect(places(done)).to.deep.equal([`seal statement, personal ${row!.id}`]);
  });

  it("finds a record that was deleted, by its place and its hash", async () => {
    const [row] = await world.sql<{ id: string; hash: string }>(
      `select id, '0x' || encode(record_hash, 'hex') as hash from record where version = 1 limit 1`,
    );
    const { found: differences } = await tampered(`delete from record where id = '${row!.id}'`);
    expect(differences.filter(({ layer }) => layer === "entries").map(({ expected }) => expected)).to.include(
      row!.hash,
    );
  });

  it("finds a record that was inserted, signed by nobody", async () => {
    const id = "00000000-0000-7000-8000-000000000001";
    const done = await tampered(
      `insert into record select (jsonb_populate_record(r, jsonb_build_object('id', '${id}', 'number', 'X', 'batch', null,
         'batch_index', null, 'record_hash', '\\x' || repeat('ab', 32)))).* from record r limit 1`,
    );
    expect(places(done)).to.include.members([
      `personal id, personal, owner, kek, wrapped ${id}`,
      `columns number ${id}`,
      `recordHash null ${id}`,
    ]);
  });

  it("finds two records that changed places", async () => {
    const [first, second] = await world.sql<{ id: string; batch: string; batch_index: number }>(
      `select id, batch, batch_index from record where batch_index = 0 and version = 1 order by id limit 2`,
    );
    const put = (id: string, to: typeof first) =>
      `update record set batch = '${to!.batch}', batch_index = ${to!.batch_index} where id = '${id}'`;
    const aside = `update record set batch_index = 9 where id = '${first!.id}'`;
    const { found: differences } = await tampered(aside, put(second!.id, first), put(first!.id, second));
    const changed = differences.filter(({ layer, field }) => layer === "entries" && field === "record_hash");
    expect(changed.map(({ record }) => record)).to.have.members([first!.id, second!.id]);
  });

  const places = (run: RunAnswer) => run.found.map(({ layer, field, record }) => `${layer} ${field} ${record}`);

  async function isFound({ table, column, type }: TypedColumn): Promise<boolean> {
    const name = `${table}.${column}`;
    const value = CHOICES[name] ?? OTHER[type]!(column);
    const isNamed = NAMED[name] ?? (({ field }) => field?.split(", ").includes(column) ?? false);
    const [row] = await world.sql<{ at: string; nullable: boolean }>(
      `select ctid::text as at, (select is_nullable = 'YES' from information_schema.columns
         where table_schema = 'public' and table_name = $1 and column_name = $2) and ${column} is not null as nullable
       from ${table} order by (${column} is null), ctid limit 1`,
      [table, column],
    );
    expect(row, `a row in ${table}`).to.not.equal(undefined);
    const where = `where ctid = '${row!.at}'`;
    const changed = await tampered(`update ${table} set ${column} = ${value} ${where}`);
    if (!changed.found.some(isNamed)) return false;
    if (!row!.nullable) return true;
    const [again] = await world.sql<{ at: string }>(
      `select ctid::text as at from ${table} where ${column} is not null order by ctid limit 1`,
    );
    const emptied = await tampered(`update ${table} set ${column} = null where ctid = '${again!.at}'`);
    return emptied.found.some(isNamed);
  }
});
