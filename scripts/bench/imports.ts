// How fast a long file becomes records, with how much memory and what work:
// npm run bench -- imports [--rows N] [--type T] [--profile DIR] [--json].
import { openAsBlob } from "node:fs";
import { loadavg } from "node:os";
import { basename, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { demoDepartments } from "../dataset/departments.ts";
import { defaultUntil } from "../dataset/generate.ts";
import type { FileFormat } from "../dataset/layouts.ts";
import { generateRows } from "../dataset/rows.ts";
import type { ImportAnswer } from "../demo/service-client.ts";
import { DemoTokens } from "../identity/demo-clients.ts";
import type { Platform } from "../launcher/platform.ts";
import { withThrowAwayPlatform } from "../launcher/throw-away.ts";
import { peakMegabytes, usageByProgram } from "./usage.ts";

interface Figure {
  readonly what: string;
  readonly value: number;
  readonly unit: "rows/s" | "s" | "MB" | "load";
  /** What the project set itself; null: for information only. */
  readonly goal: string | null;
}

interface Progress {
  readonly seconds: number;
  readonly rows: number;
  readonly megabytes: number;
}

const PARTS = 10;

export async function run(args: string[]): Promise<void> {
  const { values } = parseArgs({
    args,
    options: {
      rows: { type: "string", default: "1000000" },
      enterprises: { type: "string", default: "50000" },
      type: { type: "string", default: "enforcement.penalty/1" },
      format: { type: "string", default: "csv" },
      profile: { type: "string" },
      json: { type: "boolean", default: false },
    },
  });
  const rows = Number(values.rows);
  const env = values.profile === undefined ? {} : { NODE_OPTIONS: `--cpu-prof --cpu-prof-dir=${values.profile}` };
  const load = loadavg()[0]!;
  const use = async (platform: Platform, folder: string) => {
    const options = { seed: "bench", rows, type: values.type, enterprises: Number(values.enterprises), out: folder };
    const name = await generateRows({ ...options, format: values.format as FileFormat, until: defaultUntil });
    const used = usageByProgram();
    const seen = await importFile(platform, join(folder, name), values.type, rows);
    return [
      ...figuresOf(seen),
      ...work(used, usageByProgram(), rows),
      { what: "load average before", value: load, unit: "load", goal: null } as const,
    ];
  };
  const figures = await withThrowAwayPlatform(console.error, use, env);
  if (values.json) console.log(JSON.stringify({ figures }));
  else console.table(figures);
}

/** Uploads the file and looks at the import from time to time until it is done. */
async function importFile(platform: Platform, file: string, type: string, rows: number): Promise<Progress[]> {
  const imports = `${platform.url}/api/v1/imports`;
  const form = new FormData();
  const { uscc } = demoDepartments.haidianMarket;
  const tokens = new DemoTokens(platform.folder);
  const ask = async (path: string, request?: RequestInit) => {
    const headers = { authorization: `Bearer ${await tokens.ofDepartment(uscc)}` };
    const response = await fetch(`${imports}${path}`, { ...request, headers });
    if (!response.ok) throw new Error(`${response.status} ${await response.text()}`);
    return (await response.json()) as ImportAnswer;
  };
  form.set("department", uscc);
  form.set("type", type);
  form.set("file", await openAsBlob(file), basename(file));
  const began = performance.now();
  const { id } = await ask("", { method: "POST", body: form });
  const seen: Progress[] = [{ seconds: (performance.now() - began) / 1000, rows: 0, megabytes: 0 }];
  for (;;) {
    const job = await ask(`/${id}`);
    const done = job.status === "done" || job.status === "failed";
    if (done || job.accepted >= (rows * seen.length) / PARTS) {
      const megabytes = peakMegabytes(platform.folder);
      seen.push({ seconds: (performance.now() - began) / 1000, rows: job.accepted, megabytes });
      console.error(seen.at(-1));
    }
    if (job.status === "failed") throw new Error(JSON.stringify(job.failure));
    if (done) return seen;
    await sleep(100);
  }
}

function figuresOf(seen: readonly Progress[]): Figure[] {
  const last = seen.at(-1)!;
  const half = seen.find(({ rows }) => rows * 2 >= last.rows)!;
  return [
    { what: `import of ${last.rows} rows, accepted`, value: last.rows / last.seconds, unit: "rows/s", goal: "≥ 3000" },
    { what: "from upload to the last row", value: last.seconds, unit: "s", goal: null },
    { what: "most memory of the service after half of them", value: half.megabytes, unit: "MB", goal: null },
    { what: "most memory of the service", value: last.megabytes, unit: "MB", goal: "≤ 300" },
  ];
}

/** CPU seconds for 1,000 rows, by process. */
function work(
  before: ReturnType<typeof usageByProgram>,
  after: ReturnType<typeof usageByProgram>,
  rows: number,
): Figure[] {
  return Object.entries(after).map(([name, { cpuSeconds }]) => ({
    what: `CPU for 1,000 rows: ${name}`,
    value: ((cpuSeconds - (before[name]?.cpuSeconds ?? 0)) / rows) * 1000,
    unit: "s",
    goal: null,
  }));
}
