import { type ChildProcess, execFile, spawn } from "node:child_process";

export interface Ended {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** Runs a built entry file of the service as a process of its own, with the settings of a test's service. */
export function runCommand(file: string, args: readonly string[], env: NodeJS.ProcessEnv): Promise<Ended> {
  return new Promise((resolve) => {
    const child = execFile(
      process.execPath,
      [`backend/dist/${file}`, ...args],
      { env: { ...process.env, ...env } },
      (_, out, err) => resolve({ code: child.exitCode!, out, err }),
    );
  });
}

/** Starts one that does not end by itself. */
export function startCommand(file: string, env: NodeJS.ProcessEnv): ChildProcess {
  return spawn(process.execPath, [`backend/dist/${file}`], { env: { ...process.env, ...env }, stdio: "ignore" });
}
