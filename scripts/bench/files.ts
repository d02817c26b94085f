/**
 * How fast files are read, and in how much memory: each in a process of its own.
 *   npm run bench -- files [--scale 0.1] [--json]
 * Scale 1 is an xlsx of 200,000 licences with 2 million different texts, and a csv and an NDJSON of 1,000,000.
 */
import { execFileSync } from "node:child_process";
import { createReadStream, createWriteStream, statSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { readFile } from "../../backend/src/records/files/read-file.ts";
import { csv, gb18030, inlineStringsWorkbook, ndjson, sharedStringsWorkbook } from "./large-files.ts";

interface Measured {
  readonly file: string;
  readonly megabytes: number;
  readonly rows: number;
  readonly rowsPerSecond: number;
  readonly rowsPerCpuSecond: number;
  /** Of the whole process; an idle one has some 60. */
  readonly peakMegabytes: number;
}

function files(scale: number): Record<string, () => Iterable<string | Buffer> | AsyncIterable<Buffer>> {
  const [sheetRows, textRows] = [Math.round(200_000 * scale), Math.round(1_000_000 * scale)];
  return {
    "shared-strings.xlsx": () => sharedStringsWorkbook(sheetRows),
    "inline-strings.xlsx": () => inlineStringsWorkbook(sheetRows),
    "utf8.csv": () => csv(textRows),
    "gb18030.csv": () => gb18030(csv(textRows)),
    "records.ndjson": () => ndjson(textRows),
  };
}

/** Reads the file in this process and prints what it took. */
async function measure(path: string): Promise<void> {
  let rows = 0;
  const [started, cpu] = [performance.now(), process.cpuUsage()];
  for await (const row of readFile(createReadStream(path), { fileName: path }))
    rows += row.problems.length === 0 ? 1 : 0;
  const seconds = (performance.now() - started) / 1_000;
  const { user, system } = process.cpuUsage(cpu);
  const measured = {
    rows,
    rowsPerSecond: Math.round(rows / seconds),
    rowsPerCpuSecond: Math.round((rows * 1e6) / (user + system)),
    peakMegabytes: Math.round(process.resourceUsage().maxRSS / 1024),
  };
  console.log(JSON.stringify(measured));
}

export async function run(args: string[]): Promise<void> {
  const options = { scale: { type: "string", default: "1" }, json: { type: "boolean", default: false } } as const;
  const { values } = parseArgs({ args, options });
  const folder = await mkdtemp(join(tmpdir(), "quanlian-bench-"));
  const results: Measured[] = [];
  try {
    for (const [file, content] of Object.entries(files(Number(values.scale)))) {
      const path = join(folder, file);
      await pipeline(Readable.from(content()), createWriteStream(path));
      const output = execFileSync(process.execPath, [fileURLToPath(import.meta.url), path], {
        encoding: "utf8",
      });
      results.push({
        file,
        megabytes: Math.round(statSync(path).size / 1e6),
        ...(JSON.parse(output) as Omit<Measured, "file" | "megabytes">),
      });
      await rm(path);
    }
  } finally {
    await rm(folder, { recursive: true });
  }
  if (values.json) console.log(JSON.stringify({ rows: results }));
  else console.table(results);
}

if (import.meta.main) await measure(process.argv[2]!);
