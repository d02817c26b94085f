import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { gunzipSync } from "node:zlib";
import { encodeRlp, getBytes, hexlify, toBeArray, toBeHex, toQuantity } from "ethers";
import type { Hex } from "../../proof/src/bytes.ts";
import type { QbftTrust } from "../../proof/src/finality/validators.ts";
import { rawHeader } from "../finality/besu.ts";
import { addresses, sealBlock, type Block, type Validator } from "../finality/sealed-chain.ts";
import { stateOf } from "../finality/state.ts";
import { NodeError } from "../../scripts/faults/faulty-node.ts";

interface BlockAnswer {
  number: Hex;
  hash: Hex;
  parentHash: Hex;
  receiptsRoot: Hex;
  timestamp: Hex;
}

interface ReceiptAnswer {
  type: Hex;
  status: Hex;
  cumulativeGasUsed: Hex;
  logsBloom: Hex;
  logs: { address: Hex; topics: Hex[]; data: Hex }[];
}

interface Call {
  readonly id: number;
  readonly method: string;
  readonly params: readonly unknown[];
}

/**
 * A real EVM node whose blocks four institutions seal: states, receipts and proofs are the node's own, the headers around
 * them are QBFT's. It answers as Besu does, `debug_getRawHeader` and `debug_getRawReceipts` included.
 */
export class SealedNode {
  readonly url: string;
  readonly #real: string;
  readonly #validators: readonly Validator[];
  readonly #server: Server;
  readonly #blocks = new Map<number, Promise<Block>>();
  readonly #states = new Map<number, Promise<ReturnType<typeof stateOf>>>();

  private constructor(server: Server, real: string, validators: readonly Validator[]) {
    this.#server = server;
    this.#real = real;
    this.#validators = validators;
    this.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    server.on("request", (request, response) => {
      request
        .setEncoding("utf8")
        .toArray()
        .then(
          async (chunks) => {
            const call = JSON.parse((chunks as string[]).join("")) as Call;
            const result = await this.#answer(call);
            const answer =
              result instanceof NodeError ? { error: { code: result.code, message: result.message } } : { result };
            response
              .setHeader("content-type", "application/json")
              .end(JSON.stringify({ jsonrpc: "2.0", id: call.id, ...answer }));
          },
          () => response.destroy(),
        );
    });
  }

  static async before(real: string, validators: readonly Validator[]): Promise<SealedNode> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return new SealedNode(server, real, validators);
  }

  async trust(): Promise<QbftTrust> {
    const sets = [{ from: 1, until: null, validators: addresses(this.#validators) }];
    return { epochLength: 30_000, sets, pins: [{ number: 0, hash: (await this.block(0)).hash }] };
  }

  /** The block as it is sealed. */
  block(number: number): Promise<Block> {
    const known = this.#blocks.get(number) ?? this.#seal(number);
    this.#blocks.set(number, known);
    return known;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #seal(number: number): Promise<Block> {
    const answer = (await this.#ask("eth_getBlockByNumber", [toQuantity(number), false])) as BlockAnswer;
    if (number === 0) return { raw: rawHeader(answer), hash: answer.hash };
    const { parentHash, receiptsRoot, timestamp } = answer;
    const { root: stateRoot } = await this.#state(number);
    const members = this.#validators;
    return sealBlock({ number, members, parentHash, stateRoot, receiptsRoot, timestamp: Number(timestamp) });
  }

  /** The contracts' storage at a block as tries without zeros, which the node's own tries keep. */
  #state(number: number): Promise<ReturnType<typeof stateOf>> {
    const known = this.#states.get(number) ?? this.#buildState(number);
    this.#states.set(number, known);
    return known;
  }

  async #buildState(number: number): Promise<ReturnType<typeof stateOf>> {
    const dump = gunzipSync(getBytes((await this.#ask("anvil_dumpState", [])) as string)).toString("utf8");
    const { accounts } = JSON.parse(dump) as { accounts: Record<Hex, { storage: Record<Hex, Hex> }> };
    const slots = Object.entries(accounts).flatMap(([address, { storage }]) =>
      Object.keys(storage).map((key) => [address.toLowerCase() as Hex, toBeHex(key, 32) as Hex] as const),
    );
    const words = await this.#askAll(
      "eth_getStorageAt",
      slots.map((place) => [...place, toQuantity(number)]),
    );
    const contracts: Record<Hex, Record<Hex, Uint8Array>> = {};
    for (const [i, [address, slot]] of slots.entries()) {
      const of = (contracts[address] ??= {});
      if (BigInt(words[i] as Hex) !== 0n) of[slot] = getBytes(encodeRlp(toBeArray(words[i] as Hex)));
    }
    return stateOf(contracts);
  }

  /** Many questions in one request. */
  async #askAll(method: string, questions: readonly (readonly unknown[])[]): Promise<unknown[]> {
    const body = JSON.stringify(questions.map((params, id) => ({ jsonrpc: "2.0", id, method, params })));
    const response = await fetch(this.#real, { method: "POST", headers: { "content-type": "application/json" }, body });
    const answers = (await response.json()) as { id: number; result: unknown }[];
    return answers.sort((one, other) => one.id - other.id).map(({ result }) => result);
  }

  async #answer({ method, params }: Call): Promise<unknown> {
    if (method === "eth_getProof") {
      const [address, slots, at] = params as [Hex, Hex[], unknown];
      return (await this.#state(await this.#numberOf(at))).answer(address, slots);
    }
    if (method === "debug_getRawHeader") return hexlify((await this.block(await this.#numberOf(params[0]))).raw);
    if (method === "debug_getRawReceipts") return this.#rawReceipts(await this.#numberOf(params[0]));
    return this.#sealed(await this.#ask(method, params));
  }

  async #numberOf(at: unknown): Promise<number> {
    return Number(at === "latest" ? await this.#ask("eth_blockNumber", []) : at);
  }

  async #rawReceipts(number: number): Promise<string[]> {
    const receipts = (await this.#ask("eth_getBlockReceipts", [toQuantity(number)])) as ReceiptAnswer[];
    return receipts.map(({ type, status, cumulativeGasUsed, logsBloom, logs }) => {
      const fields = logs.map(({ address, topics, data }) => [address, topics, data]);
      const body = encodeRlp([toBeArray(status), toBeArray(cumulativeGasUsed), getBytes(logsBloom), fields] as never);
      return type === "0x0" ? body : encodeRlp(`0x0${Number(type)}${body.slice(2)}`);
    });
  }

  /** The answer with the hashes of the sealed blocks instead of the node's own. */
  async #sealed(answer: unknown): Promise<unknown> {
    if (Array.isArray(answer)) return Promise.all(answer.map((part) => this.#sealed(part)));
    if (typeof answer !== "object" || answer === null || answer instanceof NodeError) return answer;
    const members = answer as Record<string, unknown>;
    const parts = await Promise.all(
      Object.entries(members).map(async ([name, part]) => [name, await this.#sealed(part)]),
    );
    const copy = Object.fromEntries(parts) as Record<string, unknown>;
    if (typeof copy.blockNumber === "string" && "blockHash" in copy)
      copy.blockHash = (await this.block(Number(copy.blockNumber))).hash;
    if ("parentHash" in copy && typeof copy.number === "string")
      copy.hash = (await this.block(Number(copy.number))).hash;
    return copy;
  }

  async #ask(method: string, params: readonly unknown[]): Promise<unknown> {
    const body = JSON.stringify({ jsonrpc: "2.0", id: 1, method, params });
    const response = await fetch(this.#real, { method: "POST", headers: { "content-type": "application/json" }, body });
    const { result, error } = (await response.json()) as { result: unknown; error?: { code: number; message: string } };
    return error ? new NodeError(error.code, error.message) : result;
  }
}
