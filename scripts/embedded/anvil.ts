// The EVM node of the embedded mode: anvil out of its npm package, with a chain that survives kill -9.
import { mkdirSync } from "node:fs";
import { rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { ChildProcess } from "node:child_process";
import { rpcOver, type Rpc } from "./anvil-rpc.ts";
import { genesisTime } from "./chain-genesis.ts";
import { ChainSnapshots, readSaved, type SavedBlock } from "./chain-snapshots.ts";
import { becomesReady, brokenOff, freePort, isRunning, spawnTied, stopChild, stopLeftovers } from "./processes.ts";
import { StartError } from "./start-error.ts";

const EMBEDDED_CHAIN_ID = 31337;
/** Loading a chain of 300,000 storage slots takes half a second. */
const START_PATIENCE_MS = 60_000;
const STOP_PATIENCE_MS = 10_000;

/** As on a permissioned network: gas costs nothing and nobody holds coins, so no account is privileged. */
const RULES = [
  ["--chain-id", String(EMBEDDED_CHAIN_ID)],
  ["--hardfork", "cancun"],
  ["--gas-limit", "30000000"],
  ["--gas-price", "0"],
  ["--block-base-fee-per-gas", "0"],
  ["--disable-min-priority-fee"],
  ["--accounts", "0"],
  // Old states would be copied at every block and lost at the next start; only the latest can be asked.
  ["--prune-history"],
  ["--no-request-size-limit"],
  ["--no-cors"],
  ["--quiet"],
].flat();

export interface RunningChain {
  readonly url: string;
  readonly chainId: number;
  /** Names the newest block that a crash cannot take back; for the finality rule `snapshot:<file>`. */
  readonly savedFile: string;
  /** Set when the newest saved state could not be read and blocks up to this one are gone. */
  readonly lost: SavedBlock | null;
  /** Resolves when every block of this moment lies in a saved dump. */
  settled(): Promise<void>;
  /** Resolves when the node has ended without having been asked to, or its state cannot be saved. */
  readonly broken: Promise<Error>;
  /** Saves the chain and ends the node. */
  stop(): Promise<void>;
}

/**
 * Starts the node on the newest state saved in `folder` (created when missing) and keeps saving it.
 * The same folder gives the same genesis, the same block hashes and the same accounts at every start.
 * @throws StartError
 */
export async function startAnvil(folder: string): Promise<RunningChain> {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  await stopLeftovers("anvil", folder, "SIGKILL");
  const snapshots = new ChainSnapshots(folder);
  const state = await snapshots.unpack();
  const began = await genesisTime(folder, state !== null);
  const { child, url } = await launch(folder, [
    ...["--timestamp", String(began)],
    ...(state ? ["--load-state", state] : []),
  ]);
  const rpc = rpcOver(url);
  // The time of the first block sets anvil's clock too.
  await rpc("evm_setTime", [Math.floor(Date.now() / 1000)]);
  if (state) await rm(state);
  const lost = await missingBlock(rpc, snapshots.savedFile);

  const saved = await snapshots.save(rpc);
  const asked = new AbortController();
  const saving = snapshots.keepSaving(rpc, saved, asked.signal);
  const broken = Promise.race([brokenOff(child, "The embedded EVM node", asked.signal), failureOf(saving)]);

  const stop = async () => {
    asked.abort();
    await saving.catch(() => undefined);
    if (isRunning(child)) await snapshots.save(rpc);
    await stopChild(child, "SIGTERM", STOP_PATIENCE_MS);
  };
  const settled = async () => {
    const head = Number(await rpc<string>("eth_blockNumber"));
    while (readSaved(snapshots.savedFile)!.blockNumber < head) {
      const error = await Promise.race([sleep(20), broken]);
      if (error) throw error;
    }
  };
  return { url, chainId: EMBEDDED_CHAIN_ID, savedFile: snapshots.savedFile, lost, settled, broken, stop };
}

/** Somebody else may take the free port between finding and using it: then anvil ends at once, and another is tried. */
async function launch(folder: string, args: readonly string[]): Promise<{ child: ChildProcess; url: string }> {
  for (let attempt = 1; ; attempt++) {
    const port = await freePort();
    const child = spawnTied({
      program: anvilExecutable(),
      args: [...RULES, "--port", String(port), "--cache-path", folder, ...args],
      cwd: folder,
      logFile: join(folder, "anvil.log"),
      onOrphaned: "SIGKILL",
    });
    const url = `http://127.0.0.1:${port}`;
    if (await becomesReady(child, () => rpcOver(url)("eth_chainId"), START_PATIENCE_MS)) return { child, url };
    await stopChild(child, "SIGKILL", STOP_PATIENCE_MS);
    if (attempt === 3)
      throw new StartError(`The embedded EVM node does not start; its log is ${join(folder, "anvil.log")}.`);
  }
}

/** The native binary itself: killing the package's JavaScript wrapper would leave it running. */
function anvilExecutable(): string {
  const name = `@foundry-rs/anvil-${process.platform}-${process.arch === "x64" ? "amd64" : process.arch}`;
  try {
    const manifest = createRequire(import.meta.url).resolve(`${name}/package.json`);
    return join(dirname(manifest), "bin", "anvil");
  } catch {
    throw new StartError(
      `There is no embedded EVM node for this platform (${name} is not installed): set DATABASE_URL and CHAIN_RPC_URLS.`,
    );
  }
}

async function missingBlock(rpc: Rpc, savedFile: string): Promise<SavedBlock | null> {
  const saved = readSaved(savedFile);
  if (!saved) return null;
  const block = await rpc<{ hash: string } | null>("eth_getBlockByNumber", [
    `0x${saved.blockNumber.toString(16)}`,
    false,
  ]);
  return block?.hash === saved.blockHash ? null : saved;
}

/** Resolves when the work fails. */
function failureOf(work: Promise<void>): Promise<Error> {
  return work.then(
    () => new Promise<never>(() => undefined),
    (error: unknown) => error as Error,
  );
}
