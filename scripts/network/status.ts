import { getBytes } from "ethers";
import type { Hex } from "../../proof/src/bytes.ts";
import { verifyQbftHeader } from "../../proof/src/finality/qbft.ts";
import { quorumOf } from "../../proof/src/finality/seals.ts";
import { setAt, type QbftTrust } from "../../proof/src/finality/validators.ts";
import type { Member } from "./member.ts";
import type { Ask } from "./rpc.ts";

/** What one node answers, judged by the seals that we check ourselves. */
export interface NodeStatus {
  readonly name: string;
  readonly role: Member["role"];
  /** Null when the node does not answer from here. */
  readonly block: number | null;
  readonly peers: number | null;
  /** Hash of its newest block when that is sealed by the trusted validators, else the code of the refusal. */
  readonly sealed: string | null;
}

export interface NetworkStatus {
  readonly nodes: readonly NodeStatus[];
  readonly validators: { readonly answering: number; readonly quorum: number; readonly total: number };
  /** A quorum of validators answers, and every node that answers is on sealed blocks of the trusted chain. */
  readonly healthy: boolean;
}

export async function networkStatus(
  members: readonly Member[],
  trust: QbftTrust,
  askOf: (member: Member) => Ask,
): Promise<NetworkStatus> {
  const nodes = await Promise.all(members.map((member) => nodeStatus(member, trust, askOf(member))));
  const newest = Math.max(0, ...nodes.map(({ block }) => block ?? 0));
  const current = setAt(trust.sets, newest)?.validators ?? [];
  const answering = members.filter(({ address }, i) => current.includes(address) && nodes[i]!.block !== null).length;
  const validators = { answering, quorum: quorumOf(current.length), total: current.length };
  const sound = nodes.every(({ block, sealed }) => block === null || isHash(sealed));
  return { nodes, validators, healthy: sound && current.length > 0 && answering >= validators.quorum };
}

async function nodeStatus({ name, role }: Member, trust: QbftTrust, ask: Ask): Promise<NodeStatus> {
  try {
    const [block, peers] = await Promise.all([ask<Hex>("eth_blockNumber"), ask<Hex>("net_peerCount")]);
    const header = verifyQbftHeader(getBytes(await ask<Hex>("debug_getRawHeader", [block])), trust);
    const sealed = header.ok ? header.hash : header.code;
    return { name, role, block: Number(block), peers: Number(peers), sealed };
  } catch {
    return { name, role, block: null, peers: null, sealed: null };
  }
}

function isHash(sealed: string | null): boolean {
  return sealed?.startsWith("0x") ?? false;
}

export function statusTable({ nodes, validators, healthy }: NetworkStatus): string {
  const rows = nodes.map(({ name, role, block, peers, sealed }) =>
    [
      name.padEnd(16),
      role.padEnd(10),
      String(block ?? "no answer").padStart(10),
      String(peers ?? "").padStart(6),
      sealed ?? "",
    ].join("  "),
  );
  const head = ["node".padEnd(16), "role".padEnd(10), "block".padStart(10), "peers".padStart(6), "newest block"].join(
    "  ",
  );
  const { answering, quorum, total } = validators;
  const verdict = healthy ? "healthy" : "NOT healthy";
  return [head, ...rows, `${answering} of ${total} validators answer, ${quorum} are needed: ${verdict}`].join("\n");
}
