import "reflect-metadata";
import { userInfo } from "node:os";
import { parseArgs } from "node:util";
import { NestFactory } from "@nestjs/core";
import type { LedgerDifference } from "./anchoring/ledger-comparison.ts";
import { type Act, Stops } from "./anchoring/stops.ts";
import { AppModule } from "./app.module.ts";
import { Config, ConfigError } from "./config.ts";
import { DepartmentsService } from "./departments/departments.service.ts";
import { openFoundations } from "./foundations.ts";

const USAGE = `npm run departments -- list
npm run departments -- stop CODE --because "why" [--by WHO]
npm run departments -- resume CODE --because "why" [--by WHO]
Exit code: 0 done, 1 refused, 2 it could not be found out.`;

interface Order {
  readonly what: string;
  readonly department: string;
  readonly act: Act;
}

/** @throws ConfigError */
function orderOf(args: string[]): Order {
  const options = { because: { type: "string" }, by: { type: "string" } } as const;
  const { values, positionals } = parsed(() => parseArgs({ args, options, allowPositionals: true }));
  const [what = "", department = ""] = positionals;
  const because = values.because?.trim() ?? "";
  const complete = what === "list" ? department === "" : /^(stop|resume)$/.test(what) && department && because;
  if (!complete) throw new ConfigError(USAGE);
  return { what, department, act: { by: values.by ?? userInfo().username, because } };
}

function parsed<T>(parse: () => T): T {
  try {
    return parse();
  } catch {
    throw new ConfigError(USAGE);
  }
}

/** @returns the exit code */
async function main({ what, department, act }: Order): Promise<number> {
  const config = new Config({ ...process.env, LOG_LEVEL: "fatal" });
  const module = AppModule.of(config, await openFoundations(config));
  // eslint-disable-next-line @typescript-eslint/no-unsafe-class-instance-assignment -- Nest declares its options as a class
  const app = await NestFactory.createApplicationContext(module, { logger: false, abortOnError: false });
  try {
    if (what === "list") return await list(app.get(DepartmentsService));
    return what === "stop"
      ? await stop(department, act, app.get(Stops))
      : await resume(department, act, app.get(Stops));
  } finally {
    await app.close();
  }
}

async function list(departments: DepartmentsService): Promise<number> {
  for (const { uscc, nameZh, nextSequence, registeredAt, stoppedBecause } of await departments.all()) {
    const state =
      stoppedBecause === null ? (registeredAt ? "goes on" : "not registered") : `STOPPED: ${stoppedBecause}`;
    console.log(`${uscc}  next batch ${nextSequence}  ${state}  ${nameZh}`);
  }
  return 0;
}

async function stop(department: string, act: Act, stops: Stops): Promise<number> {
  const running = await stops.stop(department, act);
  if (running === undefined) return refuse(`There is no department ${department}.`);
  console.log(running ? `${department} is stopped.` : `${department} was stopped already; its cause stays on record.`);
  return 0;
}

async function resume(department: string, act: Act, stops: Stops): Promise<number> {
  const resumption = await stops.resume(department, act);
  if (resumption.outcome === "unknown") return refuse(`There is no department ${department}.`);
  if (resumption.outcome === "refused") {
    for (const difference of resumption.differences) console.error(sentenceOf(difference));
    return refuse(`${department} stays stopped: its cause stands. See "Backups" in docs/operations.md.`);
  }
  const done = resumption.outcome === "resumed";
  console.log(done ? `${department} goes on; who and why is on record.` : `${department} is not stopped.`);
  return 0;
}

function refuse(sentence: string): number {
  console.error(sentence);
  return 1;
}

function sentenceOf({ code, of }: LedgerDifference): string {
  switch (code) {
    case "UNKNOWN_BATCH":
      return `The ledger holds batch ${of}, which is not in this database.`;
    case "ROOT_MISMATCH":
      return `The ledger holds batch ${of} with other content than this database.`;
    case "UNKNOWN_SUPERSESSION":
      return `The ledger says that record ${of} was superseded, in a way that this database does not know.`;
    case "NOT_ON_LEDGER":
      return `Batch ${of} is final in this database, but the ledger does not hold it.`;
    case "SEQUENCE_BEHIND":
      return `The next batch here would be ${of}, a sequence that the ledger has given away.`;
  }
}

try {
  process.exitCode = await main(orderOf(process.argv.slice(2)));
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 2;
}
