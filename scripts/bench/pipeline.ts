// What the whole pipeline takes: npm run bench -- pipeline [--records N] [--json].
// Load client, service, PostgreSQL and node share this machine; blocks come every second.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { loadavg } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { easPerSecond, naivePerSecond } from "./pipeline/compared.ts";
import { type Ground, onGround } from "./pipeline/ground.ts";
import { bodies, type Outcome, send } from "./pipeline/load.ts";
import { type Usage, usageByProgram } from "./pipeline/usage.ts";

const PREFIX_BITS = 16;
/** Records of the part at half load, and of what it is compared with. */
const HALF_LOAD = 5_000;
const COMPARED = 1_800;
const VERIFICATIONS = 4_000;
const FSCK = join(import.meta.dirname, "../../backend/dist/fsck.js");

interface Report {
  readonly records: number;
  readonly acceptedPerSecond: number;
  readonly finalPerSecond: number;
  /** From acceptance to finality, at half load. */
  readonly latencyMs: { readonly p50: number; readonly p99: number };
  readonly easPerSecond: number;
  readonly naivePerSecond: number;
  readonly fsckPerSecond: number;
  readonly fsckFullPerSecond: number;
  readonly verifyPerSecond: number;
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
    profile: { type: "string" },
  } as const;
  const { values } = parseArgs({ args, options });
  const node = values.profile === undefined ? undefined : `--cpu-prof --cpu-prof-dir=${values.profile}`;
  const report = await onGround(PREFIX_BITS, node, (ground) => measure(ground, Number(values.records)));
  if (values.json) console.log(JSON.stringify(report));
  else console.dir(report, { depth: null });
}

async function measure(ground: Ground, records: number): Promise<Report> {
  const before = loadavg()[0]!;
  const source = bodies("pipeline");
  const url = `${ground.service.url}/api/v1/records`;
  await allFinal(ground, await send(url, ground.authorization, source, 500));

  const [used, stored, began] = [usageByProgram(), await databaseBytes(ground), performance.now()];
  const outcome = await send(url, ground.authorization, source, records);
  const seconds = await allFinal(ground, outcome, began);
  const after = usageByProgram();
  const database = ((await databaseBytes(ground)) - stored) / outcome.accepted;
  say(`${outcome.accepted} records final after ${seconds.toFixed(1)} s`);

  const rate = outcome.accepted / seconds / 2;
  const latencyMs = await halfLoad(ground, url, source, rate);
  const fsckPerSecond = await fsck(ground, []);
  const fsckFullPerSecond = await fsck(ground, ["--full"]);
  const verifyPerSecond = await verifications(ground);
  const chain = await chainBytes(ground);
  say("EAS multiAttest, then a transaction for each record, on the same node");
  const eas = await easPerSecond(ground.provider, COMPARED);
  const naive = await naivePerSecond(ground.provider, COMPARED);
  const per = (of: (usage: Usage, name: string) => number) =>
    Object.fromEntries(Object.entries(after).map(([name, usage]) => [name, round(of(usage, name))]));
  return {
    records: outcome.accepted,
    acceptedPerSecond: round(outcome.accepted / outcome.seconds),
    finalPerSecond: round(outcome.accepted / seconds),
    latencyMs,
    easPerSecond: round(eas),
    naivePerSecond: round(naive),
    fsckPerSecond,
    fsckFullPerSecond,
    verifyPerSecond,
    bytesPerRecord: { database: round(database), chain },
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
async function allFinal({ sql }: Ground, { refused, refusals }: Outcome, began = performance.now()): Promise<number> {
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

/** Half of what was sustained, and how long each record then takes, by the service's own clock. */
async function halfLoad(
  ground: Ground,
  url: string,
  source: Iterator<string>,
  rate: number,
): Promise<Report["latencyMs"]> {
  const { rows: marks } = await ground.sql.query<{ last: string }>("select max(id::text) as last from record");
  await allFinal(ground, await send(url, ground.authorization, source, HALF_LOAD, rate));
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

/** Receipts of many records, verified over HTTP again and again. */
async function verifications({ sql, service, authorization }: Ground): Promise<number> {
  const { rows } = await sql.query<{ id: string }>(
    "select r.id from record r join batch b on b.id = r.batch where b.status = 'final' order by random() limit 200",
  );
  const documents: string[] = [];
  for (const { id } of rows)
    documents.push(
      await (await fetch(`${service.url}/api/v1/records/${id}/receipt`, { headers: { authorization } })).text(),
    );
  const again = (function* () {
    for (;;) yield* documents;
  })();
  const { accepted, seconds, refusals } = await send(
    `${service.url}/api/v1/verify`,
    authorization,
    again,
    VERIFICATIONS,
  );
  if (accepted < VERIFICATIONS) throw new Error(`verify refuses: ${JSON.stringify(refusals)}`);
  return Math.round(accepted / seconds);
}

/** Calldata for each record, over all batches. */
async function chainBytes({ sql, provider }: Ground): Promise<number> {
  const { rows } = await sql.query<{ hash: string; count: number }>(
    "select '0x' || encode(transaction_hash, 'hex') as hash, count from batch where status = 'final' order by id desc limit 50",
  );
  let [bytes, records] = [0, 0];
  for (const { hash, count } of rows) {
    bytes += ((await provider.getTransaction(hash))!.data.length - 2) / 2;
    records += count;
  }
  return round(bytes / records);
}
