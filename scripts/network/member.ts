import { computeAddress, SigningKey } from "ethers";
import { randomBytes } from "node:crypto";
import { isIP } from "node:net";
import type { Hex } from "../../proof/src/bytes.ts";
import { NetworkError } from "./network-error.ts";

/**
 * `validator`: proposes and seals blocks. `rpc`: serves the service; keeps all state, so that proofs can be made of any block.
 * `observer`: follows the chain for an institution that wants to see for itself.
 */
export const ROLES = ["validator", "rpc", "observer"] as const;
export type Role = (typeof ROLES)[number];

/** One node of the network, as all other members may know it. */
export interface Member {
  /** Folder, container and unit name. */
  readonly name: string;
  /** Who runs it. */
  readonly institution: string;
  readonly role: Role;
  /** IP address under which the other nodes reach it. */
  readonly host: string;
  readonly p2pPort: number;
  readonly rpcPort: number;
  readonly metricsPort: number;
  /** Besu's store: recent state only, or the state of every block. It stays with the data when a node changes its role. */
  readonly storage: "BONSAI" | "FOREST";
  /** Node key: 64 bytes, the uncompressed secp256k1 point without its prefix. */
  readonly publicKey: Hex;
  /** The address that seals blocks, when the node is a validator. */
  readonly address: Hex;
}

/** A member before its key is known; what is left out is chosen by `completeMembers`. */
export interface MemberDraft {
  readonly name?: string;
  readonly institution?: string;
  readonly role: Role;
  readonly host?: string;
  /** Left out: a key is made. */
  readonly publicKey?: string;
}

export interface NodeKey {
  readonly secret: Hex;
  readonly publicKey: Hex;
}

export function newNodeKey(): NodeKey {
  return nodeKey(`0x${randomBytes(32).toString("hex")}`);
}

function nodeKey(secret: Hex): NodeKey {
  return { secret, publicKey: `0x${new SigningKey(secret).publicKey.slice(4)}` };
}

export function enode({ publicKey, host, p2pPort }: Member): string {
  return `enode://${publicKey.slice(2)}@${isIP(host) === 6 ? `[${host}]` : host}:${p2pPort}`;
}

export function isLoopback(host: string): boolean {
  return host === "::1" || host.startsWith("127.");
}

/** First ports of each kind; nodes that share a host count up from them. */
const PORTS = { p2pPort: 30303, rpcPort: 8545, metricsPort: 9545 };

/** Fills in names, hosts, ports and keys. The secrets of keys that were made here come back beside the members. */
export function completeMembers(
  drafts: readonly MemberDraft[],
  portOffset: number,
): { members: Member[]; secrets: Map<string, Hex> } {
  const members: Member[] = [];
  const secrets = new Map<string, Hex>();
  for (const draft of drafts) {
    const { member, secret } = completeMember(draft, members, portOffset);
    members.push(member);
    if (secret) secrets.set(member.name, secret);
  }
  return { members, secrets };
}

/** The same for one member that joins others. */
export function completeMember(
  draft: MemberDraft,
  others: readonly Member[],
  portOffset = 0,
): { member: Member; secret: Hex | null } {
  const made = draft.publicKey === undefined ? newNodeKey() : null;
  const publicKey = made?.publicKey ?? readPublicKey(draft.publicKey!);
  const name = draft.name ?? nextName(draft.role, others);
  const host = draft.host ?? "127.0.0.1";
  const institution = draft.institution ?? name;
  if (!/^[a-z][a-z0-9-]{0,30}$/.test(name)) throw new NetworkError(`"${name}" is no node name: use a-z, 0-9 and "-".`);
  if (!/^[^\p{C}|`%]{1,60}$/u.test(institution))
    throw new NetworkError(`"${institution}" is no name of an institution.`);
  if (isIP(host) === 0) throw new NetworkError(`"${host}" is no IP address, and node addresses must be.`);
  if (others.some((other) => other.name === name)) throw new NetworkError(`Two nodes are called ${name}.`);
  if (others.some((other) => other.publicKey === publicKey))
    throw new NetworkError(`Node ${name} has another node's key.`);
  const neighbours = others.filter((other) => other.host === host);
  const port = (kind: keyof typeof PORTS) =>
    Math.max(PORTS[kind] + portOffset - 1, ...neighbours.map((other) => other[kind])) + 1;
  const member: Member = {
    name,
    institution,
    role: draft.role,
    host,
    // Validators need recent state only; proofs of any block come from the nodes that keep all of it.
    storage: draft.role === "validator" ? "BONSAI" : "FOREST",
    p2pPort: port("p2pPort"),
    rpcPort: port("rpcPort"),
    metricsPort: port("metricsPort"),
    publicKey,
    address: computeAddress(`0x04${publicKey.slice(2)}`).toLowerCase() as Hex,
  };
  return { member, secret: made?.secret ?? null };
}

function nextName(role: Role, others: readonly Member[]): string {
  let count = 1;
  while (others.some(({ name }) => name === `${role}-${count}`)) count++;
  return `${role}-${count}`;
}

/** 64 bytes, with or without 0x and the 04 of an uncompressed point. */
function readPublicKey(text: string): Hex {
  const digits = /^(?:0x)?(?:04)?([0-9a-f]{128})$/.exec(text.toLowerCase())?.[1];
  try {
    if (digits) return `0x${SigningKey.computePublicKey(`0x04${digits}`, false).slice(4)}`;
  } catch {
    // not a point of the curve
  }
  throw new NetworkError("A node's public key is 64 bytes in hex, a point of secp256k1.");
}
