// Runs another entry file of the service with its settings, in the terminal of whoever asked.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { buildStale } from "../build.ts";
import { StartError } from "../embedded/start-error.ts";
import { settingsOfService } from "./settings-file.ts";

const DIST = join(import.meta.dirname, "../../backend/dist");

/** @returns its exit code; 2 when it could not be started */
export async function runInTerminal(file: string, args: readonly string[]): Promise<number> {
  try {
    const env = settingsOfService(process.env);
    await buildStale((phrase) => console.error(`  … ${phrase}`));
    const child = spawn(process.execPath, [join(DIST, file), ...args], { stdio: "inherit", env });
    const [code] = (await once(child, "exit")) as [number | null];
    return code ?? 2;
  } catch (error) {
    if (!(error instanceof StartError)) throw error;
    console.error(error.message);
    return 2;
  }
}
