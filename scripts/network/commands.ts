/**
 * A Hyperledger Besu QBFT network: `npm run network -- <command>` (docs/network.md).
 *
 *   init --out DIR [--validators 4] [--rpc 1] [--observers 0] [--members FILE] [--accounts A,B] [--chain-id N]
 *        [--port-offset 0] [--block-period 1] [--request-timeout 10] [--epoch 30000] [--gas-limit 60000000]
 *   key --out DIR                              a node key for an institution that makes its own
 *   up | down --dir DIR [--node NAME]          with BESU_BIN, or with Docker
 *   status --dir DIR [--json]                  exit code 0 when healthy
 *   add-validator --dir DIR --node NAME [--institution NAME] [--host IP] [--public-key HEX] [--timeout 120]
 *   remove-validator --dir DIR --node NAME [--timeout 120]
 */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { engineFor, localMembers as startable, stopperFor } from "./engine.ts";
import type { ChainSettings } from "./genesis.ts";
import { initNetwork, localMembers } from "./init.ts";
import { addMember, recordChange } from "./join.ts";
import { newNodeKey, ROLES, type Member, type MemberDraft } from "./member.ts";
import { NetworkError } from "./network-error.ts";
import { readNetwork, readTrust, writeSecret } from "./network-folder.ts";
import { askNode } from "./rpc.ts";
import { networkStatus, statusTable } from "./status.ts";
import { holdElection } from "./vote.ts";

const USAGE = "Usage: npm run network -- init|key|up|down|status|add-validator|remove-validator … (docs/network.md)";

const text = { type: "string" } as const;
const OPTIONS = {
  out: text,
  dir: text,
  validators: text,
  rpc: text,
  observers: text,
  members: text,
  accounts: text,
  "chain-id": text,
  "port-offset": text,
  "block-period": text,
  "request-timeout": text,
  epoch: text,
  "gas-limit": text,
  node: text,
  institution: text,
  host: text,
  "public-key": text,
  timeout: text,
  json: { type: "boolean" },
} as const;

type Options = ReturnType<typeof parseArgs<{ options: typeof OPTIONS; allowPositionals: true }>>["values"];

/** What a command may see and say. */
export interface Surroundings {
  readonly env: NodeJS.ProcessEnv;
  print(line: string): void;
  complain(line: string): void;
  readonly pause: (milliseconds: number) => Promise<unknown>;
}

type Command = (options: Options, around: Surroundings) => Promise<number>;

const commands: Record<string, Command> = {
  init,
  key: makeKey,
  up: (options, around) => switchNodes(options, around, "start"),
  down: (options, around) => switchNodes(options, around, "stop"),
  status,
  "add-validator": addValidator,
  "remove-validator": removeValidator,
};

/** Exit code 0: done; 1: not healthy, or not done; 64: wrong usage. */
export async function runCommand(args: readonly string[], around: Surroundings): Promise<number> {
  try {
    const { values, positionals } = parseArgs({ args: [...args], options: OPTIONS, allowPositionals: true });
    const command = commands[positionals[0] ?? ""];
    if (!command || positionals.length > 1) throw new TypeError(USAGE);
    return await command(values, around);
  } catch (error) {
    if (!(error instanceof NetworkError || error instanceof TypeError)) throw error;
    around.complain(error.message);
    return error instanceof NetworkError ? 1 : 64;
  }
}

async function init(options: Options, around: Surroundings): Promise<number> {
  const folder = required(options, "out");
  const network = await initNetwork(folder, {
    members: await plannedMembers(options),
    settings: settings(options),
    portOffset: count(options["port-offset"] ?? "0"),
    accounts: options.accounts?.split(",") ?? [],
  });
  for (const { name, role, host, p2pPort, address } of network.members) {
    around.print(`${name.padEnd(16)} ${role.padEnd(10)} ${host}:${p2pPort}  ${address}`);
  }
  around.print(
    `chain ${network.settings.chainId}, written to ${folder}; keys are in nodes/*/key and accounts/*.key (mode 0600)`,
  );
  return 0;
}

/** A file with one entry a node, or counts of nodes on this machine. */
async function plannedMembers(options: Options): Promise<MemberDraft[]> {
  if (options.members === undefined) {
    const { validators = "4", rpc = "1", observers = "0" } = options;
    return localMembers({ validator: count(validators), rpc: count(rpc), observer: count(observers) });
  }
  const drafts = JSON.parse(await readFile(options.members, "utf8")) as MemberDraft[];
  const wrong = drafts.find(({ role }) => !ROLES.includes(role));
  if (wrong) throw new NetworkError(`"${wrong.role}" is no role: use ${ROLES.join(", ")}.`);
  return drafts;
}

function settings(options: Options): Partial<ChainSettings> {
  const given = {
    chainId: options["chain-id"],
    blockPeriodSeconds: options["block-period"],
    requestTimeoutSeconds: options["request-timeout"],
    epochLength: options.epoch,
    gasLimit: options["gas-limit"],
  };
  const known = Object.entries(given).filter(([, value]) => value !== undefined);
  return Object.fromEntries(known.map(([name, value]) => [name, count(value!)]));
}

async function makeKey(options: Options, around: Surroundings): Promise<number> {
  const folder = required(options, "out");
  const { secret, publicKey } = newNodeKey();
  await writeSecret(join(folder, "key"), secret);
  around.print(
    `Public key, to be handed in: ${publicKey}\nThe private key is in ${join(folder, "key")} (mode 0600): it stays with you.`,
  );
  return 0;
}

async function switchNodes(options: Options, around: Surroundings, action: "start" | "stop"): Promise<number> {
  const folder = required(options, "dir");
  const { members } = await readNetwork(folder);
  const chosen = startable(folder, options.node === undefined ? members : [memberCalled(options.node, members)]);
  if (chosen.length === 0) throw new NetworkError("The private key of no such node is in this folder.");
  if (action === "start") await engineFor(folder, around.env).start(chosen);
  else await stopperFor(folder, chosen, around.env).stop(chosen);
  around.print(`${action === "start" ? "Running" : "Stopped"}: ${chosen.map(({ name }) => name).join(", ")}`);
  return 0;
}

async function status(options: Options, around: Surroundings): Promise<number> {
  const folder = required(options, "dir");
  const { members } = await readNetwork(folder);
  const found = await networkStatus(members, await readTrust(folder), askNode);
  around.print(options.json ? JSON.stringify(found) : statusTable(found));
  return found.healthy ? 0 : 1;
}

async function addValidator(options: Options, around: Surroundings): Promise<number> {
  const folder = required(options, "dir");
  const name = required(options, "node");
  const { members } = await readNetwork(folder);
  const member = members.find((other) => other.name === name) ?? (await joinAndStart(folder, name, options, around));
  return elect(folder, member, true, options, around);
}

/** A newcomer must follow the chain before it can be of use as a validator. */
async function joinAndStart(folder: string, name: string, options: Options, around: Surroundings): Promise<Member> {
  const { institution, host, "public-key": publicKey } = options;
  const member = await addMember(folder, { name, institution, host, publicKey }, askNode);
  if (startable(folder, [member]).length > 0) await engineFor(folder, around.env).start([member]);
  return member;
}

async function removeValidator(options: Options, around: Surroundings): Promise<number> {
  const folder = required(options, "dir");
  const { members } = await readNetwork(folder);
  return elect(folder, memberCalled(required(options, "node"), members), false, options, around);
}

async function elect(
  folder: string,
  member: Member,
  add: boolean,
  options: Options,
  around: Surroundings,
): Promise<number> {
  const { members } = await readNetwork(folder);
  const elected = await holdElection({
    members,
    trust: await readTrust(folder),
    askOf: askNode,
    candidate: member.address,
    add,
    timeoutSeconds: count(options.timeout ?? "120"),
    pause: around.pause,
  });
  const proof = await recordChange(folder, member, add ? "validator" : "observer", elected);
  const { from, validators } = elected.sets.at(-1)!;
  around.print(
    `From block ${from} on there are ${validators.length} validators; proven by ${elected.headers.length} headers in ${proof}.`,
  );
  return 0;
}

function memberCalled(name: string, members: readonly Member[]): Member {
  const member = members.find((other) => other.name === name);
  if (!member)
    throw new NetworkError(`There is no node ${name}; there are ${members.map((other) => other.name).join(", ")}.`);
  return member;
}

function required(options: Options, name: "out" | "dir" | "node"): string {
  const value = options[name];
  if (value === undefined) throw new TypeError(`--${name} is missing. ${USAGE}`);
  return value;
}

function count(value: string): number {
  if (!/^[0-9]{1,15}$/.test(value)) throw new NetworkError(`"${value}" is no number.`);
  return Number(value);
}
