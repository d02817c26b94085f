// The settings with which the embedded service was started last, for the commands that look at it from beside.
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { StartError } from "../embedded/start-error.ts";

const FILE = "settings.json";

/** They hold a database password and the relayer's key: for the owner only. */
export function keepSettings(folder: string, settings: NodeJS.ProcessEnv): void {
  writeFileSync(join(folder, FILE), `${JSON.stringify(settings, null, 2)}\n`, { mode: 0o600 });
}

/**
 * The settings of the service that runs here: those of the environment when it names a database, else those of the
 * embedded one in QUANLIAN_DATA_DIR.
 * @throws StartError when there is none
 */
export function settingsOfService(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  if (env["DATABASE_URL"]) return env;
  const file = join(env["QUANLIAN_DATA_DIR"] ?? ".data", FILE);
  if (!existsSync(file))
    throw new StartError(
      `There is no ${file}: start the service once with npm start, or set DATABASE_URL and the rest.`,
    );
  return { ...env, ...(JSON.parse(readFileSync(file, "utf8")) as NodeJS.ProcessEnv) };
}
