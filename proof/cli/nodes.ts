import { rpcChain, type ChainReader, type Send, type TrustedChain } from "@quanlian/proof";
import { UsageError } from "./usage.ts";

const TIMEOUT = 15_000;

/** Which nodes to ask about a chain: those named on the command line, else those on the trust list. */
function nodesNamed(rpc: readonly string[]): (chain: TrustedChain) => readonly string[] {
  const named = rpc.map(parseNode);
  return (chain) => {
    const chosen = named
      .filter(({ chainId }) => chainId === undefined || chainId === chain.chainId)
      .map(({ url }) => url);
    return chosen.length > 0 ? chosen : (chain.nodes ?? []);
  };
}

/** Each of these nodes by itself. */
export function senders(rpc: readonly string[]): (chain: TrustedChain) => readonly Send[] {
  const nodesOf = nodesNamed(rpc);
  return (chain) => nodesOf(chain).map((url) => sendToAny([url]));
}

/** These nodes as one, in turn until one answers. */
export function nodeChooser(rpc: readonly string[]): (chain: TrustedChain) => ChainReader | undefined {
  const nodesOf = nodesNamed(rpc);
  const readers = new Map<TrustedChain, ChainReader>();
  return (chain) => {
    const urls = nodesOf(chain);
    if (urls.length === 0) return undefined;
    const reader = readers.get(chain) ?? rpcChain(sendToAny(urls), chain);
    readers.set(chain, reader);
    return reader;
  };
}

function parseNode(text: string): { chainId: number | undefined; url: string } {
  const [, chainId, url] = /^(?:(\d+)=)?(https?:\/\/.+)$/.exec(text) ?? [];
  if (url === undefined || !URL.canParse(url)) throw new UsageError(`--rpc ${text} is not an http address`);
  return { chainId: chainId === undefined ? undefined : Number(chainId), url };
}

/** Goes on to the next node when one cannot be reached; an error that a node answers is its answer. */
function sendToAny(urls: readonly string[]): Send {
  let id = 0;
  return async (method, params) => {
    const failures: string[] = [];
    for (const url of urls) {
      const body = JSON.stringify({ jsonrpc: "2.0", id: ++id, method, params });
      const answer = await post(url, body).catch((error: unknown) => {
        failures.push(`${url}: ${(error as Error).message}`);
      });
      if (answer) return resultOf(answer);
    }
    throw new Error(failures.join("; "));
  };
}

async function post(url: string, body: string): Promise<object> {
  const headers = { "content-type": "application/json" };
  const response = await fetch(url, { method: "POST", headers, body, signal: AbortSignal.timeout(TIMEOUT) });
  const answer: unknown = await response.json().catch(() => null);
  if (typeof answer !== "object" || answer === null) throw new Error(`HTTP ${response.status} without JSON`);
  return answer;
}

function resultOf(answer: object): unknown {
  if ("result" in answer) return answer.result;
  const { error } = answer as { error?: { message?: unknown } };
  throw new Error(typeof error?.message === "string" ? error.message : "the node answered neither result nor error");
}
