import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect } from "chai";
import { RpcClient, RpcRefusal } from "../../backend/src/chain/rpc-client.ts";
import { ChainUnavailable } from "../../backend/src/chain/chain-error.ts";

interface Question {
  readonly id: number;
  readonly params: readonly unknown[];
}

describe("many questions to a node in one request", () => {
  const stops: (() => unknown)[] = [];
  afterEach(() => Promise.all(stops.splice(0).map((stop) => stop())));

  /** A node that answers whole requests as it is told, and counts them. */
  async function node(
    answer: (asked: readonly Question[]) => unknown,
  ): Promise<{ url: string; requests: () => number }> {
    let requests = 0;
    const server = createServer((request, response) => {
      let body = "";
      request.on("data", (chunk: Buffer) => (body += chunk.toString()));
      request.on("end", () => {
        requests++;
        response.end(JSON.stringify(answer(JSON.parse(body) as Question[])));
      });
    }).listen(0, "127.0.0.1");
    await new Promise((resolve) => server.once("listening", resolve));
    stops.push(() => server.close());
    return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, requests: () => requests };
  }
  const doubled = ({ id, params }: Question) => ({ jsonrpc: "2.0", id, result: (params[0] as number) * 2 });
  const ask = (...urls: string[]) => new RpcClient(urls, 1).sendAll("double", [[1], [2], [3]]);
  const failure = (asked: Promise<unknown>) => asked.then(() => undefined).catch((error: unknown) => error);

  it("gives the answers in the order of the questions, whatever order the node chose", async () => {
    const { url, requests } = await node((asked) => asked.map(doubled).reverse());
    expect(await ask(url)).to.deep.equal([2, 4, 6]);
    expect(requests()).to.equal(1);
  });

  it("asks the next node when one leaves an answer out", async () => {
    const [first, second] = [
      await node((asked) => asked.slice(1).map(doubled)),
      await node((asked) => asked.map(doubled)),
    ];
    expect(await ask(first.url, second.url)).to.deep.equal([2, 4, 6]);
    expect(await failure(ask(first.url))).to.be.instanceOf(ChainUnavailable);
  });

  it("is refused when one question is, and when the node refuses the whole request", async () => {
    const refusal = { code: -32000, message: "missing trie node" };
    const one = await node(([first, ...rest]) => [
      { jsonrpc: "2.0", id: first!.id, error: refusal },
      ...rest.map(doubled),
    ]);
    const all = await node(() => ({ jsonrpc: "2.0", id: null, error: { code: -32600, message: "no batches" } }));
    expect(await failure(ask(one.url)))
      .to.be.instanceOf(RpcRefusal)
      .with.property("rpcCode", -32000);
    const [first, ...rest] = await new RpcClient([one.url], 1).sendEach("double", [[1], [2], [3]]);
    expect(first).to.be.instanceOf(RpcRefusal);
    expect(rest).to.deep.equal([4, 6]);
    expect(await failure(ask(all.url)))
      .to.be.instanceOf(RpcRefusal)
      .with.property("rpcCode", -32600);
  });
});
