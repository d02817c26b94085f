// What a newcomer waits for, and what the service needs while a long file comes in: npm run bench -- start [--json].
// It removes the builds of this checkout first, so that the first start is one after `npm ci`.
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { chmodSync, mkdtempSync } from "node:fs";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { defaultUntil } from "../dataset/generate.ts";
import { demoDepartments } from "../dataset/departments.ts";
import { generateRows } from "../dataset/rows.ts";
import { ServiceClient } from "../demo/service-client.ts";
import { freePort } from "../embedded/processes.ts";
import { DemoTokens } from "../identity/demo-clients.ts";
import { peakMegabytes } from "./usage.ts";

const ROOT = join(import.meta.dirname, "../..");
const TYPE = "enforcement.penalty/1";

interface Figure {
  readonly what: string;
  readonly value: number;
  readonly unit: "s" | "MB" | "rows/s";
  /** What the project set itself; null: for information only. */
  readonly goal: string | null;
}

export async function run(args: string[]): Promise<void> {
  const options = { rows: { type: "string", default: "200000" }, json: { type: "boolean", default: false } } as const;
  const { values } = parseArgs({ args, options });
  const folder = mkdtempSync(join(tmpdir(), "quanlian-bench-"));
  chmodSync(folder, 0o755);
  try {
    const figures = [...(await starts(folder, Number(values.rows))), await demo()];
    if (values.json) console.log(JSON.stringify({ figures }));
    else console.table(figures);
  } finally {
    await rm(folder, { recursive: true });
  }
}

async function starts(folder: string, rows: number): Promise<Figure[]> {
  for (const built of ["proof", "backend", "web"])
    await rm(join(ROOT, built, "dist"), { recursive: true, force: true });
  const data = join(folder, "data");
  const first = await npmStart(data);
  await first.stop();
  const second = await npmStart(data);
  const imported = await importRows(second.url, folder, data, rows);
  await second.stop();
  return [
    { what: "npm start, cold, builds included", value: first.seconds, unit: "s", goal: "≤ 20" },
    { what: "npm start, second", value: second.seconds, unit: "s", goal: "≤ 8" },
    ...imported,
  ];
}

/** Until the first answer with status 200. */
async function npmStart(data: string): Promise<{ url: string; seconds: number; stop(): Promise<void> }> {
  const url = `http://127.0.0.1:${await freePort()}`;
  const env = { ...process.env, QUANLIAN_DATA_DIR: data, PORT: new URL(url).port };
  const began = performance.now();
  const npm = spawn("npm", ["start"], { cwd: ROOT, env, stdio: ["ignore", "ignore", "inherit"], detached: true });
  while (!(await answers(url))) {
    if (npm.exitCode !== null) throw new Error("npm start has failed.");
    await sleep(20);
  }
  return { url, seconds: (performance.now() - began) / 1000, stop: () => interrupt(npm) };
}

async function answers(url: string): Promise<boolean> {
  return fetch(url).then(
    ({ status }) => status === 200,
    () => false,
  );
}

/** As Ctrl-C does: to all of the foreground. */
async function interrupt(npm: ChildProcess): Promise<void> {
  const ended = once(npm, "exit");
  process.kill(-npm.pid!, "SIGINT");
  await ended;
}

async function importRows(url: string, folder: string, data: string, rows: number): Promise<Figure[]> {
  const options = { seed: "bench", rows, type: TYPE, enterprises: 5_000, out: folder, until: defaultUntil };
  const file = await generateRows({ ...options, format: "csv" });
  const { uscc } = demoDepartments.haidianMarket;
  const began = performance.now();
  const { accepted } = await new ServiceClient(url, new DemoTokens(data)).import(join(folder, file), uscc, TYPE);
  const seconds = (performance.now() - began) / 1000;
  return [
    { what: `import of ${rows} rows, accepted`, value: accepted / seconds, unit: "rows/s", goal: null },
    { what: `service, most memory meanwhile`, value: peakMegabytes(data), unit: "MB", goal: "≤ 300" },
  ];
}

async function demo(): Promise<Figure> {
  const began = performance.now();
  const npm = spawn("npm", ["run", "demo"], { cwd: ROOT, stdio: ["ignore", "ignore", "inherit"] });
  const [code] = (await once(npm, "exit")) as [number | null];
  if (code !== 0) throw new Error("npm run demo has failed.");
  return { what: "npm run demo", value: (performance.now() - began) / 1000, unit: "s", goal: "≤ 60" };
}
