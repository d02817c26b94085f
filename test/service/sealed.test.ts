import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  type Certificate,
  describeVerdict,
  type Hex,
  type Receipt,
  readTrustList,
  type TrustList,
  verify,
} from "@quanlian/proof";
import { expect } from "chai";
import { hexlify, id as hashOf, toBeHex, toQuantity } from "ethers";
import type { CertificateAnswer } from "../../backend/src/certificates/certificates.schemas.ts";
import { ConfigError } from "../../backend/src/config.ts";
import type { RecordAnswer, RecordReference } from "../../backend/src/records/records.schemas.ts";
import type { RunningChain } from "../../scripts/embedded/anvil.ts";
import { anchoredLog } from "../finality/anchored.ts";
import { FREE_GAS, startNode, type TestNode } from "../finality/node.ts";
import { institutions, sealBlock } from "../finality/sealed-chain.ts";
import { quanlian } from "../proof/quanlian.ts";
import { boot, ENTERPRISE, eventually, OTHER_ENTERPRISE, startWorld, type World } from "./harness.ts";
import { FaultyNode, type Meddler } from "../../scripts/faults/faulty-node.ts";
import { penalty } from "./records.ts";
import { SealedNode } from "./sealed-node.ts";

/** A node that keeps old states, in the place of the embedded one. */
function asRunning(node: TestNode): RunningChain {
  const never = new Promise<Error>(() => {});
  const { url } = node;
  const stop = () => node.stop();
  return { url, chainId: 31337, savedFile: "", lost: null, settled: () => Promise.resolve(), broken: never, stop };
}

describe("on a chain whose blocks are sealed", () => {
  const strangers = institutions("nobody knows", 4);
  let world: World;
  let chain: TestNode;
  let folder: string;
  let validatorsFile: string;
  let honest: SealedNode;
  let liar: FaultyNode;

  before(async () => {
    chain = await startNode(FREE_GAS);
    folder = mkdtempSync(join(tmpdir(), "quanlian-sealed-"));
    honest = await SealedNode.before(chain.url, institutions("service", 4));
    liar = await FaultyNode.before(honest.url);
    validatorsFile = join(folder, "trust.json");
    writeFileSync(validatorsFile, JSON.stringify(await honest.trust()));
    const settings = { CHAIN_RPC_URLS: `${liar.url},${honest.url}`, VALIDATORS_FILE: validatorsFile };
    world = await startWorld(settings, true, async () => asRunning(chain));
  });
  after(async () => {
    await world.stop();
    await liar.stop();
    await honest.stop();
    rmSync(folder, { recursive: true });
  });

  const take = async (number: string) =>
    (await world.post<RecordReference>("/api/v1/records", penalty(number))).body.id;
  const stateOf = async (id: string) => (await world.get<RecordAnswer>(`/api/v1/records/${id}`)).body.status;
  const final = (id: string) =>
    eventually(
      () => stateOf(id),
      (status) => status === "final",
    );
  const receiptOf = async (id: string) => (await world.get<Receipt>(`/api/v1/records/${id}/receipt`)).body;
  const findings = () => world.sql<{ code: string }>("select code from finding");
  const trustList = async (): Promise<TrustList> => {
    const read = readTrustList(JSON.stringify((await world.get("/api/v1/trust")).body));
    if (!read.ok) throw new Error(read.problem);
    return read.trustList;
  };
  /** What somebody says of a paper who has the trust list and nothing else. */
  const offline = async (document: unknown) => {
    const now = Math.floor(Date.now() / 1000);
    return verify(JSON.stringify(document), { trust: await trustList(), now });
  };

  it("receipts prove themselves by the trust list alone, and share the proof of their batch", async () => {
    await world.restart({ BATCH_AGE_MS: "1500" });
    const ids = await Promise.all([take("京市监罚〔2026〕1号"), take("京市监罚〔2026〕2号")]);
    await Promise.all(ids.map(final));
    const [one, other] = (await Promise.all(ids.map(receiptOf))) as [Receipt, Receipt];
    expect(one.finality).to.include({ kind: "qbft" });
    expect(other.batch).to.deep.equal(one.batch);
    expect(other.finality).to.deep.equal(one.finality);
    const verdict = await offline(one);
    expect(verdict.steps.filter(({ outcome }) => outcome !== "passed")).to.deep.equal([]);
    expect(verdict.verdict).to.equal("valid");
    expect(describeVerdict(verdict, "zh").meaning).to.contain("未询问任何节点");
    const altered = { ...one, batch: { ...one.batch, count: one.batch.count + 1 } };
    expect((await offline(altered)).verdict).to.equal("invalid");
  });

  const certificateOf = async (subject: string): Promise<Certificate> => {
    const period = { from: "2026-01-01" };
    const order = { purpose: "clean-record", subject: { type: "uscc", id: subject }, period };
    const { body } = await world.post<CertificateAnswer>("/api/v1/certificates", order);
    const job = () => world.get<CertificateAnswer>(`/api/v1/certificates/${body.id}`);
    const { body: done } = await eventually(job, (answer) => !["waiting", "running"].includes(answer.body.status));
    expect(done.status, JSON.stringify(done.refusal)).to.equal("done");
    return (await world.get<Certificate>(`/api/v1/certificates/${body.id}/document`)).body;
  };

  it("a certificate that nothing is on record is checked without any node", async () => {
    const certificate = await certificateOf(OTHER_ENTERPRISE);
    const verdict = await offline(certificate);
    expect(verdict.steps.filter(({ outcome }) => outcome !== "passed")).to.deep.equal([]);
    expect(verdict.verdict).to.equal("valid");
    const forAnother = { ...certificate, subject: { type: "uscc", id: ENTERPRISE } };
    expect((await offline(forAnother)).verdict).to.equal("invalid");
  });

  const renew = (paper: unknown) => world.as(null).post<Receipt & { code: string }>("/api/v1/papers/renewal", paper);

  it("renews a paper for whoever has it: the same paper, proven by a block of today", async () => {
    const id = await take("京市监罚〔2026〕10号");
    await final(id);
    const receipt = await receiptOf(id);
    await final(await take("京市监罚〔2026〕11号"));
    const { status, body: renewed } = await renew(receipt);
    expect(status, JSON.stringify(renewed)).to.equal(200);
    expect({ ...renewed, finality: receipt.finality }).to.deep.equal(receipt);
    expect(renewed.finality!.header).to.not.equal(receipt.finality!.header);
    expect((await offline(renewed)).verdict).to.equal("valid");
    const forged = { ...receipt, batch: { ...receipt.batch, count: receipt.batch.count + 1 } };
    expect(await renew(forged)).to.nested.include({ status: 422, "body.code": "PAPER_NOT_RENEWABLE" });
    expect(await renew("no paper")).to.nested.include({ status: 422, "body.code": "PAPER_NOT_RENEWABLE" });
  });

  it("renews a certificate until something is added to what it speaks of", async () => {
    const certificate = await certificateOf(OTHER_ENTERPRISE);
    const renewed = (await renew(certificate)).body as unknown as Certificate;
    expect((await offline(renewed)).verdict).to.equal("valid");
    const about = { 统一社会信用代码: OTHER_ENTERPRISE, 行政相对人名称: "京海另一科技有限公司" };
    const { body } = await world.post<RecordReference>("/api/v1/records", penalty("京市监罚〔2026〕12号", about));
    await final(body.id);
    expect(await renew(certificate)).to.nested.include({ status: 409, "body.code": "PAPER_OUTDATED" });
  });

  it("so does the command line, with any node and without the service", async () => {
    const id = await take("京市监罚〔2026〕13号");
    await final(id);
    const receipt = await receiptOf(id);
    const at = (name: string) => join(folder, name);
    writeFileSync(at("paper.json"), JSON.stringify(receipt));
    writeFileSync(at("list.json"), JSON.stringify(await trustList()));
    const args = ["renew", at("paper.json"), "--trust", at("list.json"), "--out", at("renewed.json"), "--rpc"];
    await final(await take("京市监罚〔2026〕14号"));
    const done = await quanlian([...args, honest.url]);
    expect(done.code, done.err).to.equal(0);
    const renewed = JSON.parse(readFileSync(at("renewed.json"), "utf8")) as Receipt;
    expect(renewed.finality!.header).to.not.equal(receipt.finality!.header);
    expect((await offline(renewed)).verdict).to.equal("valid");
    await liar.during(foreignHeaders, async () => {
      const refused = await quanlian([...args, liar.url]);
      expect(refused.code).to.equal(2);
      expect(refused.err).to.contain("VALIDATORS_MISMATCH");
    });
    expect((await quanlian([...args, "http://127.0.0.1:9"])).code).to.equal(2);
  });

  it("lets anybody ask for what a renewal needs, about its own contracts", async () => {
    const ask = async (method: string, ...params: unknown[]) => {
      const { body } = await world
        .as(null)
        .post<object>("/api/v1/chain/rpc", { jsonrpc: "2.0", id: 1, method, params });
      return "result" in body ? "answered" : (body as { code: string }).code;
    };
    const { ledger, registry } = world.deployment;
    const slot = toBeHex(3, 32);
    expect(await ask("debug_getRawHeader", "latest")).to.equal("answered");
    for (const address of [ledger, registry]) {
      expect(await ask("eth_getProof", address, [slot], "latest")).to.equal("answered");
      expect(await ask("eth_getStorageAt", address, slot, "latest")).to.equal("answered");
    }
    const refused = "RPC_METHOD_NOT_ALLOWED";
    expect(await ask("eth_getProof", world.deployment.accessManager, [slot], "latest")).to.equal(refused);
    expect(await ask("eth_getProof", ledger, Array<string>(1_001).fill(slot), "latest")).to.equal(refused);
    expect(await ask("eth_getProof", ledger, [slot])).to.equal(refused);
    expect(await ask("debug_getRawReceipts", "latest")).to.equal(refused);
  });

  /** Headers of the right numbers and contents, sealed by people whom the file does not name. */
  const foreignHeaders: Meddler = async ({ method, params }, forward) => {
    if (method !== "debug_getRawHeader") return forward();
    const number = params[0] === "latest" ? Number(await liar.forward("eth_blockNumber")) : Number(params[0]);
    return hexlify(sealBlock({ number, members: strangers }).raw);
  };

  it("a node with a chain of its own making is passed over for one that shows seals", async () => {
    await liar.during(foreignHeaders, async () => {
      const id = await take("京市监罚〔2026〕3号");
      await final(id);
      expect((await offline(await receiptOf(id))).verdict).to.equal("valid");
    });
    expect(await findings()).to.deep.equal([]);
  });

  it("alone, it makes the service wait, and neither roll back nor believe", async () => {
    const known = await take("京市监罚〔2026〕4号");
    await final(known);
    await world.restart({ CHAIN_RPC_URLS: liar.url });
    let waiting = "";
    await liar.during(foreignHeaders, async () => {
      waiting = await take("京市监罚〔2026〕5号");
      await looksAgain();
      expect(await stateOf(waiting)).to.not.equal("final");
      expect(await stateOf(known)).to.equal("final");
    });
    await final(waiting);
    expect(await findings()).to.deep.equal([]);
  });

  interface SealedBatch {
    readonly department: string;
    readonly sequence: string;
    readonly kind: number;
    readonly year: number;
    readonly count: number;
    readonly root: Buffer;
    readonly entries_hash: Buffer;
  }

  /** Says that each batch that was never sent is on the ledger, in the newest block, as its first event. */
  const inventedEvents: Meddler = async ({ method, params }, forward) => {
    if (method === "eth_sendRawTransaction") return hashOf(String(params[0]));
    const isEvents = method === "eth_getLogs" && JSON.stringify(params).includes(anchoredLog().topics[0]!);
    if (!isEvents) return forward();
    const [batch] = await world.sql<SealedBatch>("select * from batch where status in ('sealed', 'submitted') limit 1");
    if (!batch) return forward();
    const number = Number((params[0] as { toBlock: Hex }).toBlock);
    const hex = (bytes: Buffer): Hex => `0x${bytes.toString("hex")}`;
    const event = {
      ...batch,
      sequence: Number(batch.sequence),
      root: hex(batch.root),
      entriesHash: hex(batch.entries_hash),
    };
    const place = {
      blockNumber: toQuantity(number),
      blockHash: (await honest.block(number)).hash,
      transactionHash: hashOf("invented"),
      transactionIndex: "0x0",
      logIndex: "0x0",
      removed: false,
    };
    return [{ ...anchoredLog(event, world.deployment.ledger), ...place }];
  };

  it("an event that its block does not hold makes nothing final", async () => {
    let invented = "";
    await liar.during(inventedEvents, async () => {
      const before = liar.asked.length;
      invented = await take("京市监罚〔2026〕6号");
      const receipts = async () => {
        await chain.provider.send("evm_mine", []);
        return liar.asked.slice(before).filter((method) => method === "debug_getRawReceipts");
      };
      await eventually(receipts, ({ length }) => length >= 3);
      expect(await stateOf(invented)).to.not.equal("final");
    });
    await final(invented);
    expect((await offline(await receiptOf(invented))).verdict).to.equal("valid");
    expect(await findings()).to.deep.equal([]);
  });

  /** Waits until the service has looked for sealed blocks some more times. */
  const looksAgain = async () => {
    const before = liar.asked.length;
    const headers = () => Promise.resolve(liar.asked.slice(before).filter((method) => method === "debug_getRawHeader"));
    await eventually(headers, ({ length }) => length >= 5);
  };

  it("follows the validators' file while it runs, unless that becomes one about another chain", async () => {
    const trust = await honest.trust();
    const write = (content: object) => writeFileSync(validatorsFile, JSON.stringify(content));
    const last = Number(await liar.forward("eth_blockNumber"));
    write({ ...trust, sets: [{ ...trust.sets[0], until: last }] });
    await world.restart({ CHAIN_RPC_URLS: liar.url });
    const id = await take("京市监罚〔2026〕7号");
    await looksAgain();
    expect(await stateOf(id)).to.not.equal("final");
    write({ ...trust, pins: [{ number: 0, hash: hashOf("another genesis block") }] });
    await looksAgain();
    writeFileSync(validatorsFile, "half of a file");
    await looksAgain();
    expect(await stateOf(id)).to.not.equal("final");
    write(trust);
    await final(id);
    expect((await trustList()).chains[0]!.qbft).to.deep.equal(trust);
    expect((await offline(await receiptOf(id))).verdict).to.equal("valid");
  });

  it("refuses to start with the validators of another chain", async () => {
    const file = join(folder, "elsewhere.json");
    const trust = await honest.trust();
    writeFileSync(file, JSON.stringify({ ...trust, pins: [{ number: 0, hash: hashOf("another genesis block") }] }));
    const failure = await boot({ ...world.environment, VALIDATORS_FILE: file }, false).catch((error: unknown) => error);
    expect(failure).to.be.instanceOf(ConfigError);
    expect((failure as ConfigError).message).to.contain("does not pin the genesis block");
  });
});
