import "reflect-metadata";
import { userInfo } from "node:os";
import { parseArgs } from "node:util";
import { setTimeout as pause } from "node:timers/promises";
import type { INestApplicationContext } from "@nestjs/common";
import { NestFactory } from "@nestjs/core";
import type { LedgerDifference } from "./anchoring/ledger-comparison.ts";
import { Stops } from "./anchoring/stops.ts";
import { AppModule } from "./app.module.ts";
import { departmentBytes } from "./chain/batch-signing.ts";
import { Registry } from "./chain/registry.ts";
import { RpcClient } from "./chain/rpc-client.ts";
import { Config, ConfigError } from "./config.ts";
import { DepartmentsService } from "./departments/departments.service.ts";
import type { HostedKey, KeyPurpose } from "./departments/hosted-key.entity.ts";
import { KeyRotation, type NotReady, type Standing } from "./departments/key-rotation.ts";
import { nameOf, type NewKey, ownSigner, ownStatementKey } from "./departments/keys.ts";
import { signerAddress, statementJwk } from "./departments/own-keys.ts";
import type { Act } from "./findings/findings.ts";
import { openFoundations } from "./foundations.ts";

const USAGE = `npm run departments -- list
npm run departments -- stop CODE --because "why" [--by WHO]
npm run departments -- resume CODE --because "why" [--by WHO]
npm run departments -- rotate CODE signer|statement --because "why" [--by WHO] [--public KEY]
  KEY: the public half that "quanlian keygen" printed, of a department that keeps its own keys.
  With REGISTRAR_KEY set the registry is told; without it, this says what the registry must be told.
Exit code: 0 done, 1 refused, 2 it could not be found out.`;

const LOOK_AGAIN_MS = 500;

interface Order {
  readonly what: "list" | "stop" | "resume" | KeyPurpose;
  readonly department: string;
  readonly act: Act;
  /** The public half of a key that the department keeps itself. */
  readonly own: NewKey | undefined;
}

/** @throws ConfigError */
function orderOf(args: string[]): Order {
  const options = { because: { type: "string" }, by: { type: "string" }, public: { type: "string" } } as const;
  const { values, positionals } = parsed(() => parseArgs({ args, options, allowPositionals: true }));
  const [verb = "", department = "", ...objects] = positionals;
  const because = values.because?.trim() ?? "";
  const what = verb === "rotate" ? objects.shift() : verb;
  const known = verb === "rotate" ? what === "signer" || what === "statement" : /^(list|stop|resume)$/.test(verb);
  const complete = known && objects.length === 0 && (what === "list" ? department === "" : department && because);
  if (!complete) throw new ConfigError(USAGE);
  const act = { by: values.by ?? userInfo().username, because };
  const own = values.public === undefined ? undefined : ownKey(what, values.public);
  return { what: what as Order["what"], department, act, own };
}

function ownKey(purpose: string | undefined, text: string): NewKey {
  return parsed(() =>
    purpose === "signer" ? ownSigner(signerAddress.parse(text)) : ownStatementKey(statementJwk.parse(JSON.parse(text))),
  );
}

function parsed<T>(parse: () => T): T {
  try {
    return parse();
  } catch {
    throw new ConfigError(USAGE);
  }
}

/** @returns the exit code */
async function main(order: Order): Promise<number> {
  const config = new Config({ ...process.env, LOG_LEVEL: "fatal" });
  const module = AppModule.of(config, await openFoundations(config));
  // eslint-disable-next-line @typescript-eslint/no-unsafe-class-instance-assignment -- Nest declares its options as a class
  const app = await NestFactory.createApplicationContext(module, { logger: false, abortOnError: false });
  try {
    return await carryOut(order, app);
  } finally {
    await app.close();
  }
}

function carryOut({ what, department, act, own }: Order, app: INestApplicationContext): Promise<number> {
  switch (what) {
    case "list":
      return list(app.get(DepartmentsService));
    case "stop":
      return stop(department, act, app.get(Stops));
    case "resume":
      return resume(department, act, app.get(Stops));
    default:
      return rotate({ department, purpose: what, act, own }, app.get(KeyRotation), app.get(Config));
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

interface Rotation extends Pick<Order, "department" | "act" | "own"> {
  readonly purpose: KeyPurpose;
}

async function rotate(order: Rotation, rotation: KeyRotation, config: Config): Promise<number> {
  const { department, purpose, act, own } = order;
  const key = await rotation.makeReady(department, purpose, own);
  if (typeof key === "string") return refuse(reasonOf(key, department));
  await tellRegistry(key, config);
  const standing = await settled(key, rotation);
  if (standing === "unknown") return refuse(whatToTell(key, config));
  if (standing === "ended") return refuse(`The registry has ended the key ${nameOf(key)}: repeat this for another.`);
  await rotation.adopt(key, act);
  console.log(`${department} signs with ${nameOf(key)} from now on; who and why is on record.`);
  return 0;
}

/** Where the registrar's calls wait for others (AccessManager), there is no such setting. */
async function tellRegistry(key: HostedKey, config: Config): Promise<void> {
  const { REGISTRAR_KEY } = process.env;
  if (!REGISTRAR_KEY) return;
  const client = new RpcClient(config.chainRpcUrls, config.chainAgreement);
  await (await Registry.connect(client, config.registryAddress, REGISTRAR_KEY)).name(key, nameOf(key));
}

async function settled(key: HostedKey, rotation: KeyRotation): Promise<Exclude<Standing, "not-final">> {
  for (;;) {
    const standing = await rotation.standingOf(key);
    if (standing !== "not-final") return standing;
    await pause(LOOK_AGAIN_MS);
  }
}

function whatToTell(key: HostedKey, { registryAddress }: Config): string {
  const name = key.purpose === "signer" ? "rotateSigner" : "addStatementKey";
  return `The new key is ready. The registry ${registryAddress} must be told
  ${name}(${departmentBytes(key.department)}, ${nameOf(key)})
Then repeat this command. Until then the key before it signs.`;
}

function reasonOf(problem: NotReady, department: string): string {
  switch (problem) {
    case "unknown":
      return `There is no department ${department}.`;
    case "own-keys":
      return `${department} keeps its own keys: give the public half with --public.`;
    case "hosted-keys":
      return `The platform keeps the keys of ${department} and makes the new one itself: leave --public out.`;
    case "other-key-waits":
      return `The registry names another new key of ${department} already: repeat this with that one first.`;
  }
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
