// What the whole pipeline takes: npm run bench -- pipeline [--records N] [--form lines|single] [--profile DIR] [--json].
// Load client, service, PostgreSQL and node share this machine; blocks come every second.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { loadavg } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { attested, naivePerSecond } from "./pipeline/compared.ts";
import { type Ground, onGround } from "./pipeline/ground.ts";
import { bodies, type Latency, type Outcome, read, send, sendLines } from "./pipeline/load.ts";
import { type Usage, usageByProgram } from "./usage.ts";

const PREFIX_BITS = 16;
/** Records that are there before anything is measured: figures at the end are compared with those behind them. */
const FIRST = 10_000;
/** Records of the part at half load, and of what it is compared with. */
const HALF_LOAD = 5_000;
const COMPARED = 1_800;
const VERIFICATIONS = 4_000;
/** Single records and histories, a second and in all, whose answers are timed before and after. */
const [TIMED_RATE, TIMED] = [100, 1_500];
const FSCK = join(import.meta.dirname, "../../backend/dist/fsck.js");

interface Report {
  readonly records: number;
  readonly acceptedPerSecond: number;
  readonly finalPerSecond: number;
  readonly form: string;
  /** From acceptance to finality, at half load. */
  readonly latencyMs: Latency;
  /** How long the answer to a single record takes, and to a history, with 10,000 records there and at the end. */
  readonly ingestMs: { readonly first: Latency; readonly last: Latency };
  readonly historyMs: { readonly first: Latency; readonly last: Latency };
  readonly easPerSecond: number;
  readonly naivePerSecond: number;
  readonly fsckPerSecond: number;
  readonly fsckFullPerSecond: number;
  readonly verifyPerSecond: number;
  /** At half of that rate. */
  readonly verifyMs: Latency;
  /** What the chain charges for a record. */
  readonly gasPerRecord: { readonly quanlian: number; readonly eas: number };
  readonly bytesPerRecord: { readonly database: number; readonly chain: number };
  /** CPU seconds for 1,000 records, and resident memory at the end, by process. */
  readonly cpuPerThousand: Readonly<Record<string, number>>;
  readonly residentMegabytes: Readonly<Record<string, number>>;
  /** Load average of the machine before and after. */
  readonly load: readonly [before: number, after: number];
  readonly refused: number;
}

export async function run(args: string[]): Promise<void> {
  const options = {
    records: { type: "string", default: "10000" },
    json: { type: "boolean", default: false },
    form: { type: "string", default: "lines" },
    profile: { type: "string" },
  } as const;
  const { values } = parseArgs({ args, options });
  const node = values.profile === undefined ? undefined : `--cpu-prof --cpu-prof-dir=${values.profile}`;
  const report = await onGround(PREFIX_BITS, node, (ground) => measure(ground, Number(values.records), values.form));
  if (values.json) console.log(JSON.stringify(report));
  else console.dir(report, { depth: null });
}

async function measure(ground: Ground, records: number, form: string): Promise<Report> {
  const before = loadavg()[0]!;
  const source = bodies("pipeline");
  const url = `${ground.service.url}/api/v1/records`;
  const submit = (count: number, rate = Infinity) =>
    form === "single"
      ? send(url, ground.authorization, source, count, rate)
      : sendLines(`${url}/lines`, ground.authorization, source, count, rate);
  await allFinal(ground, await submit(FIRST));
  const first = await timed(ground, url, source);

  const [used, stored, began] = [usageByProgram(), await databaseBytes(ground), performance.now()];
  const outcome = await submit(records);
  const seconds = await allFinal(ground, outcome, began);
  const after = usageByProgram();
  const database = ((await databaseBytes(ground)) - stored) / outcome.accepted;
  say(`${outcome.accepted} records final after ${seconds.toFixed(1)} s`);

  const rate = outcome.accepted / seconds / 2;
  const latencyMs = await halfLoad(ground, () => submit(HALF_LOAD, rate));
  const last = await timed(ground, url, source);
  const fsckPerSecond = await fsck(ground, []);
  const fsckFullPerSecond = await fsck(ground, ["--full"]);
  const { verifyPerSecond, verifyMs } = await verifications(ground);
  const chain = await onChain(ground);
  say("EAS multiAttest, then a transaction for each record, on the same node");
  const eas = await attested(ground.provider, COMPARED);
  const naive = await naivePerSecond(ground.provider, COMPARED);
  const per = (of: (usage: Usage, name: string) => number) =>
    Object.fromEntries(Object.entries(after).map(([name, usage]) => [name, round(of(usage, name))]));
  return {
    records: outcome.accepted,
    form,
    acceptedPerSecond: round(outcome.accepted / outcome.seconds),
    finalPerSecond: round(outcome.accepted / seconds),
    latencyMs,
    ingestMs: { first: first.ingest, last: last.ingest },
    historyMs: { first: first.history, last: last.history },
    easPerSecond: round(eas.perSecond),
    naivePerSecond: round(naive),
    fsckPerSecond,
    fsckFullPerSecond,
    verifyPerSecond,
    verifyMs,
    gasPerRecord: { quanlian: round(chain.gas), eas: round(eas.gas) },
    bytesPerRecord: { database: round(database), chain: round(chain.bytes) },
    cpuPerThousand: per(
      ({ cpuSeconds }, name) => ((cpuSeconds - (used[name]?.cpuSeconds ?? 0)) / outcome.accepted) * 1000,
    ),
    residentMegabytes: per(({ residentMegabytes }) => residentMegabytes),
    load: [round(before), round(loadavg()[0]!)],
    refused: outcome.refused,
  };
}

function say(phrase: string): void {
  console.error(`  … ${phrase}`);
}

function round(value: number): number {
  return value >= 100 ? Math.round(value) : Number(value.toFixed(3));
}

/** Waits until nothing is open. @returns seconds since `began` */
export async function allFinal(
  { sql }: Ground,
  { refused, refusals }: Outcome,
  began = performance.now(),
): Promise<number> {
  if (refused > 0) console.error(`${refused} refused:`, refusals);
  const open = `select exists (select from record where batch is null) or
    exists (select from batch where status <> 'final') as open`;
  while ((await sql.query<{ open: boolean }>(open)).rows[0]!.open) await sleep(50);
  return (performance.now() - began) / 1000;
}

async function databaseBytes({ sql }: Ground): Promise<number> {
  const { rows } = await sql.query<{ size: string }>("select pg_database_size(current_database()) as size");
  return Number(rows[0]!.size);
}

/** Single records and histories at a rate that leaves the service time. */
async function timed(
  ground: Ground,
  url: string,
  source: Iterator<string>,
): Promise<{ ingest: Latency; history: Latency }> {
  const ingest = await send(url, ground.authorization, source, TIMED, TIMED_RATE);
  await allFinal(ground, ingest);
  const { rows } = await ground.sql.query<{ subject: string }>(
    `select subject_id as subject from record where subject_type = 'uscc' order by record_hash limit 300`,
  );
  const histories = rows.map(({ subject }) => `${ground.service.url}/api/v1/subjects/${subject}/history`);
  const history = await read(histories, ground.authorization, TIMED, TIMED_RATE);
  if (history.refused > 0) throw new Error(`histories are refused: ${JSON.stringify(history.refusals)}`);
  return { ingest: ingest.latencyMs, history: history.latencyMs };
}

/** Half of what was sustained, and how long each record then takes, by the service's own clock. */
export async function halfLoad(ground: Ground, submit: () => Promise<Outcome>): Promise<Latency> {
  const { rows: marks } = await ground.sql.query<{ last: string }>("select max(id::text) as last from record");
  await allFinal(ground, await submit());
  const { rows } = await ground.sql.query<{ p50: number; p99: number }>(
    `select percentile_cont(0.5) within group (order by waited) as p50,
       percentile_cont(0.99) within group (order by waited) as p99
     from (select extract(epoch from b.final_at - r.received_at) * 1000 as waited
       from record r join batch b on b.id = r.batch where r.id > $1) w`,
    [marks[0]!.last],
  );
  return { p50: Math.round(rows[0]!.p50), p99: Math.round(rows[0]!.p99) };
}

async function fsck({ env }: Ground, args: readonly string[]): Promise<number> {
  const child = spawn(process.execPath, [FSCK, "--json", ...args], { env, stdio: ["ignore", "pipe", "inherit"] });
  let text = "";
  child.stdout.setEncoding("utf8").on("data", (chunk: string) => (text += chunk));
  await once(child, "close");
  const { differences, recordsPerSecond } = JSON.parse(text) as { differences: number; recordsPerSecond: number };
  if (differences !== 0) throw new Error(`fsck finds ${differences} differences: ${text.slice(0, 2_000)}`);
  return recordsPerSecond;
}

/** Receipts of many records, verified over HTTP again and again: as fast as it goes, then at half of that. */
async function verifications({ sql, service, authorization }: Ground) {
  const { rows } = await sql.query<{ id: string }>(
    `select r.id from record r join batch b on b.id = r.batch where b.status = 'final' order by r.record_hash limit 200`,
  );
  const documents: string[] = [];
  for (const { id } of rows)
    documents.push(
      await (await fetch(`${service.url}/api/v1/records/${id}/receipt`, { headers: { authorization } })).text(),
    );
  const again = (function* () {
    for (;;) yield* documents;
  })();
  const verify = async (rate?: number) => {
    const outcome = await send(`${service.url}/api/v1/verify`, authorization, again, VERIFICATIONS, rate);
    if (outcome.accepted < VERIFICATIONS) throw new Error(`verify refuses: ${JSON.stringify(outcome.refusals)}`);
    return outcome;
  };
  const verifyPerSecond = Math.round(VERIFICATIONS / (await verify()).seconds);
  return { verifyPerSecond, verifyMs: (await verify(verifyPerSecond / 2)).latencyMs };
}

/** Calldata and gas for each record, over the last batches. */
async function onChain({ sql, provider }: Ground): Promise<{ bytes: number; gas: number }> {
  const { rows } = await sql.query<{ hash: string; count: number }>(
    `select '0x' || encode(transaction_hash, 'hex') as hash, count from batch where status = 'final' and count > 1
     order by id desc limit 200`,
  );
  let [bytes, gas, records] = [0, 0, 0];
  for (const { hash, count } of rows) {
    bytes += ((await provider.getTransaction(hash))!.data.length - 2) / 2;
    gas += Number((await provider.getTransactionReceipt(hash))!.gasUsed);
    records += count;
  }
  return { bytes: bytes / records, gas: gas / records };
}
