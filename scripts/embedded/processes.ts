// Child processes that never outlive the process that started them, whatever kills it.
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { closeSync, existsSync, openSync, readdirSync, readFileSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { basename } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { StartError } from "./start-error.ts";

/** util-linux; lets the kernel send a signal to the child when its parent dies. */
const SETPRIV = "/usr/bin/setpriv";

export interface TiedProcess {
  readonly program: string;
  readonly args: readonly string[];
  readonly cwd: string;
  /** Standard output and error are appended here, so that they survive both processes; null leaves them to ours. */
  readonly logFile: string | null;
  /** Opens a channel for messages from the child. */
  readonly ipc?: boolean;
  /** Sent by the kernel when this process dies without having stopped the child (Linux). */
  readonly onOrphaned: NodeJS.Signals;
  readonly env?: NodeJS.ProcessEnv;
  readonly user?: { readonly uid: number; readonly gid: number };
}

/** Starts a program in a session of its own: Ctrl-C reaches only its parent, which stops children in the right order. */
export function spawnTied(tied: TiedProcess): ChildProcess {
  const guarded = existsSync(SETPRIV) ? [SETPRIV, "--pdeathsig", tied.onOrphaned.slice(3), "--"] : [];
  const [command, ...args] = [...guarded, tied.program, ...tied.args];
  const log = tied.logFile === null ? "inherit" : openSync(tied.logFile, "a", 0o600);
  try {
    const child = spawn(command!, args, {
      cwd: tied.cwd,
      env: tied.env ?? process.env,
      stdio: ["ignore", log, log, ...(tied.ipc ? (["ipc"] as const) : [])],
      detached: true,
      ...tied.user,
    });
    // One that cannot be started has no process id: see isRunning.
    child.on("error", () => undefined);
    return child;
  } finally {
    if (log !== "inherit") closeSync(log);
  }
}

export function isRunning(child: ChildProcess): boolean {
  return child.pid !== undefined && child.exitCode === null && child.signalCode === null;
}

/** Asks until it is answered; false when the child ends before that or time is up. */
export async function becomesReady(
  child: ChildProcess,
  ask: () => Promise<unknown>,
  patienceMs: number,
): Promise<boolean> {
  const deadline = Date.now() + patienceMs;
  while (isRunning(child) && Date.now() < deadline) {
    const answered = await ask().then(
      () => true,
      () => false,
    );
    if (answered) return isRunning(child);
    await sleep(20);
  }
  return false;
}

/** Resolves when the child ends although nobody has asked it to. @param name of what it is, for the sentence */
export async function brokenOff(child: ChildProcess, name: string, asked: AbortSignal): Promise<StartError> {
  if (isRunning(child)) await once(child, "exit");
  if (asked.aborted) return new Promise(() => undefined);
  return new StartError(`${name} ended by itself (${child.signalCode ?? child.exitCode}).`);
}

/** Ends a child of ours, politely and then by force; resolves when it is gone. */
export async function stopChild(child: ChildProcess, signal: NodeJS.Signals, patienceMs: number): Promise<void> {
  if (!isRunning(child)) return;
  const exited = once(child, "exit");
  child.kill(signal);
  const force = setTimeout(() => child.kill("SIGKILL"), patienceMs);
  await exited;
  clearTimeout(force);
}

/**
 * Processes left over from a crash: those of `program` that carry `argument` (a folder that is ours alone) on their
 * command line, which unlike a recorded process id cannot belong to somebody else by now. Empty where there is no /proc.
 */
export function findProcesses(program: string, argument: string): number[] {
  if (!existsSync("/proc/self/cmdline")) return [];
  return readdirSync("/proc")
    .map(Number)
    .filter((pid) => pid > 0 && pid !== process.pid)
    .filter((pid) => {
      const [executable = "", ...args] = commandLine(pid);
      return basename(executable) === program && args.includes(argument);
    });
}

function commandLine(pid: number): string[] {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0");
  } catch {
    return [];
  }
}

/** Ends leftovers found by {@link findProcesses} and waits until none is there. */
export async function stopLeftovers(program: string, argument: string, signal: NodeJS.Signals): Promise<void> {
  const deadline = Date.now() + 10_000;
  for (let pids = findProcesses(program, argument); pids.length > 0; pids = findProcesses(program, argument)) {
    for (const pid of pids) signalIfThere(pid, Date.now() < deadline ? signal : "SIGKILL");
    await sleep(50);
  }
}

function signalIfThere(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}

/** A TCP port of the loopback interface that nobody listens on at this moment. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}
