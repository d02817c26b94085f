// How quickly records are found among a million: npm run bench -- search [--rows N] [--explain] [--json].
import { chmodSync, mkdtempSync } from "node:fs";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { parseArgs } from "node:util";
import { DataSource } from "typeorm";
import { startPostgres } from "../embedded/postgres.ts";

interface Figure {
  readonly what: string;
  readonly value: number;
  readonly unit: "ms" | "rows";
  readonly goal: string | null;
}

const SUBJECT = "91110108MA9D00013X";

/** Records of 50,000 enterprises from 3,000 departments of three provinces over three years, all final but the last few; no real statements. */
const fill = (rows: number) => `
insert into department (uscc, name_zh, name_en, area, capabilities)
  select '1111000' || lpad(d::text, 11, '0'), '部门' || d, 'Department ' || d,
    (array['11','31','41'])[1 + d % 3] || case when d % 10 = 0 then '0000' when d % 10 < 3 then '0' || 1 + d % 9 || '00'
      else '0' || 1 + d % 9 || lpad((1 + d % 15)::text, 2, '0') end, 62 from generate_series(1, 3000) d;
insert into batch (id, department, kind, year, sequence, count, root, entries_hash, status)
  select uuidv7(), '111100000000000001', 4, 2026, b, 512, '\\x00', '\\x00', case when b = 1 then 'submitted' else 'final' end
  from generate_series(1, ${Math.ceil(rows / 512)}) b;
create temp table enterprise as select s, case s when 7 then '${SUBJECT}' else '9111' || lpad(s::text, 14, '0') end as id,
    '京海市' || (array['海淀区','朝阳区','西城区','丰台区','通州区'])[1 + s % 5]
    || (array['青禾','远山','明湖','长风','云帆'])[1 + s / 5 % 5]
    || s || (array['餐饮管理','科技','商贸','建筑工程','物流'])[1 + s / 25 % 5] || '有限公司' as name
  from generate_series(0, 49999) s;
insert into subject_name (subject_id, name) select id, name from enterprise;
insert into record (id, type, kind, department, subject_type, subject_id, subject_name, number, version, event_time, year,
    signed_at, fields, statement, record_hash, stream_key, batch, batch_index)
  select uuidv7(), (array['approval.licence/1','service.case/1','supervision.inspection/1','enforcement.penalty/1'])[1 + n % 4],
    1 + n % 4, '1111000' || lpad((1 + n % 3000)::text, 11, '0'), 'uscc', e.id, e.name,
    '京市监罚〔' || 2024 + n % 3 || '〕' || n || '号', 1,
    timestamptz '2024-01-01 00:00+08' + (n::bigint * 7919 % 94608000) * interval '1 second', 2024 + n % 3,
    now(), jsonb_build_object('eventTime', '2026-01-01', 'text', repeat('x', 200)), repeat('y', 200),
    sha256(n::text::bytea), sha256(e.id::bytea), b.id, n % 512
  from generate_series(0, ${rows - 1}) n
  join enterprise e on e.s = n::bigint * 7907 % 50000
  join batch b on b.sequence = 1 + n / 512;
analyze;`;

const QUERIES: readonly { readonly what: string; readonly goal: number; readonly query: Record<string, unknown> }[] = [
  { what: "by number", goal: 20, query: { number: "京市监罚〔2025〕500001号" } },
  { what: "by subject", goal: 20, query: { subject: SUBJECT } },
  { what: "by a rare part of a name", goal: 80, query: { name: "青禾12345" } },
  { what: "by a common part of a name", goal: 80, query: { name: "海淀" } },
  { what: "by the part that all names have", goal: 80, query: { name: "有限公司" } },
  {
    what: "by department and type",
    goal: 80,
    query: { department: "111100000000000004", type: "enforcement.penalty/1" },
  },
  {
    what: "by department and period",
    goal: 80,
    query: { department: "111100000000000004", from: "2025-03-01", to: "2025-03-31" },
  },
  { what: "by a province of 1,000 departments", goal: 80, query: { area: "110000" } },
  { what: "by the level of 2,100 departments", goal: 80, query: { level: "county" } },
  { what: "by a county and a period", goal: 80, query: { area: "110103", from: "2025-03-01", to: "2025-03-31" } },
  { what: "by state", goal: 80, query: { status: "submitted" } },
  { what: "the latest of all", goal: 80, query: {} },
];

const ROUNDS = 200;

export async function run(args: string[]): Promise<void> {
  const { values } = parseArgs({
    args,
    options: {
      rows: { type: "string", default: "1000000" },
      explain: { type: "boolean", default: false },
      json: { type: "boolean", default: false },
    },
  });
  const rows = Number(values.rows);
  const folder = mkdtempSync(join(tmpdir(), "quanlian-search-"));
  chmodSync(folder, 0o755);
  const postgres = await startPostgres(join(folder, "postgres"));
  try {
    const figures = await measure(postgres.url, rows, values.explain);
    if (values.json) console.log(JSON.stringify({ figures }));
    else console.table(figures);
  } finally {
    await postgres.stop();
    await rm(dirname(postgres.cluster), { recursive: true, force: true });
    await rm(folder, { recursive: true, force: true });
  }
}

async function measure(url: string, rows: number, explain: boolean): Promise<Figure[]> {
  // As built: plain Node does not read the service's decorators.
  const service = new URL("../../backend/dist/", import.meta.url).href;
  const { dataSourceOptions, migrate } = (await import(`${service}database/data-source.js`)) as {
    dataSourceOptions: (url: string) => ConstructorParameters<typeof DataSource>[0];
    migrate: (dataSource: DataSource) => Promise<void>;
  };
  const { RecordSearch } = (await import(`${service}search/search.service.js`)) as {
    RecordSearch: new (...parts: unknown[]) => { page(query: object, access: object): Promise<unknown> };
  };
  const dataSource = await new DataSource(dataSourceOptions(url)).initialize();
  try {
    await migrate(dataSource);
    await dataSource.query(fill(rows));
    const all: unknown[] = await dataSource.query("select uscc, area from department");
    const departments = { all: async () => all };
    const everybody = { grantFor: () => ({ role: "regulator", reach: "any" }) };
    const unlogged = { appendAbout: async () => undefined };
    const unsealed = { open: async (rows: unknown) => rows };
    const search = new RecordSearch(dataSource, departments, unlogged, unsealed);
    const figures: Figure[] = [];
    for (const { what, goal, query } of QUERIES) {
      if (explain)
        await new RecordSearch(explaining(dataSource, what), departments, unlogged, unsealed).page(
          { limit: 50, ...query },
          everybody,
        );
      figures.push(await timed(what, goal, () => search.page({ limit: 50, ...query }, everybody)));
    }
    return figures;
  } finally {
    await dataSource.destroy();
  }
}

/** The same database, printing the plan of whatever it is asked. */
function explaining(dataSource: DataSource, what: string): DataSource {
  console.log(`\n-- ${what}`);
  const query = async (text: string, values: unknown[]): Promise<unknown> => {
    const plan: { "QUERY PLAN": string }[] = await dataSource.query(
      `explain (analyze, costs off, timing off, buffers off) ${text}`,
      values,
    );
    console.log(plan.map((line) => line["QUERY PLAN"]).join("\n"));
    return dataSource.query(text, values);
  };
  return { query } as unknown as DataSource;
}

/** The 99th of a hundred, one request after the other. */
async function timed(what: string, goal: number, ask: () => Promise<unknown>): Promise<Figure> {
  await ask();
  const times: number[] = [];
  for (let i = 0; i < ROUNDS; i++) {
    const began = performance.now();
    await ask();
    times.push(performance.now() - began);
  }
  const p99 = times.toSorted((a, b) => a - b)[Math.floor(ROUNDS * 0.99) - 1]!;
  return { what: `${what}, p99`, value: Number(p99.toFixed(1)), unit: "ms", goal: `≤ ${goal}` };
}
