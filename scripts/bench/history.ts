// What readers wait for among a million records: npm run bench -- history [--records N] [--subjects N] [--rate N] [--json].
// The records are synthetic copies (history/fill.ts) but for those that are certified; the service is the real one.
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { deskOf, rowTypes, submissionsOf } from "../dataset/rows.ts";
import { enterpriseOf } from "../dataset/subjects.ts";
import { certificateFiles } from "./history/certificate-file.ts";
import { fill } from "./history/fill.ts";
import { type Ground, onGround } from "./pipeline/ground.ts";
import { bodies, latencyOf, send } from "./pipeline/load.ts";

interface Figure {
  readonly what: string;
  readonly value: number;
  readonly unit: "ms" | "s";
  /** What the project set itself; null: for information only. */
  readonly goal: string | null;
}

const PREFIX_BITS = 16;
const REAL_RECORDS = 500;
const CERTIFIED = 100;
/** How long pages of histories are asked for; those of the first seconds, while plans and code are made, do not count. */
const [WARM_UP_SECONDS, PAGES_SECONDS] = [5, 10];
const ROUNDS = 100;
const GRAPH_NODES = 200;
const CERTIFICATES = 5;
const CERTIFICATE = {
  purpose: "history",
  subject: { type: "uscc", id: enterpriseOf("history", 0).uscc },
  period: { from: "2026-01-01" },
} as const;

export async function run(args: string[]): Promise<void> {
  const options = {
    records: { type: "string", default: "1000000" },
    subjects: { type: "string", default: "50000" },
    rate: { type: "string", default: "200" },
    json: { type: "boolean", default: false },
  } as const;
  const { values } = parseArgs({ args, options });
  const figures = await onGround(PREFIX_BITS, undefined, (ground) =>
    measure(ground, Number(values.records), Number(values.subjects), Number(values.rate)),
  );
  if (values.json) console.log(JSON.stringify({ records: Number(values.records), content: "synthetic", figures }));
  else {
    console.log(`${values.records} records of ${values.subjects} subjects; their content is synthetic`);
    console.table(figures);
  }
}

async function measure(ground: Ground, records: number, subjects: number, rate: number): Promise<Figure[]> {
  const url = `${ground.service.url}/api/v1/records`;
  await send(url, ground.authorization, bodies("history"), REAL_RECORDS);
  await send(url, ground.authorization, bodiesOfOne(), CERTIFIED);
  await allFinal(ground);
  const began = performance.now();
  await fill(ground.sql, records, subjects);
  const built: Figure = { what: "building the database", value: seconds(began), unit: "s", goal: "≤ 300" };
  const rows = await sample(ground);
  const hub = await linked(ground);
  return [
    built,
    ...(await pages(
      ground,
      rows.map(({ subject_id }) => subject_id),
      rate,
    )),
    await asked(ground, `case graph of ${GRAPH_NODES} nodes`, 50, () => `records/${hub}/graph?limit=${GRAPH_NODES}`),
    await asked(ground, "search by number", 20, (i) => search({ number: rows[i % rows.length]!.number })),
    await asked(ground, "search by a part of many names", 80, () => search({ name: "海淀" })),
    await asked(ground, "search by the part that most names have", 80, () => search({ name: "有限公司" })),
    await asked(ground, "search by a whole name", 80, (i) => search({ name: rows[i % rows.length]!.subject_name })),
    await asked(ground, "search by a rare part of a name", 80, (i) =>
      search({ name: rows[i % rows.length]!.subject_name.slice(-8, -4) }),
    ),
    await certificateFile(ground),
    await certificate(ground),
  ];
}

function seconds(began: number): number {
  return Number(((performance.now() - began) / 1000).toFixed(1));
}

function search(conditions: Record<string, string>): string {
  return `records?${new URLSearchParams(conditions)}`;
}

/** Records of the enterprise that the demonstration follows, of all types in turn. */
function* bodiesOfOne(): Generator<string> {
  const [desk, enterprise] = [deskOf("history"), enterpriseOf("history", 0)];
  const period = { from: "2026-01-05", until: "2026-10-30" };
  const makers = rowTypes.map(submissionsOf);
  for (let i = 0; ; i++) yield JSON.stringify(makers[i % makers.length]!(desk, enterprise, period));
}

async function allFinal({ sql }: Ground): Promise<void> {
  const open = `select exists (select from record where batch is null) or
    exists (select from batch where status <> 'final') as open`;
  while ((await sql.query<{ open: boolean }>(open)).rows[0]!.open) await sleep(50);
}

interface Sampled {
  readonly subject_id: string;
  readonly subject_name: string;
  readonly number: string;
}

async function sample({ sql }: Ground): Promise<Sampled[]> {
  const { rows } = await sql.query<Sampled>(
    "select subject_id, subject_name, number from record tablesample system (1) where number like '京海监%' limit 5000",
  );
  return rows.sort(() => Math.random() - 0.5);
}

/** Lets records cite one in their midst. @returns its id */
async function linked({ sql }: Ground): Promise<string> {
  const { rows } = await sql.query<{ hub: string }>(
    `with chosen as (select id, record_hash, row_number() over () as n from record where number like '京海监%' limit $1),
       links as (insert into record_link (record, position, rel, target_hash)
         select s.id, 1, 'basis', h.record_hash from chosen s, chosen h where h.n = 1 and s.n > 1)
     select id as hub from chosen where n = 1`,
    [GRAPH_NODES],
  );
  return rows[0]!.hub;
}

/** Pages of the histories of ever other subjects, at a steady rate. */
async function pages(ground: Ground, subjects: readonly string[], rate: number): Promise<Figure[]> {
  const took: number[] = [];
  const began = performance.now();
  const under: Promise<unknown>[] = [];
  for (let i = 0; i < rate * (WARM_UP_SECONDS + PAGES_SECONDS); i++) {
    const wait = began + (i / rate) * 1000 - performance.now();
    if (wait > 0) await sleep(wait);
    const answered = timed(ground, `subjects/${subjects[i % subjects.length]}/history`);
    under.push(i < rate * WARM_UP_SECONDS ? answered : answered.then((ms) => took.push(ms)));
  }
  await Promise.all(under);
  const { p50, p99 } = latencyOf(took);
  const what = `history page at ${rate} requests/s`;
  return [
    { what: `${what}, p50`, value: p50, unit: "ms", goal: null },
    { what: `${what}, p99`, value: p99, unit: "ms", goal: "≤ 30" },
  ];
}

/** One request after the other. */
async function asked(ground: Ground, what: string, goal: number, path: (i: number) => string): Promise<Figure> {
  const took: number[] = [];
  for (let i = 0; i < ROUNDS; i++) took.push(await timed(ground, path(i)));
  return { what: `${what}, p99`, value: latencyOf(took).p99, unit: "ms", goal: `≤ ${goal}` };
}

async function timed({ service, authorization }: Ground, path: string): Promise<number> {
  const began = performance.now();
  const answer = await fetch(`${service.url}/api/v1/${path}`, { headers: { authorization } });
  const text = await answer.text();
  if (answer.status !== 200) throw new Error(`${path}: ${answer.status} ${text}`);
  return performance.now() - began;
}

/** The file alone, as the worker makes and verifies it. */
async function certificateFile({ env, sql }: Ground): Promise<Figure> {
  const { rows } = await sql.query<{ day: string }>(
    "select to_char(to_timestamp(max(block_time)) at time zone 'Asia/Shanghai', 'YYYY-MM-DD') as day from batch",
  );
  const took = await certificateFiles(
    env,
    {
      ...{ purpose: "history", subject: CERTIFICATE.subject, kinds: [1, 2, 3, 4, 5], records: [] },
      ...{ period: { ...CERTIFICATE.period, to: rows[0]!.day }, departments: null, disclose: {} },
    },
    CERTIFICATES,
  );
  return {
    what: `certificate of ${CERTIFIED} records, file alone, p50`,
    value: latencyOf(took).p50,
    unit: "ms",
    goal: "≤ 150",
  };
}

/** From the order until the paper is there, with its file, by the service's own clock; the last of several. */
async function certificate({ service, authorization, sql }: Ground): Promise<Figure> {
  const ask = async (path: string, body?: object) => {
    const headers = { authorization, ...(body && { "content-type": "application/json" }) };
    const answer = await fetch(`${service.url}/api/v1/certificates${path}`, {
      headers,
      ...(body && { method: "POST", body: JSON.stringify(body) }),
    });
    const job = (await answer.json()) as { id: string; status: string };
    if (!answer.ok) throw new Error(JSON.stringify(job));
    return job;
  };
  const took: number[] = [];
  for (let i = 0; i < CERTIFICATES; i++) {
    let job = await ask("", CERTIFICATE);
    while (job.status === "waiting" || job.status === "running") {
      await sleep(20);
      job = await ask(`/${job.id}`);
    }
    if (job.status !== "done") throw new Error(JSON.stringify(job));
    const { rows } = await sql.query<{ ms: number }>(
      "select extract(epoch from finished_at - created_at)::float8 * 1000 as ms from certificate where id = $1",
      [job.id],
    );
    took.push(rows[0]!.ms);
  }
  return {
    what: `certificate of ${CERTIFIED} records, file and paper, p50`,
    value: latencyOf(took).p50,
    unit: "ms",
    goal: "≤ 1000",
  };
}
