import { randomInt } from "node:crypto";
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { getAddress, isAddress, Wallet } from "ethers";
import type { Hex } from "../../proof/src/bytes.ts";
import { DEFAULT_SETTINGS, genesisOf, trustOf, type ChainSettings } from "./genesis.ts";
import { completeMembers, type MemberDraft, type Role } from "./member.ts";
import { NetworkError } from "./network-error.ts";
import { nodeFolder, writeNetwork, writeSecret, writeTrust, type Network } from "./network-folder.ts";

export interface NetworkPlan {
  readonly members: readonly MemberDraft[];
  readonly settings: Partial<ChainSettings>;
  /** Added to the usual ports, so that two networks fit on one machine. */
  readonly portOffset: number;
  /** Accounts that may send transactions; empty: a relayer, a deployer and a registrar are made. */
  readonly accounts: readonly string[];
}

/** So many nodes of each role, all on this machine. */
export function localMembers(count: Readonly<Record<Role, number>>): MemberDraft[] {
  return (Object.keys(count) as Role[]).flatMap((role) => Array.from({ length: count[role] }, () => ({ role })));
}

/** Writes a new network into an empty folder. */
export async function initNetwork(folder: string, plan: NetworkPlan): Promise<Network> {
  if (existsSync(folder) && readdirSync(folder).length > 0) throw new NetworkError(`${folder} is not empty.`);
  const settings = { ...DEFAULT_SETTINGS, chainId: randomInt(1_000_000, 2 ** 31), ...plan.settings };
  checkSettings(settings);
  const { members, secrets } = completeMembers(plan.members, plan.portOffset);
  const validators = members.filter(({ role }) => role === "validator").map(({ address }) => address);
  if (validators.length === 0) throw new NetworkError("A network needs a validator; four survive the loss of one.");

  const genesis = genesisOf(settings, validators);
  const accounts = await allowedAccounts(folder, plan.accounts);
  const network: Network = { format: "quanlian-network/1", settings, members, accounts };
  for (const [name, secret] of secrets) await writeSecret(join(nodeFolder(folder, name), "key"), secret);
  await writeNetwork(folder, network, genesis);
  await writeTrust(folder, trustOf(settings, genesis, validators));
  return network;
}

/** Given accounts, or three new ones whose keys lie in `accounts/`. */
async function allowedAccounts(folder: string, given: readonly string[]): Promise<string[]> {
  const wrong = given.findIndex((account) => !isAddress(account));
  if (wrong >= 0) throw new NetworkError(`"${given[wrong]}" is no account address.`);
  if (given.length > 0) return given.map((account) => getAddress(account));
  const made: string[] = [];
  for (const name of ["relayer", "deployer", "registrar"]) {
    const wallet = Wallet.createRandom();
    await writeSecret(join(folder, "accounts", `${name}.key`), wallet.privateKey as Hex);
    made.push(wallet.address);
  }
  return made;
}

/** Ranges that Besu accepts and that make sense: a timeout below the block period would never let a round finish. */
function checkSettings(settings: ChainSettings): void {
  const wrong = Object.entries(settings).find(([, value]) => !Number.isSafeInteger(value) || value < 1);
  if (wrong) throw new NetworkError(`${wrong[0]} must be a positive integer.`);
  if (settings.requestTimeoutSeconds <= settings.blockPeriodSeconds) {
    throw new NetworkError("The request timeout must be longer than the block period.");
  }
  if (settings.gasLimit < 16_777_216) {
    throw new NetworkError("The gas limit must hold at least one full batch: 2^24.");
  }
}
