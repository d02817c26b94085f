import { setTimeout as pause } from "node:timers/promises";
import { ChainRefused, ChainUnavailable } from "./chain-error.ts";

const TIMEOUT_MS = 15_000;
/** How long nodes that are slower than enough others are waited for, in milliseconds. */
const STRAGGLER_MS = 500;

type Json = Readonly<Record<string, unknown>>;

/** JSON-RPC error objects that mean "later", whatever their wording: limit exceeded, resource unavailable. */
const BUSY = new Set([-32005, -32002]);

/** The answer of a node that understood the question and refused it. */
export class RpcRefusal extends ChainRefused {
  readonly rpcCode: number;
  readonly data: unknown;

  constructor(code: number, message: string, data: unknown) {
    super(message);
    this.rpcCode = code;
    this.data = data;
  }
}

/**
 * JSON-RPC over HTTP to one or several nodes. What only speeds things up or harms nobody when it is wrong is asked of one:
 * of the one that answered last, and in its silence of the others in turn. A refusal is an answer; silence, a timeout or
 * an HTTP error is not. What must be true is asked of all, and believed when enough of them say the same.
 */
export class RpcClient {
  readonly #urls: readonly string[];
  readonly #agreement: number;
  #preferred = 0;
  #id = 0;

  /** @param agreement how many nodes must say the same */
  constructor(urls: readonly string[], agreement: number) {
    this.#urls = urls;
    this.#agreement = agreement;
  }

  /** @throws ChainUnavailable when no node answered; RpcRefusal when one refused */
  send(method: string, params: readonly unknown[]): Promise<unknown> {
    return this.#ofOne((url) => this.#ask(url, method, params));
  }

  /**
   * The answers to many questions of one kind, in their order, in one request (JSON-RPC 2.0 §6) to one node; nodes
   * limit how many (Besu: 1,024).
   * @throws as `send`; RpcRefusal when any of them is refused
   */
  async sendAll(method: string, questions: readonly (readonly unknown[])[]): Promise<unknown[]> {
    const answers = await this.sendEach(method, questions);
    const refusal = answers.find((answer) => answer instanceof RpcRefusal);
    if (refusal) throw refusal;
    return answers;
  }

  /** The same, for questions that have nothing to do with each other: a refusal stands in its place. @throws ChainUnavailable */
  sendEach(method: string, questions: readonly (readonly unknown[])[]): Promise<unknown[]> {
    return this.#ofOne((url) => this.#askEach(url, method, questions));
  }

  async #ofOne<T>(ask: (url: string) => Promise<T>): Promise<T> {
    let last: ChainUnavailable | undefined;
    for (let i = 0; i < this.#urls.length; i++) {
      const index = (this.#preferred + i) % this.#urls.length;
      try {
        const result = await ask(this.#urls[index]!);
        this.#preferred = index;
        return result;
      } catch (error) {
        if (!(error instanceof ChainUnavailable)) throw error;
        last = error;
      }
    }
    throw last ?? new ChainUnavailable("no chain node is configured");
  }

  /**
   * Lets one node after the other do a whole piece of work whose outcome is checked, until one of them gets it right.
   * @throws ChainUnavailable when none did; another node is then asked first
   */
  async inTurn<T>(
    work: (ask: (method: string, params: readonly unknown[]) => Promise<unknown>) => Promise<T>,
  ): Promise<T> {
    const first = this.#preferred; // others move it meanwhile
    let last: unknown;
    for (let i = 0; i < this.#urls.length; i++) {
      const index = (first + i) % this.#urls.length;
      try {
        const result = await work((method, params) => this.#ask(this.#urls[index]!, method, params));
        this.#preferred = index;
        return result;
      } catch (cause) {
        last = cause;
      }
    }
    this.#preferred = (first + 1) % this.#urls.length;
    if (last instanceof ChainUnavailable) throw last;
    throw new ChainUnavailable("no node gave an answer that holds", { cause: last });
  }

  /** Tells every node, and has the answer of the first that takes it. @throws as `send`, when none does */
  broadcast(method: string, params: readonly unknown[]): Promise<unknown> {
    const told = this.#urls.map((url) => this.#ask(url, method, params));
    return Promise.any(told).catch((error: unknown) => {
      const { errors } = error as { readonly errors: readonly Error[] };
      throw errors.find((one) => one instanceof RpcRefusal) ?? errors[0]!;
    });
  }

  /**
   * What enough nodes say alike.
   * @throws ChainUnavailable when they do not agree; RpcRefusal when enough of them refuse
   */
  async agreed(method: string, params: readonly unknown[]): Promise<unknown> {
    const votes = new Map<string, number>();
    const asked = this.#urls.map(async (url) => {
      const said = await this.#ask(url, method, params).catch(refusalOf);
      const vote = JSON.stringify(essenceOf(method, said));
      votes.set(vote, (votes.get(vote) ?? 0) + 1);
      if (votes.get(vote)! < this.#agreement) throw new ChainUnavailable(`${method}: the nodes do not agree`);
      return said;
    });
    const said = await Promise.any(asked).catch((error: unknown) => {
      throw (error as { readonly errors: readonly Error[] }).errors[0]!;
    });
    if (said instanceof RpcRefusal) throw said;
    return said;
  }

  /**
   * The highest number that enough nodes have reached, of the block that each names by a tag; undefined when it names none.
   * A node that is behind is not asked first any more.
   * @throws ChainUnavailable when too few nodes answer
   */
  async reached(tag: "latest" | "finalized"): Promise<number | undefined> {
    const numbers = await this.#ofEach("eth_getBlockByNumber", [tag, false]);
    const heights = numbers.map((answer) => (answer ? Number((answer as Json)["number"]) : -1));
    const reached = heights.toSorted((a, b) => b - a)[this.#agreement - 1]!;
    if (heights[this.#preferred]! < reached) this.#preferred = heights.indexOf(Math.max(...heights));
    return reached < 0 ? undefined : reached;
  }

  /** The answer of each node, in their order; undefined of those that stay silent while enough others have answered. */
  async #ofEach(method: string, params: readonly unknown[]): Promise<unknown[]> {
    const answers = new Array<unknown>(this.#urls.length);
    let answered = 0;
    const enough = Promise.withResolvers<undefined>();
    const asked = this.#urls.map(async (url, i) => {
      answers[i] = await this.#ask(url, method, params);
      if (++answered === this.#agreement) enough.resolve(undefined);
    });
    const all = Promise.allSettled(asked);
    await Promise.race([all, enough.promise.then(() => pause(STRAGGLER_MS, undefined, { ref: false }))]);
    if (answered >= this.#agreement) return answers;
    throw new ChainUnavailable(`${method}: ${answered} of ${this.#urls.length} nodes answer, ${this.#agreement} must`);
  }

  async #ask(url: string, method: string, params: readonly unknown[]): Promise<unknown> {
    const id = ++this.#id;
    return resultOf(await this.#post(url, JSON.stringify({ jsonrpc: "2.0", id, method, params })), id, method);
  }

  /** A single question goes as it is: anvil refuses a list of one. */
  async #askEach(url: string, method: string, questions: readonly (readonly unknown[])[]): Promise<unknown[]> {
    if (questions.length === 1) return [await this.#ask(url, method, questions[0]!).catch(refusalOf)];
    const first = this.#id + 1;
    this.#id += questions.length;
    const body = questions.map((params, i) => ({ jsonrpc: "2.0", id: first + i, method, params }));
    const replies = await this.#post(url, JSON.stringify(body));
    if (!Array.isArray(replies)) throw refusalOfAll(replies, method);
    const byId = new Map(replies.filter(isReply).map((reply) => [reply.id, reply]));
    return questions.map((_, i) => {
      try {
        return resultOf(byId.get(first + i), first + i, method);
      } catch (error) {
        return refusalOf(error);
      }
    });
  }

  async #post(url: string, body: string): Promise<unknown> {
    try {
      const response = await fetch(url, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body,
        signal: AbortSignal.timeout(TIMEOUT_MS),
      });
      return await response.json();
    } catch (cause) {
      throw new ChainUnavailable("no answer from the chain node", { cause });
    }
  }
}

/** @throws ChainUnavailable when it is not the answer to this question; RpcRefusal */
function resultOf(reply: unknown, id: number, method: string): unknown {
  if (!isReply(reply)) throw new ChainUnavailable(`${method}: not a JSON-RPC answer`);
  if (reply.id !== id && !(reply.error && reply.id === null))
    throw new ChainUnavailable(`${method}: the answer to another question`);
  if (!reply.error) return reply.result;
  const { code, message, data } = reply.error;
  if (BUSY.has(code)) throw new ChainUnavailable(`${method}: ${message}`);
  throw new RpcRefusal(code, `${method}: ${message}`, data);
}

/** One error in place of many answers. */
function refusalOfAll(reply: unknown, method: string): ChainUnavailable | RpcRefusal {
  if (!isReply(reply) || !reply.error) return new ChainUnavailable(`${method}: not as many answers as questions`);
  return new RpcRefusal(reply.error.code, `${method}: ${reply.error.message}`, reply.error.data);
}

/** A refusal is an answer too. */
function refusalOf(error: unknown): RpcRefusal {
  if (error instanceof RpcRefusal) return error;
  throw error;
}

/** What an answer comes to, for telling whether two nodes say the same: clients differ in what else they put in. */
function essenceOf(method: string, said: unknown): unknown {
  if (said instanceof RpcRefusal) return ["refused", said.rpcCode];
  if (said === null) return null;
  if (method === "eth_getBlockByNumber") return pick(said as Json, "number", "hash", "timestamp");
  if (method !== "eth_getLogs") return said;
  return (said as Json[]).map((log) =>
    pick(log, "blockHash", "transactionHash", "transactionIndex", "logIndex", "address", "topics", "data"),
  );
}

function pick(from: Json, ...names: readonly string[]): unknown[] {
  return names.map((name) => from[name]);
}

interface Reply {
  readonly id?: unknown;
  readonly result?: unknown;
  readonly error?: { readonly code: number; readonly message: string; readonly data?: unknown };
}

function isReply(value: unknown): value is Reply {
  if (typeof value !== "object" || value === null) return false;
  if (!("error" in value) || value.error === undefined || value.error === null) return "result" in value;
  const { error } = value;
  return typeof error === "object" && "code" in error && typeof error.code === "number" && "message" in error;
}
