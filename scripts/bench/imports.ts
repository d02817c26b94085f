// How fast a long file becomes records, and with how much memory: npm run bench -- imports [--rows N] [--type T] [--json].
import { openAsBlob, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { demoDepartments } from "../dataset/departments.ts";
import { defaultUntil } from "../dataset/generate.ts";
import type { FileFormat } from "../dataset/layouts.ts";
import { generateRows } from "../dataset/rows.ts";
import type { ImportAnswer } from "../demo/service-client.ts";
import { findProcesses } from "../embedded/processes.ts";
import type { Platform } from "../launcher/platform.ts";
import { withThrowAwayPlatform } from "../launcher/throw-away.ts";

interface Figure {
  readonly what: string;
  readonly value: number;
  readonly unit: "rows/s" | "MB";
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
      json: { type: "boolean", default: false },
    },
  });
  const rows = Number(values.rows);
  const figures = await withThrowAwayPlatform(console.error, async (platform, folder) => {
    const options = { seed: "bench", rows, type: values.type, enterprises: Number(values.enterprises), out: folder };
    const name = await generateRows({ ...options, format: values.format as FileFormat, until: defaultUntil });
    return figuresOf(await importFile(platform, join(folder, name), values.type, rows));
  });
  if (values.json) console.log(JSON.stringify({ figures }));
  else console.table(figures);
}

/** Uploads the file and looks at the import from time to time until it is done. */
async function importFile(platform: Platform, file: string, type: string, rows: number): Promise<Progress[]> {
  const imports = `${platform.url}/api/v1/imports`;
  const form = new FormData();
  form.set("department", demoDepartments.haidianMarket.uscc);
  form.set("type", type);
  form.set("file", await openAsBlob(file), basename(file));
  const began = performance.now();
  const { id } = (await (await fetch(imports, { method: "POST", body: form })).json()) as ImportAnswer;
  const seen: Progress[] = [{ seconds: (performance.now() - began) / 1000, rows: 0, megabytes: 0 }];
  for (;;) {
    const job = (await (await fetch(`${imports}/${id}`)).json()) as ImportAnswer;
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
    { what: "most memory of the service after half of them", value: half.megabytes, unit: "MB", goal: null },
    { what: "most memory of the service", value: last.megabytes, unit: "MB", goal: "≤ 300" },
  ];
}

/** Largest resident set that the service has had so far. */
function peakMegabytes(folder: string): number {
  const [service] = findProcesses("node", folder);
  const [, kilobytes] = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${service}/status`, "utf8"))!;
  return Number(kilobytes) / 1024;
}
