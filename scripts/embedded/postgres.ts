// The database of the embedded mode: a stock PostgreSQL 18 out of npm, started directly so that kill -9 of anything
// leaves nothing that the next start cannot mend.
import { type ChildProcess } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import {
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { basename, dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";
import { writeAtomically } from "./atomic-file.ts";
import { postgresHome, type PostgresHome } from "./postgres-home.ts";
import { becomesReady, brokenOff, freePort, spawnTied, stopChild, stopLeftovers } from "./processes.ts";
import { StartError } from "./start-error.ts";

const PATIENCE_MS = 30_000;
const UNFINISHED = ".new-";
const CLUSTER = [
  "--username=postgres",
  "--auth=scram-sha-256",
  "--encoding=UTF8",
  "--no-locale",
  "--locale-provider=builtin",
  "--builtin-locale=C.UTF-8",
];
const SETTINGS = ["listen_addresses=127.0.0.1", "unix_socket_directories=", "timezone=UTC", "log_timezone=UTC"];

export interface RunningPostgres {
  /** Of a database `quanlian`, owned by a user of that name who is no superuser. */
  readonly url: string;
  /** Folder that holds the data; not below the given one when the database cannot live there. */
  readonly cluster: string;
  /** Resolves when the server has ended without having been asked to. */
  readonly broken: Promise<Error>;
  stop(): Promise<void>;
}

/**
 * Starts PostgreSQL on the data of `folder` (absolute; created when missing), whatever a crash has left behind.
 * @throws StartError
 */
export async function startPostgres(folder: string): Promise<RunningPostgres> {
  mkdirSync(folder, { recursive: true });
  const home = postgresHome(folder);
  const password = await passwordOf(folder, home);
  await stopLeftovers("postgres", home.cluster, "SIGINT");
  const logFile = join(folder, "postgres.log");
  if (!existsSync(home.cluster)) await initialise(home, password, logFile);
  disownLock(home.cluster);
  const { child, port } = await launch(home, logFile, password);
  await prepareDatabase(port, password);

  const asked = new AbortController();
  const broken = brokenOff(child, "The embedded PostgreSQL", asked.signal);
  const stop = () => {
    asked.abort();
    return stopChild(child, "SIGINT", 10_000);
  };
  return { url: urlOf("quanlian", password, port, "quanlian"), cluster: home.cluster, broken, stop };
}

/** A data folder without its password has been emptied by its owner: a cluster kept elsewhere for it goes as well. */
async function passwordOf(folder: string, home: PostgresHome): Promise<string> {
  const file = join(folder, "password");
  if (existsSync(file)) return readFileSync(file, "utf8");
  await stopLeftovers("postgres", home.cluster, "SIGINT");
  rmSync(home.cluster, { recursive: true, force: true });
  const password = randomBytes(24).toString("base64url");
  await writeAtomically(file, password);
  return password;
}

/**
 * Done beside the final place and moved there when whole: a cluster that is there can be started. What an earlier start
 * was cut off from may still be writing for a moment, so each attempt has a folder of its own.
 */
async function initialise({ programs, cluster, user }: PostgresHome, password: string, logFile: string): Promise<void> {
  dropUnfinished(cluster);
  const unfinished = mkdtempSync(`${cluster}${UNFINISHED}`);
  const passwordFile = `${unfinished}.password`;
  writeFileSync(passwordFile, password, { mode: 0o600 });
  if (user) for (const path of [unfinished, passwordFile]) chownSync(path, user.uid, user.gid);
  const child = spawnTied({
    program: programs.initdb,
    args: [`--pgdata=${unfinished}`, `--pwfile=${passwordFile}`, ...CLUSTER],
    cwd: dirname(cluster),
    logFile,
    onOrphaned: "SIGKILL",
    user,
  });
  const [code] = (await once(child, "exit")) as [number | null];
  if (code !== 0) throw new StartError(`PostgreSQL cannot prepare its folder ${cluster}; its log is ${logFile}.`);
  rmSync(passwordFile);
  renameSync(unfinished, cluster);
}

function dropUnfinished(cluster: string): void {
  const folder = dirname(cluster);
  const left = readdirSync(folder).filter((name) => name.startsWith(`${basename(cluster)}${UNFINISHED}`));
  for (const name of left) rmSync(join(folder, name), { recursive: true, force: true, maxRetries: 10 });
}

/** For a moment after a kill the old server's last processes still hold its memory: then another try is due. */
async function launch(
  home: PostgresHome,
  logFile: string,
  password: string,
): Promise<{ child: ChildProcess; port: number }> {
  const deadline = Date.now() + PATIENCE_MS;
  while (Date.now() < deadline) {
    const port = await freePort();
    const child = spawnTied({
      program: home.programs.postgres,
      args: ["-D", home.cluster, "-p", String(port), ...SETTINGS.flatMap((setting) => ["-c", setting])],
      cwd: dirname(home.cluster),
      logFile,
      onOrphaned: "SIGINT",
      user: home.user,
    });
    const url = urlOf("postgres", password, port, "postgres");
    const connect = () => withClient(url, () => Promise.resolve());
    if (await becomesReady(child, connect, deadline - Date.now())) return { child, port };
    await stopChild(child, "SIGINT", 5_000);
    await sleep(100);
  }
  throw new StartError(`The embedded PostgreSQL does not start; its log is ${logFile}.`);
}

/**
 * The id in the lock file of a killed server may by now be that of an innocent process, which PostgreSQL would take for
 * a running server. Our own id in its place is known to be none, and the rest of the file still guards the shared memory.
 */
function disownLock(cluster: string): void {
  const lock = join(cluster, "postmaster.pid");
  if (!existsSync(lock)) return;
  const [, ...rest] = readFileSync(lock, "utf8").split("\n");
  writeFileSync(lock, [process.pid, ...rest].join("\n"));
}

async function prepareDatabase(port: number, password: string): Promise<void> {
  await withClient(urlOf("postgres", password, port, "postgres"), async (client) => {
    const quoted = client.escapeLiteral(password);
    if (await isMissing(client, "pg_roles", "rolname"))
      await client.query(`CREATE ROLE quanlian LOGIN PASSWORD ${quoted}`);
    if (await isMissing(client, "pg_database", "datname"))
      await client.query("CREATE DATABASE quanlian OWNER quanlian");
  });
}

async function isMissing(client: pg.Client, catalogue: "pg_roles" | "pg_database", column: string): Promise<boolean> {
  const { rowCount } = await client.query(`SELECT FROM ${catalogue} WHERE ${column} = 'quanlian'`);
  return rowCount === 0;
}

async function withClient<Result>(url: string, use: (client: pg.Client) => Promise<Result>): Promise<Result> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5_000 });
  client.on("error", () => undefined);
  await client.connect();
  try {
    return await use(client);
  } finally {
    await client.end();
  }
}

function urlOf(user: string, password: string, port: number, database: string): string {
  return `postgresql://${user}:${password}@127.0.0.1:${port}/${database}`;
}
