import { type JsonRpcPayload, type JsonRpcResult, JsonRpcApiProvider, Network } from "ethers";
import type { RpcClient } from "./rpc-client.ts";

/**
 * Lets ethers' contracts speak through our RpcClient: one request a call, no caching, errors as they are. What is asked
 * of it, one node answers (`send`), or enough of them alike (`agreed`).
 */
export class RpcProvider extends JsonRpcApiProvider {
  readonly #client: RpcClient;
  readonly #asking: "send" | "agreed";

  constructor(client: RpcClient, chainId: number, asking: "send" | "agreed" = "send") {
    super(chainId, { staticNetwork: Network.from(chainId), batchMaxCount: 1, cacheTimeout: -1 });
    this.#client = client;
    this.#asking = asking;
    this._start();
  }

  override async _send(payload: JsonRpcPayload | JsonRpcPayload[]): Promise<JsonRpcResult[]> {
    const payloads = Array.isArray(payload) ? payload : [payload];
    return Promise.all(
      payloads.map(async ({ id, method, params }) => ({
        id,
        result: await this.#client[this.#asking](method, Array.isArray(params) ? params : []),
      })),
    );
  }
}
