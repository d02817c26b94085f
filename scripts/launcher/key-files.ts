// Secrets of an embedded installation: made at the first start, readable by their owner alone, never printed.
import { randomBytes } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { writeAtomically } from "../embedded/atomic-file.ts";
import { StartError } from "../embedded/start-error.ts";

type Secret = `0x${string}`;

/** `quanlian-keys/2`, what the service reads from KEY_FILE. */
export interface PlatformKeys {
  readonly format: "quanlian-keys/2";
  readonly masterKey: Secret;
  readonly vrfSecret: Secret;
  readonly keyEncryption: { readonly current: string; readonly keys: Readonly<Record<string, Secret>> };
}

/** Private keys of the accounts that the launcher and the service use on the embedded chain. */
export interface ChainKeys {
  readonly format: "quanlian-chain-keys/1";
  /** Creates the contracts and ends without power. */
  readonly deployer: Secret;
  /** Holds every role of the registry: on a real network these are different institutions. */
  readonly governor: Secret;
  /** Sends the batches; can write for no department. */
  readonly relayer: Secret;
}

export interface Keys {
  readonly keyFile: string;
  readonly platform: PlatformKeys;
  readonly chain: ChainKeys;
}

/**
 * Reads the keys of a data folder, or makes them while nothing depends on them yet.
 * @throws StartError when data is there but its keys are not: new ones would open nothing
 */
export async function keysOf(folder: string, hasData: boolean): Promise<Keys> {
  const keyFile = join(folder, "keys.json");
  const platform = await keptOrMade<PlatformKeys>(keyFile, hasData, newPlatformKeys);
  const chain = await keptOrMade<ChainKeys>(join(folder, "chain-keys.json"), hasData, () => ({
    format: "quanlian-chain-keys/1",
    deployer: secret(),
    governor: secret(),
    relayer: secret(),
  }));
  return { keyFile, platform: await withKeyEncryption(keyFile, platform), chain };
}

/** @param vrfSecret one that the registry knows already */
export function newPlatformKeys(vrfSecret = secret()): PlatformKeys {
  return { format: "quanlian-keys/2", masterKey: secret(), vrfSecret, keyEncryption: newKeyEncryption() };
}

function newKeyEncryption(): PlatformKeys["keyEncryption"] {
  const current = `kek-${randomBytes(4).toString("hex")}`;
  return { current, keys: { [current]: secret() } };
}

/** A file of before there were key-encryption keys gets one. */
async function withKeyEncryption(keyFile: string, keys: PlatformKeys): Promise<PlatformKeys> {
  if ((keys.format as string) !== "quanlian-keys/1") return keys;
  const next: PlatformKeys = { ...keys, format: "quanlian-keys/2", keyEncryption: newKeyEncryption() };
  await writeAtomically(keyFile, JSON.stringify(next, null, 2));
  return next;
}

async function keptOrMade<Content extends { format: string }>(
  file: string,
  hasData: boolean,
  make: () => Content,
): Promise<Content> {
  if (existsSync(file)) return JSON.parse(readFileSync(file, "utf8")) as Content;
  if (hasData) throw new StartError(`The key file ${file} is gone but its data is not: restore it from a backup.`);
  const content = make();
  await writeAtomically(file, JSON.stringify(content, null, 2));
  return content;
}

function secret(): Secret {
  return `0x${randomBytes(32).toString("hex")}`;
}
