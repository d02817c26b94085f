import { expect } from "chai";
import { AnchoringLoop } from "../../backend/src/anchoring/anchoring-loop.ts";
import { FaultyNode, type Meddler } from "../../scripts/faults/faulty-node.ts";
import { oldHead } from "../../scripts/faults/meddlers.ts";
import { CITY, startWorld, type World } from "./harness.ts";
import { penalty } from "./records.ts";

describe("several nodes: what is final is what more than half of them show", () => {
  let world: World;
  let nodes: FaultyNode[];
  let number = 0;
  before(async () => {
    world = await startWorld({ BATCH_AGE_MS: "0" }, false);
    nodes = await Promise.all([1, 2, 3].map(() => FaultyNode.before(world.chain.url)));
  });
  beforeEach(() => world.restart({ CHAIN_RPC_URLS: nodes.map(({ url }) => url).join(",") }));
  afterEach(async () => {
    for (const node of nodes) node.meddle(undefined);
    await world.reset();
  });
  after(async () => {
    await Promise.all(nodes.map((node) => node.stop()));
    await world.stop();
  });

  const take = async () => {
    const { status } = await world.post("/api/v1/records", penalty(`京市监罚〔2026〕${++number}号`));
    expect(status).to.equal(202);
  };
  /** The i-th of several rounds, each a minute after the one before. */
  const round = async (i: number) => {
    await world.app
      .get(AnchoringLoop)
      .round(performance.now() + i * 60_000)
      .catch(() => undefined);
  };
  const rounds = async (count: number) => {
    for (let i = 0; i < count; i++) await round(i);
  };
  const states = async () =>
    (await world.sql<{ status: string }>(`select status from batch`)).map(({ status }) => status);
  /** As many rounds as it takes the node to make its blocks, but no more than fifty. */
  const becomeFinal = async (batches: number) => {
    const areFinal = async () => (await states()).filter((state) => state === "final").length === batches;
    for (let i = 0; i < 50 && !(await areFinal()); i++) await round(i);
    expect(await states()).to.deep.equal(Array.from({ length: batches }, () => "final"));
  };
  const findings = () => world.sql<{ code: string }>(`select code from finding`);
  const meddle = (meddler: Meddler, ...which: number[]) => which.forEach((i) => nodes[i]!.meddle(meddler));

  const silent: Meddler = () => Promise.reject(new Error("silent"));
  /** Takes every transaction and keeps it for itself. */
  const swallowing: Meddler = async ({ method }, forward) =>
    method === "eth_sendRawTransaction" ? `0x${"77".repeat(32)}` : forward();
  /** Shows other blocks than there are. */
  const forking: Meddler = async ({ method }, forward) => {
    const answer = (await forward()) as { hash?: string; blockHash?: string } | null;
    const hash = `0x${"66".repeat(32)}`;
    return method === "eth_getBlockByNumber" && answer ? { ...answer, hash } : answer;
  };
  for (const which of [0, 1, 2])
    for (const [what, meddler] of [
      ["is silent", silent],
      ["swallows transactions", swallowing],
      ["shows another chain", forking],
    ] as const)
      it(`goes on while node ${which + 1} ${what}`, async () => {
        meddle(meddler, which);
        await take();
        await becomeFinal(1);
        expect(await findings()).to.deep.equal([]);
      });

  it("goes on while one node serves an old head, and asks another one first", async () => {
    await take();
    await becomeFinal(1);
    meddle(oldHead(nodes[0]!, 3), 0);
    await take();
    await becomeFinal(2);
    expect(await findings()).to.deep.equal([]);
  });

  for (const [what, meddler] of [
    ["are silent", silent],
    ["show different chains", forking],
  ] as const)
    it(`calls nothing final while two of three ${what}, and goes on afterwards`, async () => {
      meddle(meddler, 0);
      meddle(async (call, forward) => {
        const answer = await meddler(call, forward);
        return answer && typeof answer === "object" && "hash" in answer
          ? { ...answer, hash: `0x${"67".repeat(32)}` }
          : answer;
      }, 1);
      await take();
      await rounds(3);
      expect(await states()).not.to.include("final");
      for (const node of nodes) node.meddle(undefined);
      await becomeFinal(1);
      expect(await findings()).to.deep.equal([]);
    });

  it("takes one node's word for no event that the others do not show", async () => {
    await take();
    const genuine: unknown[] = [];
    const hiding: Meddler = async ({ method }, forward) => {
      const answer = await forward();
      if (method !== "eth_getLogs") return answer;
      genuine.push(...(answer as unknown[]));
      return [];
    };
    meddle(hiding, 1, 2);
    await rounds(3);
    expect(genuine).not.to.deep.equal([]);
    expect(await states()).to.deep.equal(["submitted"]);
    expect(await findings()).to.deep.equal([]);
  });

  it("misses no event that one node hides", async () => {
    await take();
    meddle(async ({ method }, forward) => (method === "eth_getLogs" ? [] : forward()), 0);
    await becomeFinal(1);
  });

  it("stops no department because one node shows a root that is not ours", async () => {
    await take();
    await becomeFinal(1);
    meddle(async ({ method }, forward) => {
      const answer = await forward();
      return method === "eth_call" && typeof answer === "string" && answer.length > 200
        ? answer.replace(/^0x.{64}/, `0x${"55".repeat(32)}`)
        : answer;
    }, 0);
    await world.sql(`update batch set status = 'sealed'`);
    await rounds(3);
    const [row] = await world.sql<{ stopped: string | null }>(
      `select stopped_because as stopped from department where uscc = $1`,
      [CITY],
    );
    expect(row!.stopped).to.equal(null);
  });
});
