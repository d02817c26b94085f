import { ChainRefused, ChainUnavailable } from "./chain-error.ts";

const TIMEOUT_MS = 15_000;

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
 * JSON-RPC over HTTP with fail-over: the node that answered last is asked first, the others in turn. A refusal is an
 * answer; silence, a timeout or an HTTP error is not.
 */
export class RpcClient {
  readonly #urls: readonly string[];
  #preferred = 0;
  #id = 0;

  constructor(urls: readonly string[]) {
    this.#urls = urls;
  }

  /** @throws ChainUnavailable when no node answered; RpcRefusal when one refused */
  async send(method: string, params: readonly unknown[]): Promise<unknown> {
    let last: ChainUnavailable | undefined;
    for (let i = 0; i < this.#urls.length; i++) {
      const index = (this.#preferred + i) % this.#urls.length;
      try {
        const result = await this.#ask(this.#urls[index]!, method, params);
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
    let last: unknown;
    for (let i = 0; i < this.#urls.length; i++) {
      const index = (this.#preferred + i) % this.#urls.length;
      try {
        const result = await work((method, params) => this.#ask(this.#urls[index]!, method, params));
        this.#preferred = index;
        return result;
      } catch (cause) {
        last = cause;
      }
    }
    this.#preferred = (this.#preferred + 1) % this.#urls.length;
    if (last instanceof ChainUnavailable) throw last;
    throw new ChainUnavailable("no node gave an answer that holds", { cause: last });
  }

  async #ask(url: string, method: string, params: readonly unknown[]): Promise<unknown> {
    const reply = await this.#post(url, JSON.stringify({ jsonrpc: "2.0", id: ++this.#id, method, params }));
    if (!isReply(reply)) throw new ChainUnavailable(`${method}: not a JSON-RPC answer`);
    if (!reply.error) return reply.result;
    const { code, message, data } = reply.error;
    if (BUSY.has(code)) throw new ChainUnavailable(`${method}: ${message}`);
    throw new RpcRefusal(code, `${method}: ${message}`, data);
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

interface Reply {
  readonly result?: unknown;
  readonly error?: { readonly code: number; readonly message: string; readonly data?: unknown };
}

function isReply(value: unknown): value is Reply {
  if (typeof value !== "object" || value === null) return false;
  if (!("error" in value) || value.error === undefined || value.error === null) return "result" in value;
  const { error } = value;
  return typeof error === "object" && "code" in error && typeof error.code === "number" && "message" in error;
}
