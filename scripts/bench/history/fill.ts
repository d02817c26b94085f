// A database as large as wanted, in minutes: copies of a few real records under other numbers, names, codes and days.
import type pg from "pg";
import { enterpriseOf } from "../../dataset/subjects.ts";

/** Beyond those of the real records. */
const FIRST_ENTERPRISE = 1_000;
/** Records of one statement of SQL, so that its progress can be told. */
const STEP = 100_000;
const PER_BATCH = 512;

/**
 * Adds so many records of so many subjects. Content and statements are those of real records and as long, but belong to
 * other numbers: such records are found, listed and counted like any other, and prove nothing.
 */
export async function fill(sql: pg.Client, records: number, subjects: number): Promise<void> {
  const enterprises = Array.from({ length: subjects }, (_, i) => enterpriseOf("history", FIRST_ENTERPRISE + i));
  await sql.query("set synchronous_commit = off; set maintenance_work_mem = '512MB'");
  await sql.query("create temp table enterprise (place int primary key, uscc text, name text, stream_key bytea)");
  await sql.query(ENTERPRISES, [enterprises.map(({ uscc }) => uscc), enterprises.map(({ name }) => name)]);
  await sql.query(TEMPLATES);
  await sql.query(
    "insert into subject_name (subject_id, name) select distinct uscc, name from enterprise on conflict do nothing",
  );
  await sql.query(BATCHES, [Math.ceil(records / PER_BATCH)]);
  const indexes = await withoutIndexes(sql);
  for (let from = 0; from < records; from += STEP) {
    await sql.query(RECORDS, [from, Math.min(from + STEP, records) - 1, subjects]);
    console.error(`  … ${Math.min(from + STEP, records)} records`);
  }
  for (const index of indexes) await sql.query(index);
  await sql.query(CITATIONS, [records]);
  console.error("  … indexes, citations");
  await sql.query("vacuum (analyze) record");
  await sql.query("analyze");
}

/** Indexes are made anew when all rows are there: in a fraction of the time. @returns how to make them */
async function withoutIndexes(sql: pg.Client): Promise<string[]> {
  const { rows } = await sql.query<{ name: string; definition: string }>(
    `select indexname as name, indexdef as definition from pg_indexes where tablename = 'record' and schemaname = 'public'
       and not exists (select from pg_constraint c where c.conname = indexname)`,
  );
  for (const { name } of rows) await sql.query(`drop index ${name}`);
  return rows.map(({ definition }) => definition);
}

/** Their streams lie in buckets (of 16 bits) that hold no real record: what the ledger knows of those stays as it is. */
const ENTERPRISES = `
insert into enterprise select ordinality - 1, u, v, (
    select key from generate_series(0, 9) salt, sha256((u || '/' || salt)::bytea) key
    where substr(key, 1, 2) not in (select substr(stream_key, 1, 2) from record) limit 1)
  from unnest($1::text[], $2::text[]) with ordinality as e(u, v)`;

/** Whole records without a personal part, whose keys would belong to their own ids. */
const TEMPLATES = `
create temp table template as select (row_number() over (order by id) - 1)::int as t, r.* from record r
  where batch is not null and subject_type = 'uscc' and version = 1 limit 100;
update template set personal = null, import = null;
create unique index on template (t)`;

const BATCHES = `
insert into batch (id, department, kind, year, sequence, count, root, entries_hash, signature, status, transaction_hash,
    block_number, block_hash, block_time, log_index)
  select uuidv7(), b.department, b.kind, b.year, 1000000 + n, ${PER_BATCH}, b.root, b.entries_hash, b.signature, 'final',
    b.transaction_hash, b.block_number, b.block_hash, b.block_time, b.log_index
  from generate_series(0, $1::int - 1) n cross join (select * from batch where status = 'final' order by id limit 1) b`;

const RECORDS = `
insert into record (id, type, kind, department, subject_type, subject_id, subject_name, number, version, event_time, year,
    signed_at, fields, statement, record_hash, stream_key, received_at, seal, batch, batch_index)
  select uuidv7(), t.type, t.kind, t.department, 'uscc', e.uscc, e.name, '京海监〔' || 2024 + n % 3 || '〕' || n || '号', 1,
    timestamptz '2024-01-01 00:00+08' + (n::bigint * 7919 % 1000) * interval '1 day', 2024 + n % 3,
    t.signed_at, t.fields || jsonb_build_object('subjectName', e.name, 'number', '京海监〔' || 2024 + n % 3 || '〕' || n || '号'),
    t.statement, sha256(n::text::bytea), e.stream_key, t.received_at, t.seal, b.id, n % ${PER_BATCH}
  from generate_series($1::int, $2::int) n
  join enterprise e on e.place = n::bigint * 7907 % $3
  join template t on t.t = n % (select count(*)::int from template)
  join batch b on b.sequence = 1000000 + n / ${PER_BATCH}`;

/** Every second record cites the one before it: by hash, or by number. */
const CITATIONS = `
insert into record_link (record, position, rel, target_hash, target_number)
  select r.id, 0, 'basis', case n % 4 when 1 then sha256((n - 1)::text::bytea) end,
    case n % 4 when 3 then '京海监〔' || 2024 + (n - 1) % 3 || '〕' || n - 1 || '号' end
  from generate_series(1, $1::int - 1, 2) n join record r on r.record_hash = sha256(n::text::bytea)`;
