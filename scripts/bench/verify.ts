// How fast the service verifies receipts: npm run bench -- verify [--records N] [--requests N] [--profile FOLDER] [--json].
// Load client, service, PostgreSQL and node share this machine; blocks come every second, so nothing is remembered for long.
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { type Ground, onGround } from "./pipeline/ground.ts";
import { bodies, type Outcome, send } from "./pipeline/load.ts";
import { type Usage, usageByProgram } from "./usage.ts";

interface Figure {
  readonly what: string;
  readonly value: number;
  readonly unit: "requests/s" | "ms";
  /** What the project set itself; null: for information only. */
  readonly goal: string | null;
}

const PREFIX_BITS = 16;

export async function run(args: string[]): Promise<void> {
  const options = {
    records: { type: "string", default: "2000" },
    requests: { type: "string", default: "20000" },
    profile: { type: "string" },
    json: { type: "boolean", default: false },
  } as const;
  const { values } = parseArgs({ args, options });
  const node = values.profile === undefined ? undefined : `--cpu-prof --cpu-prof-dir=${values.profile}`;
  const figures = await onGround(PREFIX_BITS, node, (ground) =>
    measure(ground, Number(values.records), Number(values.requests)),
  );
  if (values.json) console.log(JSON.stringify({ figures }));
  else console.table(figures);
}

async function measure(ground: Ground, records: number, requests: number): Promise<Figure[]> {
  const receipts = await receiptsOf(ground, records);
  await verified(ground, receipts, records);
  const before = usageByProgram();
  const full = await verified(ground, receipts, requests);
  const rate = requests / full.seconds;
  const perRequest = cpuMs(usageByProgram(), before, requests);
  const half = await verified(ground, receipts, requests / 2, rate / 2);
  const information = { goal: null, unit: "ms" } as const;
  return [
    { what: "receipts verified", value: Math.round(rate), unit: "requests/s", goal: "≥ 2000" },
    { what: "p50 at half load", value: half.latencyMs.p50, ...information },
    { what: "p99 at half load", value: half.latencyMs.p99, unit: "ms", goal: "≤ 25" },
    ...Object.entries(perRequest).map(([name, value]) => ({ what: `CPU a request, ${name}`, value, ...information })),
  ];
}

/** Receipts of so many records, each of another one. */
async function receiptsOf({ service, authorization, sql }: Ground, records: number): Promise<string[]> {
  await send(`${service.url}/api/v1/records`, authorization, bodies("verify"), records);
  const open = `select exists (select from record where batch is null) or
    exists (select from batch where status <> 'final') as open`;
  while ((await sql.query<{ open: boolean }>(open)).rows[0]!.open) await sleep(50);
  const { rows } = await sql.query<{ id: string }>("select id from record order by random()");
  const receipts: string[] = [];
  for (const { id } of rows) {
    const answer = await fetch(`${service.url}/api/v1/records/${id}/receipt`, { headers: { authorization } });
    receipts.push(await answer.text());
  }
  return receipts;
}

async function verified(
  { service, authorization }: Ground,
  receipts: readonly string[],
  requests: number,
  rate?: number,
): Promise<Outcome> {
  const again = (function* () {
    for (;;) yield* receipts;
  })();
  const outcome = await send(`${service.url}/api/v1/verify`, authorization, again, requests, rate);
  if (outcome.refused > 0) throw new Error(`verify refuses: ${JSON.stringify(outcome.refusals)}`);
  return outcome;
}

function cpuMs(
  after: Readonly<Record<string, Usage>>,
  before: Readonly<Record<string, Usage>>,
  requests: number,
): Record<string, number> {
  const per = (name: string, { cpuSeconds }: Usage) => ((cpuSeconds - before[name]!.cpuSeconds) / requests) * 1000;
  return Object.fromEntries(Object.entries(after).map(([name, usage]) => [name, Number(per(name, usage).toFixed(3))]));
}
