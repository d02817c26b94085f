import type { Member } from "./member.ts";

/** One JSON-RPC call to a node; rejects when it does not answer in time or answers with an error. */
export type Ask = <Answer>(method: string, params?: readonly unknown[]) => Promise<Answer>;

const TIMEOUT_MS = 5_000;

/** Calls to the RPC port of a node on this machine. */
export function askNode({ rpcPort }: Pick<Member, "rpcPort">): Ask {
  return async <Answer>(method: string, params: readonly unknown[] = []): Promise<Answer> => {
    const response = await fetch(`http://127.0.0.1:${rpcPort}`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ jsonrpc: "2.0", id: 1, method, params }),
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    const answer = (await response.json()) as { result?: Answer; error?: { message: string } };
    if (answer.error) throw new Error(`${method}: ${answer.error.message}`);
    return answer.result as Answer;
  };
}
