import { chmodSync, mkdtempSync } from "node:fs";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { startPlatform, type Platform } from "./platform.ts";

/**
 * Starts the platform in a temporary folder, lets `use` have it, and leaves nothing behind.
 * @param use gets the temporary folder too, in which it may write
 * @param env further settings of the service
 */
export async function withThrowAwayPlatform<Result>(
  say: (phrase: string) => void,
  use: (platform: Platform, folder: string) => Promise<Result>,
  env: NodeJS.ProcessEnv = {},
): Promise<Result> {
  const folder = mkdtempSync(join(tmpdir(), "quanlian-"));
  // As root the database runs as another user, who must be let in.
  chmodSync(folder, 0o755);
  try {
    const platform = await startPlatform({ folder: join(folder, "data"), host: "127.0.0.1", port: 0, say, env });
    try {
      return await use(platform, folder);
    } finally {
      await platform.stop();
      await rm(dirname(platform.database.cluster), { recursive: true, force: true });
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
