import "reflect-metadata";
import { availableParallelism } from "node:os";
import { parseArgs } from "node:util";
import { NestFactory } from "@nestjs/core";
import { DataSource } from "typeorm";
import { AppModule } from "./app.module.ts";
import { Config, ConfigError } from "./config.ts";
import { openFoundations } from "./foundations.ts";
import { IntegrityRun } from "./integrity/integrity-run.entity.ts";
import { IntegrityRunner, type Pace } from "./integrity/integrity-runner.ts";
import type { RunAnswer } from "./integrity/integrity.schemas.ts";
import { IntegrityService } from "./integrity/integrity.service.ts";
import { RecordWorkers } from "./integrity/record-workers.ts";

const USAGE = `npm run fsck -- [--full] [--anew] [--workers N] [--json]
  --full       read every statement, and derive every signature and stream key again, whatever the seals say
  --anew       begin at the beginning, although an earlier fsck was broken off
  --workers N  so many threads look at records; as many as there are processors unless said otherwise
  --json       the outcome as one line of JSON
Exit code: 0 everything is as it must be, 1 something is not, 2 it could not be found out.`;
const PROGRESS_MS = 1_000;
/** Records between two savings of the place at which a broken-off run goes on. */
const STEP = 32_000;

interface Options {
  readonly full: boolean;
  readonly anew: boolean;
  readonly json: boolean;
  readonly workers: number;
}

function optionsOf(args: string[]): Options {
  const flag = { type: "boolean", default: false } as const;
  const workers = { type: "string", default: String(availableParallelism()) } as const;
  try {
    const { values } = parseArgs({ args, options: { full: flag, anew: flag, json: flag, workers } });
    if (/^[1-9]\d?$/.test(values.workers)) return { ...values, workers: Number(values.workers) };
  } catch {
    // Said below, like any other wrong call.
  }
  throw new ConfigError(USAGE);
}

/** Walks over everything stored at full speed. @returns the exit code */
async function main(options: Options): Promise<number> {
  const config = new Config({ ...process.env, LOG_LEVEL: "fatal" });
  const workers = new RecordWorkers(options.workers);
  try {
    return await check(options, config, workers);
  } finally {
    await workers.close();
  }
}

async function check(options: Options, config: Config, workers: RecordWorkers): Promise<number> {
  const module = AppModule.of(config, await openFoundations(config));
  // eslint-disable-next-line @typescript-eslint/no-unsafe-class-instance-assignment -- Nest declares its options as a class
  const app = await NestFactory.createApplicationContext(module, { logger: false, abortOnError: false });
  try {
    const [service, runner] = [app.get(IntegrityService), app.get(IntegrityRunner)];
    const began = performance.now();
    const id = await runOf(options, app.get(DataSource), service);
    const looked = await walk(id, runner, { step: STEP, lookAt: workers.lookAt });
    const seconds = (performance.now() - began) / 1000;
    const answer = await service.show(id);
    print(answer, { seconds, recordsPerSecond: Math.round(looked / seconds) }, options);
    return answer.differences === 0 ? 0 : 1;
  } finally {
    await app.close();
  }
}

/** One that was broken off goes on, if it was of the same depth. */
async function runOf({ full, anew }: Options, dataSource: DataSource, service: IntegrityService): Promise<string> {
  const depth = full ? "full" : "sealed";
  const runs = dataSource.getRepository(IntegrityRun);
  if (anew) await runs.delete({ purpose: "fsck", status: "running" });
  const open = await runs.findOneBy({ purpose: "fsck", status: "running", depth });
  if (open) console.error(`goes on after ${open.records} records (--anew begins at the beginning)`);
  return open?.id ?? (await service.request("fsck", depth)).id;
}

/** @returns how many records were looked at */
async function walk(id: string, runner: IntegrityRunner, pace: Pace): Promise<number> {
  let run = await runner.advance(id, pace);
  const [first, began] = [run.records, performance.now()];
  for (let said = began; run.status === "running"; run = await runner.advance(id, pace)) {
    if (performance.now() - said < PROGRESS_MS) continue;
    said = performance.now();
    const rate = Math.round(((run.records - first) / (said - began)) * 1000);
    console.error(`${run.phase}: ${run.records} records, ${run.differences} differences, ${rate} records/s`);
  }
  return run.records - first;
}

function print(answer: RunAnswer, speed: { seconds: number; recordsPerSecond: number }, { json }: Options): void {
  if (json) return console.log(JSON.stringify({ ...answer, ...speed }));
  for (const one of answer.found) {
    const where = [
      one.record && `record ${one.record}`,
      one.number,
      one.department,
      one.sequence && `batch ${one.sequence}`,
    ];
    console.log(`${one.layer}${one.field === null ? "" : ` ${one.field}`}: ${where.filter(Boolean).join(", ")}`);
    console.log(`  stored ${one.stored ?? "nothing"}, must be ${one.expected ?? "nothing"}`);
    console.log(`  first found ${one.firstFound}, right at ${one.lastRight ?? "no time known"}`);
  }
  const { records, batches, buckets, differences, asOfBlock, headsCompared } = answer;
  if (!headsCompared) console.log("The node no longer has the state of the heads; they were not compared.");
  console.log(
    `${records} records, ${batches} batches, ${buckets} buckets as of block ${asOfBlock}: ${differences} differences (${speed.recordsPerSecond} records/s)`,
  );
}

try {
  process.exitCode = await main(optionsOf(process.argv.slice(2)));
} catch (error) {
  console.error(error instanceof ConfigError ? error.message : error);
  process.exitCode = 2;
}
