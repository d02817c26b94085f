import type { Send } from "@quanlian/proof";
import { Inject, Injectable } from "@nestjs/common";
import { Config } from "../config.ts";
import { Refusal } from "../http/refusal.ts";
import { AuditLedger__factory, DepartmentRegistry__factory } from "./contracts/index.ts";
import { ChainUnavailable } from "./chain-error.ts";
import { finalBlock } from "./finality.ts";
import { Ledger } from "./ledger.ts";
import { RpcClient, RpcRefusal } from "./rpc-client.ts";

/** Questions that read public facts and cost a node little. */
const PASSED_ON = new Set([
  "eth_chainId",
  "eth_blockNumber",
  "eth_getBlockByNumber",
  "eth_getTransactionByHash",
  "eth_getTransactionReceipt",
  "debug_getRawHeader",
]);

/** Questions about the state of one contract, which is their first parameter. */
const OF_STATE = new Set(["eth_getProof", "eth_getStorageAt"]);
/** As many slots as a node is asked to prove at once. */
const MOST_SLOTS = 1_000;

/** Views whose answers never change once they are given. */
const LASTING = new Set([
  AuditLedger__factory.createInterface().getFunction("batchOf").selector,
  AuditLedger__factory.createInterface().getFunction("supersessionOf").selector,
  DepartmentRegistry__factory.createInterface().getFunction("wasAuthorised").selector,
]);

/**
 * What verifiers may ask of the chain through this service: a few reading methods, `eth_call`, logs, storage and its proofs of
 * the ledger and the registry only, and `quanlian_finalBlock`, the newest final block by this network's rule.
 */
@Injectable()
export class ChainRpc {
  constructor(
    @Inject(RpcClient) private readonly client: RpcClient,
    private readonly ledger: Ledger,
    private readonly config: Config,
  ) {}

  /** @throws Refusal RPC_METHOD_NOT_ALLOWED; ChainUnavailable, ChainRefused as the node answers */
  readonly send: Send = async (method, params) => {
    if (method === "quanlian_finalBlock") return this.#finalBlock();
    const allowed =
      PASSED_ON.has(method) ||
      this.#isViewOfOurs(method, params) ||
      this.#areLogsOfOurs(method, params) ||
      this.#isStateOfOurs(method, params);
    if (!allowed) throw new Refusal("RPC_METHOD_NOT_ALLOWED");
    return this.#isPruned(method) ? this.#askPruned(method, params) : this.client.send(method, params);
  };

  #isPruned(method: string): boolean {
    return method === "eth_call" && this.config.finality.rule === "snapshot";
  }

  /**
   * The embedded node keeps the newest state only. What the ledger once says of a batch, a key's past or a supersession it
   * says for ever, so these may be asked there when the state of an older block is gone; heads may not.
   */
  async #askPruned(method: string, params: unknown[]): Promise<unknown> {
    try {
      return await this.client.send(method, params);
    } catch (error) {
      const [call] = params as [{ readonly data: string }];
      if (!(error instanceof RpcRefusal) || !LASTING.has(call.data.slice(0, 10))) throw error;
      return this.client.send(method, [call, "latest"]);
    }
  }

  async #finalBlock(): Promise<unknown> {
    const block = await finalBlock(this.config.finality, this.ledger);
    if (!block) throw new ChainUnavailable("no block is final yet");
    const { number, hash, time } = block;
    return { number: `0x${number.toString(16)}`, hash, timestamp: `0x${time.toString(16)}` };
  }

  #isViewOfOurs(method: string, params: readonly unknown[]): boolean {
    const [call] = params;
    if (method !== "eth_call" || params.length > 2 || typeof call !== "object" || call === null) return false;
    const { to, data, ...rest } = call as Record<string, unknown>;
    return Object.keys(rest).length === 0 && typeof data === "string" && this.#isOurs(to);
  }

  #areLogsOfOurs(method: string, params: readonly unknown[]): boolean {
    const [filter] = params;
    if (method !== "eth_getLogs" || params.length !== 1 || typeof filter !== "object" || filter === null) return false;
    return "address" in filter && this.#isOurs(filter.address);
  }

  #isStateOfOurs(method: string, params: readonly unknown[]): boolean {
    const [address, slots] = params;
    if (!OF_STATE.has(method) || params.length !== 3 || !this.#isOurs(address)) return false;
    return !Array.isArray(slots) || slots.length <= MOST_SLOTS;
  }

  #isOurs(address: unknown): boolean {
    const { ledger, registry } = this.ledger.identity;
    return typeof address === "string" && [ledger, registry].some((ours) => ours === address.toLowerCase());
  }
}
