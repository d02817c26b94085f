import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";

export interface RpcCall {
  readonly id: number;
  readonly method: string;
  readonly params: readonly unknown[];
}

/** What a meddler does with a call: ask the real node with `forward`, and answer as it likes, or throw to break the line. */
export type Meddler = (call: RpcCall, forward: () => Promise<unknown>) => Promise<unknown>;

/** A chain node that misbehaves when told to, in front of a real one. */
export class FaultyNode {
  readonly url: string;
  /** All methods asked for, in order. */
  readonly asked: string[] = [];
  #meddler: Meddler | undefined;
  readonly #server: Server;
  /** Address of the real node. */
  real: string;

  private constructor(server: Server, real: string) {
    this.#server = server;
    this.real = real;
    this.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    server.on("request", (request, response) => {
      this.#answer(request).then(
        (answer) => response.setHeader("content-type", "application/json").end(JSON.stringify(answer)),
        () => response.destroy(),
      );
    });
  }

  static async before(real: string): Promise<FaultyNode> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return new FaultyNode(server, real);
  }

  /** Lets a meddler see every call from now on; undefined: honest again. */
  meddle(meddler: Meddler | undefined): void {
    this.#meddler = meddler;
  }

  /** Lets a meddler see every call while `work` runs. */
  async during<T>(meddler: Meddler, work: () => Promise<T>): Promise<T> {
    this.#meddler = meddler;
    try {
      return await work();
    } finally {
      this.#meddler = undefined;
    }
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  /** Several questions may come in one request (JSON-RPC 2.0 §6); each is meddled with by itself. */
  async #answer(request: IncomingMessage): Promise<unknown> {
    const asked = JSON.parse(await textOf(request)) as RpcCall | readonly RpcCall[];
    return "method" in asked ? this.#reply(asked) : Promise.all(asked.map((call) => this.#reply(call)));
  }

  async #reply({ id, method, params }: RpcCall): Promise<unknown> {
    this.asked.push(method);
    const forward = () => this.forward(method, params);
    const result = this.#meddler ? await this.#meddler({ method, params, id }, forward) : await forward();
    if (result instanceof Verbatim) return result.reply;
    return result instanceof NodeError
      ? { jsonrpc: "2.0", id, error: { code: result.code, message: result.message } }
      : { jsonrpc: "2.0", id, result };
  }

  /** Asks the real node. */
  async forward(method: string, params: readonly unknown[] = []): Promise<unknown> {
    const body = JSON.stringify({ jsonrpc: "2.0", id: 1, method, params });
    const response = await fetch(this.real, { method: "POST", headers: { "content-type": "application/json" }, body });
    const { result, error } = (await response.json()) as { result: unknown; error?: { code: number; message: string } };
    return error ? new NodeError(error.code, error.message) : result;
  }
}

/** A JSON-RPC error as an answer. */
export class NodeError extends Error {
  readonly code: number;

  constructor(code: number, message: string) {
    super(message);
    this.code = code;
  }
}

/** A whole answer, as it goes over the line. */
export class Verbatim {
  readonly reply: unknown;

  constructor(reply: unknown) {
    this.reply = reply;
  }
}

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString("utf8");
}
