import { existsSync } from "node:fs";
import { chmod, mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Hex } from "../../proof/src/bytes.ts";
import type { QbftTrust } from "../../proof/src/finality/validators.ts";
import type { ChainSettings, Genesis } from "./genesis.ts";
import type { Member } from "./member.ts";
import { NetworkError } from "./network-error.ts";
import { configToml, permissionsToml, staticNodes } from "./node-config.ts";
import { operatorPage } from "./operator-page.ts";
import { composeFile, systemdUnit } from "./services.ts";

/** What every member may know about the network: `network.json` in its folder. No secrets. */
export interface Network {
  readonly format: "quanlian-network/1";
  readonly settings: ChainSettings;
  readonly members: readonly Member[];
  /** Accounts whose transactions the nodes take. */
  readonly accounts: readonly string[];
}

export function nodeFolder(folder: string, name: string): string {
  return join(folder, "nodes", name);
}

export async function readNetwork(folder: string): Promise<Network> {
  const file = join(folder, "network.json");
  if (!existsSync(file)) throw new NetworkError(`${folder} holds no network: there is no network.json.`);
  const network = JSON.parse(await readFile(file, "utf8")) as Network | { format: unknown };
  if (network.format === "quanlian-network/1") return network as Network;
  throw new NetworkError(`${file} is of an unknown version.`);
}

export async function readTrust(folder: string): Promise<QbftTrust> {
  return JSON.parse(await readFile(join(folder, "trust.json"), "utf8")) as QbftTrust;
}

export async function writeTrust(folder: string, trust: QbftTrust): Promise<void> {
  await writeFile(join(folder, "trust.json"), toJson(trust));
}

/** Writes everything that follows from the list of members; safe to repeat when a member joins. */
export async function writeNetwork(folder: string, network: Network, genesis: Genesis): Promise<void> {
  const { members } = network;
  await mkdir(join(folder, "systemd"), { recursive: true });
  await writeFile(join(folder, "network.json"), toJson(network));
  await writeFile(join(folder, "genesis.json"), toJson(genesis));
  await writeFile(join(folder, "docker-compose.yml"), composeFile(members));
  for (const member of members) {
    await writeFile(join(folder, "systemd", `quanlian-${member.name}.service`), systemdUnit(member));
    await writeNode(folder, member, network, genesis);
  }
}

/** One node's folder holds all that its institution needs, and nothing of another's. */
async function writeNode(folder: string, member: Member, network: Network, genesis: Genesis): Promise<void> {
  const { members, accounts, settings } = network;
  const home = nodeFolder(folder, member.name);
  await mkdir(join(home, "data"), { recursive: true, mode: 0o700 });
  await writeFile(join(home, "key.pub"), `${member.publicKey}\n`);
  await writeFile(join(home, "config.toml"), configToml(member, members.length));
  await writeFile(join(home, "genesis.json"), toJson(genesis));
  await writeFile(join(home, "static-nodes.json"), staticNodes(member, members));
  await writeFile(join(home, "permissions.toml"), permissionsToml(members, accounts));
  await writeFile(join(home, "OPERATOR.md"), operatorPage(member, members, settings));
}

/** A secret in a file that only its owner reads; an existing one is never replaced. */
export async function writeSecret(file: string, secret: Hex): Promise<void> {
  if (existsSync(file)) throw new NetworkError(`${file} exists, and keys are never replaced.`);
  await mkdir(join(file, ".."), { recursive: true, mode: 0o700 });
  await writeFile(file, secret, { mode: 0o600, flag: "wx" });
  await chmod(file, 0o600);
}

export function toJson(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}
