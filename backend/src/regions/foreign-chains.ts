import { type ChainReader, rpcChain, type Send, type TrustedChain } from "@quanlian/proof";

const PATIENCE_MS = 5_000;

/** Asks the first node that the trust list names for a chain; undefined when it names none. */
export function readerOf(chain: TrustedChain): ChainReader | undefined {
  const [node] = chain.nodes ?? [];
  return node === undefined ? undefined : rpcChain(sendTo(node), chain);
}

function sendTo(node: string): Send {
  return async (method, params) => {
    const response = await fetch(node, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ jsonrpc: "2.0", id: 1, method, params }),
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
    const { result, error } = (await response.json()) as { result?: unknown; error?: { message: string } };
    if (error) throw new Error(error.message);
    return result;
  };
}
