import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { writeAtomically } from "./atomic-file.ts";
import { StartError } from "./start-error.ts";

interface Genesis {
  readonly timestamp: number;
}

/**
 * Time of the first block of the chain in `folder`, Unix seconds; the present when there is no chain yet.
 *
 * Anvil makes a first block of its own at each start and keeps it beside the loaded one, and after the next load either may
 * come to stand at number 0. With the same time it is the same block.
 */
export async function genesisTime(folder: string, hasChain: boolean): Promise<number> {
  const file = join(folder, "genesis.json");
  if (existsSync(file)) return (JSON.parse(readFileSync(file, "utf8")) as Genesis).timestamp;
  if (hasChain)
    throw new StartError(`${file} is gone but the chain beside it is not: restore that folder from a backup.`);
  const timestamp = Math.floor(Date.now() / 1000);
  await writeAtomically(file, JSON.stringify({ timestamp } satisfies Genesis));
  return timestamp;
}
