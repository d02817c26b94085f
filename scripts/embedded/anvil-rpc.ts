/** One JSON-RPC call; throws on any other answer than a result. */
export type Rpc = <Result>(method: string, params?: readonly unknown[]) => Promise<Result>;

export function rpcOver(url: string): Rpc {
  return async <Result>(method: string, params: readonly unknown[] = []): Promise<Result> => {
    const response = await fetch(url, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ jsonrpc: "2.0", id: 1, method, params }),
    });
    const answer = (await response.json()) as { result?: Result; error?: { message: string } };
    if (answer.error) throw new Error(`${method}: ${answer.error.message}`);
    return answer.result as Result;
  };
}
