// How the line to the chain's node lies, loses and delays, each as a meddler of faulty-node.ts.
import { setTimeout as sleep } from "node:timers/promises";
import type { Random } from "../dataset/random.ts";
import { NodeError, Verbatim, type FaultyNode, type Meddler, type RpcCall } from "./faulty-node.ts";
import type { Meddling } from "./plan.ts";

/** Half of the calls suffer, so that the work goes on into ever other places. */
export function meddler(how: Meddling, node: FaultyNode, random: Random): Meddler {
  const meddle = MEDDLERS[how](node, random);
  return (call, forward) => (random.chance(0.5) ? meddle(call, forward) : forward());
}

const MEDDLERS: Record<Meddling, (node: FaultyNode, random: Random) => Meddler> = {
  "requests lost": () => () => Promise.reject(new Error("lost")),
  "answers lost": () => (_, forward) => forward().then(() => Promise.reject(new Error("lost"))),
  delayed: (_, random) => (_call, forward) => sleep(random.int(20, 800)).then(forward),
  "asked twice": () => (_, forward) => forward().then(forward),
  "answers mixed up": () => mixedUp(),
  busy: () => async () => new NodeError(-32005, "limit exceeded"),
  "old head": (node, random) => oldHead(node, random.int(1, 4)),
};

/** Each call is answered with what the call before it should have got. */
export function mixedUp(): Meddler {
  let previous: unknown = { jsonrpc: "2.0", id: 0, result: null };
  return async ({ id }, forward) => {
    const answer = previous;
    const result = await forward();
    previous = { jsonrpc: "2.0", id, result };
    return result instanceof NodeError ? result : new Verbatim(answer);
  };
}

/** A node that is `behind` by so many blocks and does not say so. */
export function oldHead(node: FaultyNode, behind: number): Meddler {
  const number = async () => Number(await node.forward("eth_blockNumber")) - behind;
  const seen: Record<string, (call: RpcCall, answer: unknown, head: number) => unknown> = {
    eth_blockNumber: (_, _answer, head) => hex(head),
    eth_getBlockByNumber: ({ params: [tag] }, answer, head) =>
      tag === "latest" ? node.forward("eth_getBlockByNumber", [hex(head), false]) : Number(tag) > head ? null : answer,
    eth_getTransactionReceipt: (_, answer, head) => upTo(head, answer as Located | null),
    eth_getLogs: (_, answer, head) => (answer as Located[]).filter((log) => upTo(head, log)),
  };
  return async (call, forward) => {
    const answer = await forward();
    const look = seen[call.method];
    return look && !(answer instanceof NodeError) ? look(call, answer, await number()) : answer;
  };
}

interface Located {
  readonly blockNumber: string;
}

function upTo<Item extends Located>(head: number, item: Item | null): Item | null {
  return item && Number(item.blockNumber) <= head ? item : null;
}

function hex(number: number): string {
  return `0x${Math.max(0, number).toString(16)}`;
}
