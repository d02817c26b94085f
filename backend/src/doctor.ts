import "reflect-metadata";
import { statSync } from "node:fs";
import { access, constants, statfs } from "node:fs/promises";
import { vrfPublicKey } from "@quanlian/proof";
import { LedgerState } from "./anchoring/ledger-state.entity.ts";
import { connectLedger } from "./chain/connect-ledger.ts";
import { finalBlock } from "./chain/finality.ts";
import type { Ledger } from "./chain/ledger.ts";
import { RpcClient } from "./chain/rpc-client.ts";
import { ValidatorsFile } from "./chain/validators-file.ts";
import { Config } from "./config.ts";
import { connectDatabase } from "./database/connect.ts";
import { readKeyFile } from "./departments/key-file.ts";
import { Department } from "./departments/department.entity.ts";
import type { DataSource } from "typeorm";

/** What is looked at, and in plain words what came of it. */
interface Finding {
  readonly what: string;
  readonly ok: boolean;
  readonly says: string;
}

const LEAST_FREE_BYTES = 1 << 30;
const CLOCK_TOLERANCE_S = 30;

/** Looks at a deployment from below to above; what stands on something broken is not looked at. */
async function* examine(): AsyncGenerator<Finding> {
  const config = new Config(process.env);
  yield { what: "settings", ok: true, says: "every setting can be read" };
  const keys = readKeyFile(config.keyFile);
  const validators = config.validatorsFile === undefined ? null : new ValidatorsFile(config.validatorsFile);
  yield keyFileMode(config.keyFile);
  yield* dataFolder(config.dataDir);
  const dataSource = await connectDatabase(config.databaseUrl);
  try {
    yield* database(dataSource);
    yield* identity(config);
    const client = new RpcClient(config.chainRpcUrls, config.chainAgreement);
    yield* nodes(config);
    const ledger = await connectLedger(client, config, keys, dataSource.getRepository(LedgerState), validators);
    yield {
      what: "ledger",
      ok: true,
      says: `${ledger.identity.ledger}, with the VRF key ${vrfPublicKey(keys.vrfSecret)}`,
    };
    yield* chain(config, ledger);
    yield* departments(dataSource, ledger);
    yield* agents(dataSource, config);
    yield* pipeline(dataSource, config);
  } finally {
    await dataSource.destroy();
  }
}

function keyFileMode(path: string): Finding {
  const open = (statSync(path).mode & 0o077) !== 0;
  const says = open ? `${path} can be read by others: chmod 600` : `${path} is for its owner only`;
  return { what: "key file", ok: !open, says };
}

async function* dataFolder(path: string): AsyncGenerator<Finding> {
  const writable = await access(path, constants.W_OK).then(
    () => true,
    () => false,
  );
  yield { what: "data folder", ok: writable, says: `${path} ${writable ? "can" : "cannot"} be written` };
  if (!writable) return;
  const { bavail, bsize } = await statfs(path);
  const free = bavail * bsize;
  yield { what: "disk", ok: free >= LEAST_FREE_BYTES, says: `${(free / 2 ** 30).toFixed(1)} GiB are free for uploads` };
}

async function* database(dataSource: DataSource): AsyncGenerator<Finding> {
  const [row]: { version: string; now: Date }[] = await dataSource.query(
    "select current_setting('server_version') as version, now() as now",
  );
  const { version, now } = row!;
  yield { what: "database", ok: parseInt(version) >= 15, says: `PostgreSQL ${version}; 15 or newer is needed` };
  const apart = Math.abs(Date.now() - now.getTime()) / 1000;
  yield {
    what: "clock",
    ok: apart < CLOCK_TOLERANCE_S,
    says: `the database's clock is ${apart.toFixed(1)} s apart from ours`,
  };
  const [durable]: { fsync: string; commit: string }[] = await dataSource.query(
    "select current_setting('fsync') as fsync, current_setting('synchronous_commit') as commit",
  );
  const safe = durable!.fsync === "on" && durable!.commit !== "off";
  yield { what: "durability", ok: safe, says: `fsync ${durable!.fsync}, synchronous_commit ${durable!.commit}` };
  const [mode]: { standby: boolean; only: string }[] = await dataSource.query(
    "select pg_is_in_recovery() as standby, current_setting('default_transaction_read_only') as only",
  );
  const writable = !mode!.standby && mode!.only === "off";
  yield {
    what: "writing",
    ok: writable,
    says: writable ? "it takes writes" : "it is read-only: nothing can be taken in",
  };
  const pending = await dataSource.showMigrations();
  yield { what: "schema", ok: !pending, says: pending ? "migrations are due; the next start runs them" : "up to date" };
}

/** Each node by itself: a dead one is hidden by the others until the last one dies, too. */
async function* nodes({ chainRpcUrls }: Config): AsyncGenerator<Finding> {
  for (const [i, url] of chainRpcUrls.entries()) {
    const answer = await new RpcClient([url], 1).send("eth_blockNumber", []).catch(() => undefined);
    const silent = answer === undefined;
    const says = silent ? "does not answer" : `is at block ${Number(answer)}`;
    yield { what: `chain node ${i + 1}`, ok: !silent, says };
  }
}

async function* chain(config: Config, ledger: Ledger): AsyncGenerator<Finding> {
  const [head, final] = [await ledger.head(), await finalBlock(config.finality, ledger).catch(() => undefined)];
  const says = final
    ? `block ${final.number} is final, of ${head.number}`
    : `the rule ${config.finality.rule} finds no final block: is it the right one for this network?`;
  yield { what: "finality", ok: final !== undefined, says };
}

async function* departments(dataSource: DataSource, ledger: Ledger): AsyncGenerator<Finding> {
  const all = await dataSource.getRepository(Department).find({ order: { uscc: "ASC" } });
  yield { what: "departments", ok: all.length > 0, says: `${all.length} are entered` };
  for (const { uscc, capabilities, stoppedBecause } of all) {
    const state = (await ledger.historyOf(uscc)).at(-1);
    const wrong = [
      ...(state ? [] : ["the registry does not know it"]),
      ...(state?.suspended ? ["the registry has suspended it"] : []),
      ...(state && state.capabilities !== capabilities ? ["the registry gives it other rights than the database"] : []),
      ...(stoppedBecause === null ? [] : [`it is stopped (${stoppedBecause}): npm run departments`]),
    ];
    if (wrong.length > 0) yield { what: `department ${uscc}`, ok: false, says: wrong.join("; ") };
  }
}

/** Departments that keep their own keys, whose agents have something to sign. */
async function* agents(dataSource: DataSource, { stallSeconds }: Config): AsyncGenerator<Finding> {
  const rows: { department: string; age: string }[] = await dataSource.query(
    `select b.department, extract(epoch from now() - min(b.sealed_at)) as age from batch b
     join department d on d.uscc = b.department and d.keeps_own_keys and d.stopped_because is null
     where b.status = 'sealed' and b.signature is null group by b.department order by b.department`,
  );
  for (const { department, age } of rows) {
    const says = `a batch has waited for its agent for ${Math.round(Number(age))} s`;
    yield { what: `agent of ${department}`, ok: Number(age) <= stallSeconds, says };
  }
}

/** The identity provider: while it is away nobody can begin to work, though whoever has a token goes on. */
async function* identity({ oidc }: Config): AsyncGenerator<Finding> {
  if (!oidc) {
    yield {
      what: "identity",
      ok: true,
      says: "these settings name no OIDC_ISSUER: without one, only what is public is answered",
    };
    return;
  }
  const address = `${oidc.issuer.replace(/\/$/, "")}/.well-known/openid-configuration`;
  const answer = await fetch(address, { signal: AbortSignal.timeout(5_000) }).catch(() => undefined);
  const ok = answer?.ok === true;
  yield { what: "identity", ok, says: `${oidc.issuer} ${ok ? "answers" : "does not answer: nobody gets a token"}` };
}

async function* pipeline(dataSource: DataSource, { stallSeconds }: Config): AsyncGenerator<Finding> {
  const [row]: { age: string | null }[] = await dataSource.query(
    `select extract(epoch from now() - min(b.sealed_at)) as age from batch b join department d on d.uscc = b.department
     where b.status <> 'final' and d.stopped_because is null and not d.keeps_own_keys`,
  );
  const age = Math.round(Number(row!.age ?? 0));
  const ok = age <= stallSeconds;
  yield { what: "anchoring", ok, says: age === 0 ? "nothing waits" : `the oldest batch has waited for ${age} s` };
  const [run]: { differences: string; finished_at: Date }[] = await dataSource.query(
    `select differences, finished_at from integrity_run where status = 'done' order by started_at desc limit 1`,
  );
  if (!run) {
    yield { what: "integrity", ok: false, says: "no run is through yet: npm run fsck" };
    return;
  }
  const found = Number(run.differences);
  yield { what: "integrity", ok: found === 0, says: `${found} differences on ${run.finished_at.toISOString()}` };
}

let wrong = 0;
try {
  for await (const { what, ok, says } of examine()) {
    console.log(`${ok ? "ok     " : "WRONG  "}${what}: ${says}`);
    if (!ok) wrong++;
  }
} catch (error) {
  console.log(`WRONG  ${(error as Error).message}`);
  wrong++;
}
console.log(wrong === 0 ? "Nothing is wrong." : `${wrong} of these need attention.`);
process.exitCode = wrong === 0 ? 0 : 1;
