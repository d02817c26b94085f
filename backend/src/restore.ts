import "reflect-metadata";
import { createReadStream } from "node:fs";
import { createInterface } from "node:readline";
import { NestFactory } from "@nestjs/core";
import { type Brought, type MissingRecord, Restoring, type Return } from "./anchoring/restoring.ts";
import { AppModule } from "./app.module.ts";
import { Config, ConfigError } from "./config.ts";
import { DepartmentsService } from "./departments/departments.service.ts";
import { openFoundations } from "./foundations.ts";

const USAGE = `npm run restore -- [FILE…]
  FILE  receipts, or what quanlian issue has kept, one JSON document a line
Exit code: 0 everything is here, 1 records are missing, 2 it could not be found out.`;

/** @returns the exit code */
async function main(files: readonly string[]): Promise<number> {
  if (files.some((file) => file.startsWith("-"))) throw new ConfigError(USAGE);
  const brought = await readAll(files);
  const config = new Config({ ...process.env, LOG_LEVEL: "fatal" });
  const module = AppModule.of(config, await openFoundations(config));
  // eslint-disable-next-line @typescript-eslint/no-unsafe-class-instance-assignment -- Nest declares its options as a class
  const app = await NestFactory.createApplicationContext(module, { logger: false, abortOnError: false });
  try {
    const restoring = app.get(Restoring);
    for (const { uscc } of await app.get(DepartmentsService).all())
      for (const { sequence, count } of await restoring.batches(uscc))
        console.log(`${uscc}: batch ${sequence} is entered as the ledger holds it, ${count} records`);
    if (brought.length > 0) for (const one of await restoring.records(brought)) console.log(sentenceOf(one));
    return report(await restoring.missing());
  } finally {
    await app.close();
  }
}

function report(missing: readonly MissingRecord[]): number {
  for (const { department, sequence, index, recordHash } of missing)
    console.log(`missing: ${department}, batch ${sequence}, position ${index}, record ${recordHash}`);
  console.log(missing.length === 0 ? "No record is missing." : `${missing.length} records are missing.`);
  return missing.length === 0 ? 0 : 1;
}

function sentenceOf({ name, outcome, code }: Return): string {
  switch (outcome) {
    case "restored":
      return `${name}: back in its place`;
    case "here":
      return `${name}: is here already`;
    case "not-missing":
      return `${name}: the ledger misses no such record here`;
    case "refused":
      return `${name}: NOT taken, ${code}`;
  }
}

async function readAll(files: readonly string[]): Promise<Brought[]> {
  const brought: Brought[] = [];
  for (const file of files) {
    let number = 0;
    for await (const line of createInterface({ input: createReadStream(file), crlfDelay: Infinity })) {
      number++;
      if (line.trim() !== "") brought.push({ name: `${file}:${number}`, statement: statementIn(line) });
    }
  }
  return brought;
}

/** Of a receipt, or of a line of `issued.ndjson`; what is neither is refused like any damaged statement. */
function statementIn(line: string): string {
  try {
    const { statement } = JSON.parse(line) as { statement?: unknown };
    return typeof statement === "string" ? statement : "";
  } catch {
    return "";
  }
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 2;
}
