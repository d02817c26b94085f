// The service (backend/) as a child process.
import { type ChildProcess } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { brokenOff, spawnTied, stopChild } from "../embedded/processes.ts";
import { StartError } from "../embedded/start-error.ts";

const ROOT = join(import.meta.dirname, "../..");
const STOP_PATIENCE_MS = 20_000;

/**
 * Left alone, V8 lets garbage pile up to several hundred megabytes during an import before it looks for any; with so small an old space it
 * looks for it ever so often, which costs a sixth of the service's CPU, unless it is told to wait until the heap has doubled.
 */
const HEAP = ["--max-semi-space-size=16", "--max-old-space-size=256", "--heap-growing-percent=100"];

/** Each thread would else keep freed memory in a heap of its own (mallopt(3)). */
const ALLOCATION = { MALLOC_ARENA_MAX: "1" };

export interface ServiceOptions {
  readonly env: NodeJS.ProcessEnv;
  /** Where its log goes; null: to our own standard output. */
  readonly logFile: string | null;
  /** Put on the command line, so that a start after a crash recognises what is left of this installation. */
  readonly folder: string;
}

export interface RunningService {
  readonly url: string;
  /** Resolves when the service has ended without having been asked to. */
  readonly broken: Promise<Error>;
  stop(): Promise<void>;
}

/** Resolves as soon as it answers requests. @throws StartError */
export async function startService(options: ServiceOptions): Promise<RunningService> {
  const child = run("main.js", options);
  const url = await Promise.race([listening(child), endOf(child).then(() => null)]);
  if (url === null) throw new StartError(`The service does not start: ${reason(options.logFile)}`);

  const asked = new AbortController();
  const broken = brokenOff(child, "The service", asked.signal);
  const stop = () => {
    asked.abort();
    return stopChild(child, "SIGTERM", STOP_PATIENCE_MS);
  };
  return { url, broken, stop };
}

/** Runs another entry file of the service to its end. @throws StartError when it fails */
export async function runServiceCommand(file: string, args: readonly string[], options: ServiceOptions): Promise<void> {
  const child = run(file, options, args);
  const how = await endOf(child);
  if (how !== 0) throw new StartError(`${file} fails (${how}): ${reason(options.logFile)}`);
}

function run(file: string, { env, logFile, folder }: ServiceOptions, args: readonly string[] = []): ChildProcess {
  return spawnTied({
    program: process.execPath,
    args: [...HEAP, join(ROOT, "backend", "dist", file), ...args, folder],
    cwd: ROOT,
    logFile,
    ipc: true,
    onOrphaned: "SIGTERM",
    env: { ...ALLOCATION, ...env },
  });
}

function listening(child: ChildProcess): Promise<string> {
  return new Promise((resolve) => {
    child.on("message", (message) => resolve((message as { listening: string }).listening));
  });
}

function endOf(child: ChildProcess): Promise<number | string> {
  return new Promise((resolve) => {
    child.once("exit", (code, signal) => resolve(signal ?? code ?? "unknown"));
    child.once("error", (error) => resolve(error.message));
  });
}

/** The service says in one plain line what is wrong with its settings, after its JSON log lines. */
function reason(logFile: string | null): string {
  const lines = logFile && existsSync(logFile) ? readFileSync(logFile, "utf8").trim().split("\n") : [];
  const plain = lines.findLast((line) => line !== "" && !line.startsWith("{"));
  return plain ?? "its log says why.";
}
