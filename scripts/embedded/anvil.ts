// The EVM node of the embedded mode: anvil out of its npm package, with a chain that survives kill -9.
import { once } from "node:events";
import { mkdirSync } from "node:fs";
import { rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { ChildProcess } from "node:child_process";
import { rpcOver, type Rpc } from "./anvil-rpc.ts";
import { ChainSnapshots, readSaved, type SavedBlock } from "./chain-snapshots.ts";
import { freePort, spawnTied, stopChild, stopLeftovers } from "./processes.ts";
import { StartError } from "./start-error.ts";

export const EMBEDDED_CHAIN_ID = 31337;

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
  /** Rejects when the node has ended without having been asked to, or its state cannot be saved. */
  readonly failed: Promise<never>;
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
  const { child, url } = await launch(folder, state);
  const rpc = rpcOver(url);
  if (state) await rm(state);
  const lost = await missingBlock(rpc, snapshots.savedFile);

  const saved = await snapshots.save(rpc);

  const ending = new AbortController();
  const saving = snapshots.keepSaving(rpc, saved, ending.signal);
  const failed = failure(child, saving, ending.signal);

  const stop = async () => {
    ending.abort();
    await saving.catch(() => undefined);
    if (child.exitCode === null && child.signalCode === null) await snapshots.save(rpc);
    await stopChild(child, "SIGTERM", 5_000);
  };
  const settled = async () => {
    const head = Number(await rpc<string>("eth_blockNumber"));
    while (readSaved(snapshots.savedFile)!.blockNumber < head) await Promise.race([sleep(20), failed]);
  };
  return { url, chainId: EMBEDDED_CHAIN_ID, savedFile: snapshots.savedFile, lost, settled, failed, stop };
}

/** Somebody else may take the free port between finding and using it: then anvil ends at once, and another is tried. */
async function launch(folder: string, state: string | null): Promise<{ child: ChildProcess; url: string }> {
  for (let attempt = 1; ; attempt++) {
    const port = await freePort();
    const child = spawnTied({
      program: anvilExecutable(),
      args: [...RULES, "--port", String(port), "--cache-path", folder, ...(state ? ["--load-state", state] : [])],
      cwd: folder,
      logFile: join(folder, "anvil.log"),
      onOrphaned: "SIGKILL",
    });
    const url = `http://127.0.0.1:${port}`;
    if (await answers(rpcOver(url), child)) return { child, url };
    if (attempt === 3)
      throw new StartError(`The embedded EVM node does not start; its log is ${join(folder, "anvil.log")}.`);
  }
}

/** The native binary itself: killing the package's JavaScript wrapper would leave it running. */
function anvilExecutable(): string {
  const os = process.platform === "win32" ? "win32" : process.platform;
  const cpu = process.arch === "x64" ? "amd64" : process.arch;
  const name = `@foundry-rs/anvil-${os}-${cpu}`;
  try {
    const manifest = createRequire(import.meta.url).resolve(`${name}/package.json`);
    return join(dirname(manifest), "bin", os === "win32" ? "anvil.exe" : "anvil");
  } catch {
    throw new StartError(
      `There is no embedded EVM node for this platform (${name} is not installed): set DATABASE_URL and CHAIN_RPC_URLS.`,
    );
  }
}

async function answers(rpc: Rpc, child: ChildProcess): Promise<boolean> {
  const ended = once(child, "exit").then(
    () => false,
    () => false,
  );
  const ready = async () => {
    while (child.exitCode === null && child.signalCode === null) {
      if (await rpc("eth_chainId").catch(() => null)) return true;
      await sleep(10);
    }
    return false;
  };
  return Promise.race([ended, ready()]);
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

function failure(child: ChildProcess, saving: Promise<void>, ending: AbortSignal): Promise<never> {
  const failed = new Promise<never>((_, reject) => {
    child.once("exit", (code, signal) => {
      if (!ending.aborted) reject(new StartError(`The embedded EVM node ended by itself (${signal ?? code}).`));
    });
    saving.catch((error: unknown) => {
      if (!ending.aborted) reject(error as Error);
    });
  });
  failed.catch(() => undefined);
  return failed;
}
