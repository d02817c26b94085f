// Keeps the embedded chain on disk. Anvil's own state file is rewritten in place and does not survive a kill, so the
// launcher asks for dumps and writes them itself. A block is final only when it lies in a saved dump: `saved.json` names
// the newest such block for the service's finality rule `snapshot:<file>`.
import { existsSync, readFileSync } from "node:fs";
import { readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { gunzipSync } from "node:zlib";
import type { Rpc } from "./anvil-rpc.ts";
import { writeAtomically } from "./atomic-file.ts";
import { newestBlockIn } from "./chain-dump.ts";
import { StartError } from "./start-error.ts";

const LOOK_EVERY_MS = 100;
/** The node mines nothing while it dumps, so dumping may take a tenth of the time at most. */
const SPACING = 10;
const ATTEMPTS = 20;

/** The newest block that a crash cannot take back. */
export interface SavedBlock {
  readonly blockNumber: number;
  readonly blockHash: string;
}

export class ChainSnapshots {
  readonly savedFile: string;
  readonly #newest: string;
  readonly #previous: string;
  readonly #loading: string;
  /** What the last dump cost the node. */
  #stalledMs = 0;

  /** @param folder where the dumps live; must exist */
  constructor(folder: string) {
    this.savedFile = join(folder, "saved.json");
    this.#newest = join(folder, "state.json.gz");
    this.#previous = join(folder, "state.previous.json.gz");
    this.#loading = join(folder, "loading.json");
  }

  /** The state to start from, as a file for `anvil --load-state`; null before the first save. */
  async unpack(): Promise<string | null> {
    const dumps = [this.#newest, this.#previous].filter((file) => existsSync(file));
    for (const file of dumps) {
      const state = await unzip(file);
      if (!state) continue;
      await writeFile(this.#loading, state, { mode: 0o600 });
      return this.#loading;
    }
    if (dumps.length === 0 && !existsSync(this.savedFile)) return null;
    throw new StartError(`The saved chain beside ${this.savedFile} cannot be read: restore that folder from a backup.`);
  }

  /** Saves when there are newer blocks than the saved one, and sees to it that each day has one, until aborted. */
  async keepSaving(rpc: Rpc, saved: SavedBlock, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await sleep(LOOK_EVERY_MS);
      const newest = await rpc<{ number: string; timestamp: string }>("eth_getBlockByNumber", ["latest", false]);
      if (isOfAnEarlierDay(Number(newest.timestamp))) await rpc("evm_mine");
      else if (Number(newest.number) === saved.blockNumber) continue;
      saved = await this.save(rpc);
      await sleep(SPACING * this.#stalledMs, undefined, { signal }).catch(() => undefined);
    }
  }

  /** Brings every block mined so far to disk. */
  async save(rpc: Rpc): Promise<SavedBlock> {
    for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
      const dump = await this.#dumpAtRest(rpc);
      const blockNumber = newestBlockIn(dump);
      const saved = blockNumber !== null && (await this.#write(dump, blockNumber, rpc));
      if (saved) return saved;
    }
    throw new Error("The state of the chain cannot be saved: each dump is torn.");
  }

  /** Mining pauses meanwhile, since a dump taken while a block is made is torn; transactions wait in the pool. */
  async #dumpAtRest(rpc: Rpc): Promise<Uint8Array> {
    const began = performance.now();
    await rpc("evm_setAutomine", [false]);
    try {
      return Buffer.from((await rpc<string>("anvil_dumpState")).slice(2), "hex");
    } finally {
      await rpc("evm_setAutomine", [true]);
      this.#stalledMs = performance.now() - began;
      await mineWaiting(rpc);
    }
  }

  /** @returns null when the node has taken the block back since: then the dump is of no use */
  async #write(dump: Uint8Array, blockNumber: number, rpc: Rpc): Promise<SavedBlock | null> {
    const tag = `0x${blockNumber.toString(16)}`;
    const block = await rpc<{ hash: string } | null>("eth_getBlockByNumber", [tag, false]);
    if (!block) return null;
    if (existsSync(this.#newest)) await rename(this.#newest, this.#previous);
    await writeAtomically(this.#newest, dump);
    const saved = { blockNumber, blockHash: block.hash };
    await writeAtomically(this.savedFile, JSON.stringify(saved));
    return saved;
  }
}

/**
 * Whether the day in China has changed since a moment, in Unix seconds. A real network makes blocks without being asked; without
 * one of today nothing could be certified up to today.
 */
function isOfAnEarlierDay(time: number): boolean {
  const day = (seconds: number) => Math.floor((seconds + 8 * 3600) / 86_400);
  return day(time) < day(Date.now() / 1000);
}

/** Automining looks only at transactions that arrive after it was switched on. */
async function mineWaiting(rpc: Rpc): Promise<void> {
  const waiting = async () => Number((await rpc<{ pending: string }>("txpool_status")).pending);
  while ((await waiting()) > 0) await rpc("evm_mine");
}

/** The block named in `saved.json`, null when nothing was saved yet. */
export function readSaved(file: string): SavedBlock | null {
  return existsSync(file) ? (JSON.parse(readFileSync(file, "utf8")) as SavedBlock) : null;
}

async function unzip(file: string): Promise<Buffer | null> {
  try {
    return gunzipSync(await readFile(file));
  } catch {
    return null;
  }
}
