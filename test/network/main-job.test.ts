import { setTimeout as sleep } from "node:timers/promises";
import { type Certificate, type Hex, type Receipt, readTrustList, verify } from "@quanlian/proof";
import { expect } from "chai";
import { computeAddress, hexlify, Wallet } from "ethers";
import type { CertificateAnswer } from "../../backend/src/certificates/certificates.schemas.ts";
import type { RecordAnswer, RecordReference } from "../../backend/src/records/records.schemas.ts";
import type { RunningChain } from "../../scripts/embedded/anvil.ts";
import { FaultyNode, type Meddler } from "../../scripts/faults/faulty-node.ts";
import { institutions, sealBlock } from "../finality/sealed-chain.ts";
import { eventually, OTHER_ENTERPRISE, startWorld, type World } from "../service/harness.ts";
import { penalty } from "../service/records.ts";
import { BesuNetwork, skipWithoutBesu } from "./besu-network.ts";

const MINUTE = 60_000;
/** Rounds without a quorum wait twice as long each: what had to wait for validators may take minutes. */
const PATIENCE = 8 * MINUTE;

/** The service as it would run: several nodes, one of them a liar when told to, and blocks that count by their seals. */
describe("The main job on four Besu validators", function () {
  this.timeout(15 * MINUTE);
  const [relayer, deployer, registrar] = [newKey(), newKey(), newKey()];
  const numbers = (function* () {
    for (let n = 1; ; n++) yield `京市监罚〔2026〕${n}号`;
  })();
  let network: BesuNetwork;
  let liar: FaultyNode;
  let world: World;
  const stops: (() => Promise<void>)[] = [];

  before(async function () {
    skipWithoutBesu(this);
    const accounts = [relayer, deployer, registrar].map((key) => computeAddress(key)).join();
    network = await BesuNetwork.start("--port-offset", "22000", "--accounts", accounts);
    stops.unshift(() => network.stop());
    liar = await FaultyNode.before(network.urls[0]!);
    stops.unshift(() => liar.stop());
    const settings = {
      CHAIN_RPC_URLS: [liar.url, ...network.urls.slice(1)].join(),
      VALIDATORS_FILE: network.trustFile,
      RELAYER_KEY: relayer,
      STALL_SECONDS: "5",
    };
    world = await startWorld(settings, true, () => asRunning(network), { deployer, registrar });
    stops.unshift(() => world.stop());
  });
  after(async () => {
    for (const stop of stops) await stop();
  });

  const take = async () => {
    const taken = await world.post<RecordReference>("/api/v1/records", penalty(numbers.next().value));
    expect(taken.status, JSON.stringify(taken.body)).to.equal(202);
    return taken.body.id;
  };
  const stateOf = async (id: string) => (await world.get<RecordAnswer>(`/api/v1/records/${id}`)).body.status;
  const final = async (...ids: readonly string[]) => {
    for (const id of ids)
      await eventually(
        () => stateOf(id),
        (status) => status === "final",
        PATIENCE,
      );
  };
  const receiptOf = async (id: string) => (await world.get<Receipt>(`/api/v1/records/${id}/receipt`)).body;
  const ready = async () => (await world.get<{ ready: boolean; checks: object }>("/health/ready")).body;
  const becomesReady = (expected: boolean) =>
    eventually(
      async () => (await ready()).ready,
      (is) => is === expected,
      PATIENCE,
    );

  /** What somebody says of a paper who has the trust list of this moment and nothing else. */
  const offline = async (document: unknown) => {
    const read = readTrustList(JSON.stringify((await world.get("/api/v1/trust")).body));
    if (!read.ok) throw new Error(read.problem);
    const now = Math.floor(Date.now() / 1000);
    const { verdict, steps } = await verify(JSON.stringify(document), { trust: read.trustList, now });
    return { verdict, problems: steps.filter(({ outcome }) => outcome !== "passed") };
  };
  const VALID = { verdict: "valid", problems: [] };

  /** As many batches on the ledger as the service has sealed, each under its own number, and no alarm. */
  const exactlyOnce = async () => {
    const [row] = await world.sql<{ batches: number; last: number; records: number; open: number }>(
      `select count(*)::int as batches, max(sequence)::int as last, sum(count)::int as records,
         (count(*) filter (where status <> 'final'))::int as open from batch`,
    );
    const [taken] = await world.sql<{ records: number }>("select count(*)::int as records from record");
    expect(row).to.deep.equal({ batches: row!.last, last: row!.last, records: taken!.records, open: 0 });
    expect(await world.sql("select code from finding")).to.deep.equal([]);
  };

  it("a record becomes final, and its receipt proves itself without a node", async () => {
    const id = await take();
    await final(id);
    const receipt = await receiptOf(id);
    expect(receipt.finality).to.include({ kind: "qbft" });
    expect(await offline(receipt)).to.deep.equal(VALID);
    const later = { ...receipt, anchor: { ...receipt.anchor, blockTime: receipt.anchor.blockTime + 1 } };
    expect((await offline(later)).verdict).to.equal("invalid");
  });

  it("so does a certificate that nothing is on record", async () => {
    const period = { from: "2026-01-01" };
    const order = { purpose: "clean-record", subject: { type: "uscc", id: OTHER_ENTERPRISE }, period };
    const { body } = await world.post<CertificateAnswer>("/api/v1/certificates", order);
    const job = () => world.get<CertificateAnswer>(`/api/v1/certificates/${body.id}`);
    const { body: done } = await eventually(job, (one) => !["waiting", "running"].includes(one.body.status), PATIENCE);
    expect(done.status, JSON.stringify(done.refusal)).to.equal("done");
    const certificate = (await world.get<Certificate>(`/api/v1/certificates/${body.id}/document`)).body;
    expect(await offline(certificate)).to.deep.equal(VALID);
  });

  it("a node that shows a chain of its own making deceives nobody", async () => {
    const strangers = institutions("nobody knows", 4);
    const foreignHeaders: Meddler = async ({ method, params }, forward) => {
      if (method !== "debug_getRawHeader") return forward();
      const number = params[0] === "latest" ? Number(await liar.forward("eth_blockNumber")) : Number(params[0]);
      return hexlify(sealBlock({ number, members: strangers }).raw);
    };
    await liar.during(foreignHeaders, async () => {
      const id = await take();
      await final(id);
      expect(await offline(await receiptOf(id))).to.deep.equal(VALID);
    });
    await exactlyOnce();
  });

  it("anchoring goes on without one validator", async () => {
    network.kill(3);
    const id = await take();
    await final(id);
    expect(await offline(await receiptOf(id))).to.deep.equal(VALID);
  });

  it("without two it halts, health says so, records are still taken, and each is anchored once when they are back", async () => {
    network.kill(2);
    await sleep(2_000);
    const halted = await network.height();
    const waiting = [await take(), await take()];
    await becomesReady(false);
    expect((await ready()).checks).to.have.nested.property("anchoring.ok", false);
    waiting.push(await take());
    expect(await network.height()).to.equal(halted);
    for (const id of waiting) expect(await stateOf(id)).to.not.equal("final");
    await network.run("up");
    await final(...waiting);
    await becomesReady(true);
    await exactlyOnce();
  });

  it("when told to fail closed, it takes nothing while anchoring is stalled", async () => {
    await world.restart({ STALLED: "refuse" });
    network.kill(2, 3);
    const waiting = await take();
    await becomesReady(false);
    const refused = await world.post<{ code: string }>("/api/v1/records", penalty(numbers.next().value));
    expect([refused.status, refused.body.code]).to.deep.equal([503, "ANCHORING_STALLED"]);
    await network.run("up");
    await final(waiting);
    await becomesReady(true);
    await final(await take());
  });

  it("all validators and the other node die at once, and nothing is lost or anchored twice", async () => {
    const known = await take();
    await final(known);
    const receipt = await receiptOf(known);
    const onTheWay = await take();
    network.kill(...network.members.keys());
    await becomesReady(false);
    await network.run("up");
    await final(onTheWay);
    expect(await receiptOf(known)).to.deep.equal(receipt);
    await exactlyOnce();
  });

  it("a validator is voted in and out: the running service follows, and papers of all three times hold", async () => {
    const papers = [await receiptOf(await anchored())];
    await network.run("add-validator", "--node", "rpc-1");
    papers.push(await receiptOf(await anchored()));
    await network.run("remove-validator", "--node", "rpc-1");
    papers.push(await receiptOf(await anchored()));
    for (const paper of papers) expect(await offline(paper)).to.deep.equal(VALID);
    const blocks = papers.map(({ anchor }) => anchor.blockNumber);
    const sets = (
      await world.get<{ chains: [{ qbft: { sets: { from: number; until: number | null }[] } }] }>("/api/v1/trust")
    ).body.chains[0].qbft.sets;
    const setOf = (block: number) => sets.findIndex(({ from, until }) => from <= block && block <= (until ?? Infinity));
    expect(blocks.map(setOf)).to.deep.equal([0, 1, 2]);
    const renewed = (await world.post<Receipt>("/api/v1/papers/renewal", papers[0])).body;
    expect({ ...renewed, finality: papers[0]!.finality }).to.deep.equal(papers[0]);
    expect(renewed.finality).to.not.deep.equal(papers[0]!.finality);
    expect(await offline(renewed)).to.deep.equal(VALID);
    await exactlyOnce();
  });

  const anchored = async (): Promise<string> => {
    const id = await take();
    await final(id);
    return id;
  };
});

function newKey(): Hex {
  return Wallet.createRandom().privateKey as Hex;
}

/** The network in the place of the embedded node; whoever started it stops it. */
async function asRunning(network: BesuNetwork): Promise<RunningChain> {
  const [url, chainId] = [network.urls[0]!, Number(await network.ask(0)<Hex>("eth_chainId"))];
  const done = () => Promise.resolve();
  return { url, chainId, savedFile: "", lost: null, settled: done, broken: new Promise<Error>(() => {}), stop: done };
}
