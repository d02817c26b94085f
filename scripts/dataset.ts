// Writes a deterministic dataset of what departments produce, with truth.json saying what was planted in it:
//   node scripts/dataset.ts --seed 1 --enterprises 40 --out .data/dataset
// or one long file of one type, for load tests, in bounded memory:
//   node scripts/dataset.ts --rows 200000 --type enforcement.penalty/1 --format csv --out .data/load
import { join } from "node:path";
import { parseArgs } from "node:util";
import { defaultUntil, generate } from "./dataset/generate.ts";
import type { FileFormat } from "./dataset/layouts.ts";
import { generateRows, rowTypes } from "./dataset/rows.ts";

const formats: readonly string[] = ["xlsx", "csv", "ndjson"];

const { values } = parseArgs({
  options: {
    seed: { type: "string", default: "1" },
    enterprises: { type: "string", default: "40" },
    out: { type: "string" },
    until: { type: "string", default: defaultUntil },
    rows: { type: "string" },
    type: { type: "string", default: "enforcement.penalty/1" },
    format: { type: "string" },
  },
});

async function main(): Promise<void> {
  const { seed, until, out, type, format } = values;
  if (out === undefined) throw new Error("--out FOLDER is required");
  if (!/^\d{4}-\d{2}-\d{2}$/.test(until)) throw new Error("--until must be a day as YYYY-MM-DD");
  if (!rowTypes.includes(type)) throw new Error(`--type must be one of ${rowTypes.join(", ")}`);
  if (format !== undefined && !formats.includes(format))
    throw new Error(`--format must be one of ${formats.join(", ")}`);
  const enterprises = count(values.enterprises, "--enterprises");
  if (values.rows === undefined) return report(await generate({ seed, enterprises, out, until }), out);
  const rows = count(values.rows, "--rows");
  const file = await generateRows({ seed, rows, type, format: format as FileFormat, enterprises, out, until });
  console.log(`${join(out, file)}: ${rows} rows`);
}

function count(text: string, option: string): number {
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new Error(`${option} must be a whole number above 0`);
  return Number(text);
}

function report({ files, expected, chain }: Awaited<ReturnType<typeof generate>>, out: string): void {
  for (const { file, rows } of files) console.log(`${join(out, file)}: ${rows} rows`);
  console.log(`${join(out, "truth.json")}: ${JSON.stringify(expected)}; whole chain: ${chain.name} ${chain.uscc}`);
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 64;
});
