import { type ChainReader, rpcChain, type Send, type TrustedChain } from "@quanlian/proof";

const PATIENCE_MS = 5_000;

/**
 * Asks the first node that the trust list names for a chain; undefined when it names none. What is asked of a chain together
 * is answered together, and however many documents are to be judged, nobody waits longer than for one.
 */
export function chainReaders(): (chain: TrustedChain) => ChainReader | undefined {
  const end = AbortSignal.timeout(PATIENCE_MS);
  const readers = new Map<TrustedChain, ChainReader | undefined>();
  return (chain) => {
    const [node] = chain.nodes ?? [];
    if (!readers.has(chain)) readers.set(chain, node === undefined ? undefined : rpcChain(sendTo(node, end), chain));
    return readers.get(chain);
  };
}

function sendTo(node: string, signal: AbortSignal): Send {
  return async (method, params) => {
    const response = await fetch(node, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ jsonrpc: "2.0", id: 1, method, params }),
      signal,
    });
    const { result, error } = (await response.json()) as { result?: unknown; error?: { message: string } };
    if (error) throw new Error(error.message);
    return result;
  };
}
