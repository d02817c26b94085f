// The folder that holds everything of one embedded installation, and the lock that keeps a second start out of it.
import { accessSync, constants, linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { StartError } from "../embedded/start-error.ts";

/** As long as a start that was asked to stop may take for it. */
const PATIENCE_MS = 5_000;

export interface DataFolder {
  /** Absolute. */
  readonly path: string;
  /** Lets the next start in. */
  release(): void;
}

interface Holder {
  readonly pid: number;
  /** Tells two processes with the same id apart. */
  readonly since: string;
}

/**
 * Creates the folder when missing and takes its lock; a lock whose holder is dead does not count, and one that is just
 * stopping is waited for.
 * @throws StartError when it cannot be written or is in use
 */
export async function openDataFolder(folder: string): Promise<DataFolder> {
  const path = resolve(folder);
  makeWritable(path);
  const lock = join(path, "launcher.lock");
  const ours = `${lock}.${process.pid}`;
  writeFileSync(ours, JSON.stringify({ pid: process.pid, since: startOf(process.pid) } satisfies Holder));
  try {
    await take(lock, ours, path);
  } finally {
    rmSync(ours, { force: true });
  }
  return { path, release: () => rmSync(lock, { force: true }) };
}

function makeWritable(path: string): void {
  try {
    mkdirSync(path, { recursive: true });
    accessSync(path, constants.W_OK | constants.X_OK);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new StartError(
      `The data folder ${path} cannot be written (${code}): mend it, or set QUANLIAN_DATA_DIR to another.`,
    );
  }
}

async function take(lock: string, ours: string, path: string): Promise<void> {
  const deadline = Date.now() + PATIENCE_MS;
  while (!linked(ours, lock)) {
    const holder = readHolder(lock);
    if (!holder || !isAlive(holder)) putAside(lock, ours);
    else if (Date.now() < deadline) await sleep(100);
    else
      throw new StartError(
        `Quanlian is already running on ${path} (process ${holder.pid}): stop it, or set QUANLIAN_DATA_DIR.`,
      );
  }
}

function linked(from: string, to: string): boolean {
  try {
    linkSync(from, to);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  }
}

/** Removes a stale lock; one that somebody else has just taken instead goes back where it was. */
function putAside(lock: string, ours: string): void {
  const aside = `${ours}.stale`;
  try {
    renameSync(lock, aside);
  } catch {
    return;
  }
  const holder = readHolder(aside);
  if (holder && isAlive(holder)) linked(aside, lock);
  rmSync(aside);
}

function readHolder(lock: string): Holder | null {
  try {
    return JSON.parse(readFileSync(lock, "utf8")) as Holder;
  } catch {
    return null;
  }
}

function isAlive({ pid, since }: Holder): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ESRCH") return false;
  }
  return startOf(pid) === since;
}

/** Boot and tick at which a process began (field 22 of /proc/<pid>/stat); empty where there is no /proc. */
function startOf(pid: number): string {
  try {
    const boot = readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    return `${boot}/${stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19]}`;
  } catch {
    return "";
  }
}
