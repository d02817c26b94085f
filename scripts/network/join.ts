import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Genesis } from "./genesis.ts";
import { completeMember, enode, type Member, type MemberDraft, type Role } from "./member.ts";
import {
  nodeFolder,
  readNetwork,
  readTrust,
  toJson,
  writeNetwork,
  writeSecret,
  writeTrust,
  type Network,
} from "./network-folder.ts";
import type { Ask } from "./rpc.ts";
import type { Elected } from "./vote.ts";

/** Enters a new node into the network's folder; it starts as an observer, and the nodes that answer let it in at once. */
export async function addMember(
  folder: string,
  draft: Omit<MemberDraft, "role">,
  askOf: (member: Member) => Ask,
): Promise<Member> {
  const network = await readNetwork(folder);
  const { member, secret } = completeMember({ ...draft, role: "observer" }, network.members);
  if (secret) await writeSecret(join(nodeFolder(folder, member.name), "key"), secret);
  await rewrite(folder, { ...network, members: [...network.members, member] });
  await Promise.allSettled(network.members.map((other) => admit(askOf(other), member)));
  return member;
}

/** Allow-lists are read again from the files, and the connection is made without a restart, where the node offers these APIs. */
async function admit(ask: Ask, member: Member): Promise<void> {
  await ask("perm_reloadPermissionsFromFile");
  await ask("admin_addPeer", [enode(member)]);
}

/** Records who is a validator from now on, with the proof, for whoever keeps a trust list. */
export async function recordChange(folder: string, member: Member, role: Role, elected: Elected): Promise<string> {
  const network = await readNetwork(folder);
  const members = network.members.map((other) => (other.name === member.name ? { ...other, role } : other));
  await rewrite(folder, { ...network, members });
  await writeTrust(folder, { ...(await readTrust(folder)), sets: elected.sets });
  const file = join(folder, "changes", `${elected.sets.at(-1)!.from}.json`);
  await mkdir(join(folder, "changes"), { recursive: true });
  await writeFile(file, toJson({ kind: "qbft-validators", headers: elected.headers }));
  return file;
}

async function rewrite(folder: string, network: Network): Promise<void> {
  const genesis = JSON.parse(await readFile(join(folder, "genesis.json"), "utf8")) as Genesis;
  await writeNetwork(folder, network, genesis);
}
