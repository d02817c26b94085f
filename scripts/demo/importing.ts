// Uploads the files of a dataset in their order and compares what the service says with what was planted.
import { join } from "node:path";
import type { Truth } from "../dataset/truth.ts";
import type { ServiceClient } from "./service-client.ts";
import type { Story } from "./story.ts";

export interface Imported {
  readonly rows: number;
  readonly accepted: number;
  readonly duplicates: number;
  readonly rejected: readonly {
    readonly file: string;
    readonly row: number;
    readonly column: string | null;
    readonly code: string;
  }[];
}

export async function importAll(service: ServiceClient, folder: string, truth: Truth, story: Story): Promise<Imported> {
  const sums = { rows: 0, accepted: 0, duplicates: 0 };
  const rejected: Imported["rejected"][number][] = [];
  for (const { file, department, type } of truth.files) {
    const answer = await service.import(join(folder, file), department, type);
    if (answer.failure) throw new Error(`${file}: ${answer.failure.en}`);
    sums.rows += answer.rowsRead;
    sums.accepted += answer.accepted;
    sums.duplicates += answer.duplicates;
    for (const { row, problems } of await service.rejectedRows(answer.id, department))
      rejected.push(...problems.map(({ column, code }) => ({ file, row, column, code })));
  }
  tellOf({ ...sums, rejected }, truth, story);
  await importAgain(service, folder, truth, story);
  return { ...sums, rejected };
}

function tellOf({ rows, accepted, duplicates, rejected }: Imported, truth: Truth, story: Story): void {
  const lines = new Set(rejected.map(({ file, row }) => `${file}:${row}`));
  story.line(`${truth.files.length} files (xlsx, csv in GB18030, ndjson), ${rows} rows: ${accepted} accepted,`);
  story.line(`${duplicates} already there, ${lines.size} sent back with row, column and what to do:`);
  for (const { file, row, column, code } of rejected) story.line(`  ${file}  row ${row}  ${column ?? ""}  ${code}`);
  const { expected } = truth;
  const foretold =
    expected.accepted === accepted &&
    expected.duplicates === duplicates &&
    expected.rejected + expected.conflicts === lines.size;
  story.line(`which is ${foretold ? "exactly" : "NOT"} what truth.json says was planted`);
}

/** A repeated file is a normal answer. */
async function importAgain(service: ServiceClient, folder: string, truth: Truth, story: Story): Promise<void> {
  const { file, department, type } = truth.files.at(-1)!;
  const { accepted, duplicates } = await service.import(join(folder, file), department, type);
  story.line(`${file} once more: ${accepted} new, ${duplicates} already there`);
}
