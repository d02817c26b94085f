import { type ChainReader, rpcChain, type Send } from "@quanlian/proof";
import { Inject, Injectable } from "@nestjs/common";
import { ChainRpc } from "../chain/chain-rpc.ts";
import { AuditLedger__factory } from "../chain/contracts/index.ts";
import { RpcClient } from "../chain/rpc-client.ts";
import { Groups } from "../groups.ts";
import { Trust } from "./trust.service.ts";

/** For how long what a node says of the present is taken for the present. */
const MOMENT_MS = 1_000;
/** Answers that are kept because they never change. */
const MOST_LASTING = 20_000;
/** Questions in one request. */
const MOST_CALLS = 500;

const BATCH_OF = AuditLedger__factory.createInterface().getFunction("batchOf").selector;

/** The newest final block at the beginning of a moment. */
interface Final {
  readonly number: number;
  readonly time: number;
}

/**
 * The service's own chain as its verifications see it: questions that many of them ask in one second are asked once,
 * what final blocks hold is asked once for all, and calls that come together go in one request.
 */
@Injectable()
export class PresentChain {
  readonly #lasting = new Map<string, unknown>();
  #reader: ChainReader | undefined;
  #until = 0;
  #final: Final = { number: -1, time: 0 };
  /** One request at a time: under load that is one for each answer of the node, not one for each verification. */
  readonly #calls = new Groups((questions: readonly unknown[][]) => this.client.sendEach("eth_call", questions), {
    items: MOST_CALLS,
    groups: 1,
  });

  constructor(
    private readonly rpc: ChainRpc,
    @Inject(RpcClient) private readonly client: RpcClient,
    private readonly trust: Trust,
  ) {}

  /** As the chain was at most a second ago. @param now milliseconds since 1970 */
  reader(now: number): ChainReader {
    return this.#reader && now < this.#until ? this.#reader : this.renewed(now);
  }

  /** As the chain is now. @param now milliseconds since 1970 */
  renewed(now: number): ChainReader {
    const reader = rpcChain(this.#send, this.trust.own);
    [this.#reader, this.#until] = [reader, now + MOMENT_MS];
    // Whoever needs the final block asks for it as well, and is told what is wrong.
    reader.finalBlock().then(
      (final) => (this.#final = final),
      () => undefined,
    );
    return reader;
  }

  readonly #send: Send = async (method, params) => {
    const question = JSON.stringify([method, params]);
    if (this.#lasting.has(question)) return this.#lasting.get(question);
    const isPresentCall = method === "eth_call" && params[1] === "latest";
    const answer = await (isPresentCall ? this.#calls.take(params) : this.rpc.send(method, params));
    if (isLasting(method, params, answer, this.#final)) this.#keep(question, answer);
    return answer;
  };

  #keep(question: string, answer: unknown): void {
    if (this.#lasting.size >= MOST_LASTING) this.#lasting.delete(this.#lasting.keys().next().value!);
    this.#lasting.set(question, answer);
  }
}

/** What blocks at or below the final one hold never changes: themselves, their transactions, the batches they took in. */
export function isLasting(method: string, params: readonly unknown[], answer: unknown, final: Final): boolean {
  switch (method) {
    case "eth_chainId":
      return true;
    case "eth_getBlockByNumber":
      return /^0x/.test(String(params[0])) && isAtMost(answer, "number", final.number);
    case "eth_getTransactionReceipt":
      return isAtMost(answer, "blockNumber", final.number);
    case "eth_call":
      return isBatchBefore(params[0] as { readonly data: string }, answer, final.time);
    default:
      return false;
  }
}

function isAtMost(answer: unknown, member: string, number: number): boolean {
  if (typeof answer !== "object" || answer === null) return false;
  const value = Number((answer as Readonly<Record<string, unknown>>)[member] ?? NaN);
  return value <= number;
}

/** `batchOf` ends with the block time; nothing of a batch is zero once it is there. */
function isBatchBefore({ data }: { readonly data: string }, answer: unknown, time: number): boolean {
  if (!data.startsWith(BATCH_OF) || typeof answer !== "string") return false;
  const anchoredAt = Number(`0x${answer.slice(-64)}`);
  return anchoredAt > 0 && anchoredAt < time;
}
