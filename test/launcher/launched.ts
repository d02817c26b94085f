import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { findProcesses } from "../../scripts/embedded/processes.ts";

const ROOT = join(import.meta.dirname, "../..");

/** The launcher as a process of its own, in a session of its own. */
export interface Launched {
  readonly process: ChildProcess;
  /** All that it has printed so far. */
  readonly output: () => string;
  /** Address of the service; rejects with the output when the launcher ends before it serves. */
  readonly url: Promise<string>;
  /** Resolves with its exit code or the name of the signal that ended it. */
  readonly ended: Promise<number | string>;
}

export function launch(folder: string, settings: NodeJS.ProcessEnv = {}): Launched {
  return watched(process.execPath, [join(ROOT, "scripts/start.ts")], folder, settings);
}

export function startNpm(folder: string): Launched {
  return watched("npm", ["start"], folder, {});
}

function watched(command: string, args: string[], folder: string, settings: NodeJS.ProcessEnv): Launched {
  const env = { ...process.env, QUANLIAN_DATA_DIR: folder, PORT: "0", ...settings };
  const child = spawn(command, args, { cwd: ROOT, env, detached: true });
  let output = "";
  const url = Promise.withResolvers<string>();
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (chunk: string) => {
      output += chunk;
      const address = /(?:verify page|serves) +(http:\S+?)\/?\s/.exec(output)?.[1];
      if (address) url.resolve(address);
    });
  }
  const ended = once(child, "close").then(([code, signal]) => (signal ?? code) as number | string);
  void ended.then(() => url.reject(new Error(output)));
  url.promise.catch(() => undefined);
  return { process: child, output: () => output, url: url.promise, ended };
}

/** What runs for a data folder: service, node, and the database wherever it lives. */
export function partsOf(folder: string, cluster = join(folder, "postgres", "cluster")): number[] {
  return [
    ...findProcesses("node", folder),
    ...findProcesses("anvil", join(folder, "chain")),
    ...findProcesses("postgres", cluster),
  ];
}

export async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await condition())) await new Promise((next) => setTimeout(next, 50));
}
