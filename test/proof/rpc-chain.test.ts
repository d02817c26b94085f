import { expect } from "chai";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { hexlify, id, JsonRpcProvider, NonceManager, toUtf8Bytes, Wallet } from "ethers";
import {
  batchDigest,
  bucketOf,
  buildCertificate,
  entriesHash,
  merkleTree,
  proveStream,
  rpcChain,
  StateUnavailable,
  verify,
  vrfPublicKey,
  type BatchedStatement,
  type BlockReference,
  type Entry,
  type Hex,
  type Receipt,
  type Send,
  type TrustedChain,
  type Verdict,
} from "@quanlian/proof";
import {
  AuditLedger__factory,
  DepartmentRegistry__factory,
  SucceedingLedger__factory,
} from "../../backend/src/chain/contracts/index.ts";
import { signDigest } from "../../proof/cli/agent.ts";
import { ENTERPRISE, MUNICIPAL, OTHER_ENTERPRISE, seededBytes, World, type Issued } from "../../proof/testing/world.ts";
import { deploy } from "../../scripts/deploy.ts";
import { startAnvil, type RunningChain } from "../../scripts/embedded/anvil.ts";

const PREFIX_BITS = 2;
const code = hexlify(toUtf8Bytes(MUNICIPAL));

describe("a chain behind JSON-RPC", () => {
  // The embedded node keeps no old state, which is the harder case.
  let folder: string;
  let running: RunningChain;
  let chain: TrustedChain;
  let send: Send;
  const vrfSecretKey = seededBytes("rpc/vrf")(32);
  const batchSigner = Wallet.createRandom();
  const world = new World("rpc");
  const department = world.addDepartment(MUNICIPAL, [4]);
  const thumbprint = world.recorded().keys[0]!.thumbprint;
  const entries: Entry[] = [];
  let receipts: Receipt[];
  let governor: NonceManager;
  let issued: Issued[];

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "quanlian-rpc-"));
    running = await startAnvil(folder);
    const provider = new JsonRpcProvider(running.url, undefined, { staticNetwork: true, cacheTimeout: -1 });
    send = (method, params) => provider.send(method, params);
    governor = new NonceManager(Wallet.createRandom(provider));
    const address = await governor.getAddress();
    const holders = { admin: address, registrar: address, sentinel: address, guardian: address, steward: address };
    const { ledger, registry } = await deploy(Wallet.createRandom(provider), {
      prefixBits: PREFIX_BITS,
      vrfKey: vrfPublicKey(vrfSecretKey),
      governance: { ...holders, delays: { admin: 0, registrar: 0, steward: 0 } },
    });
    const genesis = (await provider.send("eth_getBlockByNumber", ["0x0", false])) as { hash: Hex };
    chain = {
      region: { zh: "示例市", en: "Example City" },
      chainId: running.chainId,
      genesisHash: genesis.hash,
      ledger: ledger.toLowerCase() as Hex,
      registry: registry.toLowerCase() as Hex,
      prefixBits: PREFIX_BITS,
      vrfKeys: [{ fromYear: 0, key: vrfPublicKey(vrfSecretKey) }],
      finality: { rule: "immediate", confirmations: 0 },
    };
    const departments = DepartmentRegistry__factory.connect(registry, governor);
    await (await departments.register(code, 1 << 4, batchSigner.address)).wait();
    await (await departments.addStatementKey(code, thumbprint)).wait();
    issued = [ENTERPRISE, OTHER_ENTERPRISE, ENTERPRISE].map((subject) => world.issue(department, { subject }));
    receipts = await anchor(issued, 1);
  });

  after(async () => {
    await running.stop();
    await rm(folder, { recursive: true, force: true });
  });

  /** Signed by the agent's code and taken by the real ledger. */
  async function anchor(records: readonly Issued[], sequence: number): Promise<Receipt[]> {
    const batch = records.map(({ subject, recordHash }) => ({
      streamKey: proveStream(vrfSecretKey, subject, 4, 2026).streamKey,
      recordHash,
    }));
    entries.push(...batch);
    const identity = {
      chainId: chain.chainId,
      ledger: chain.ledger,
      department: MUNICIPAL,
      kind: 4,
      year: 2026,
    } as const;
    const digest = batchDigest({ ...identity, sequence, entriesHash: entriesHash(batch) });
    const signature = signDigest(digest, Buffer.from(batchSigner.privateKey.slice(2), "hex"));
    const ledger = AuditLedger__factory.connect(chain.ledger, governor);
    const sent = await ledger.anchor(code, 4, 2026, sequence, batch, signature);
    const { blockNumber, blockHash, hash, logs } = (await sent.wait())!;
    const block = (await send("eth_getBlockByNumber", [`0x${blockNumber.toString(16)}`, false])) as {
      timestamp: string;
    };
    const { root, path } = merkleTree(records.map(({ recordHash }) => recordHash));
    return records.map(({ statement }, i) => ({
      format: "quanlian-receipt/1",
      suite: "ES256-SHA256-KECCAK",
      statement,
      statementKey: department.signer.publicJwk,
      batch: { department: MUNICIPAL, kind: 4, year: 2026, sequence, count: records.length, root },
      path: path(i),
      anchor: {
        chainId: chain.chainId,
        genesisHash: chain.genesisHash,
        ledger: chain.ledger,
        blockNumber,
        blockHash: blockHash as Hex,
        blockTime: Number(block.timestamp),
        transactionHash: hash as Hex,
        logIndex: logs[0]!.index,
      },
      finality: null,
    }));
  }

  function check(document: unknown, through: Send = send, on: TrustedChain = chain): Promise<Verdict> {
    const trust = { format: "quanlian-trust/1" as const, name: "", issuedAt: 0, chains: [on] };
    const now = Math.floor(Date.now() / 1000);
    return verify(JSON.stringify(document), { trust, chain: (trusted) => rpcChain(through, trusted), now });
  }

  function outcome({ verdict, steps }: Verdict): string {
    const step = steps.find(({ outcome: o }) => o === "failed") ?? steps.find(({ outcome: o }) => o === "unknown");
    return step ? `${verdict}: ${step.step} ${step.code}` : verdict;
  }

  async function certificate(shown: readonly BatchedStatement[], at: BlockReference = receipts[0]!.anchor) {
    const known = [...entries];
    return buildCertificate(
      {
        purpose: "history",
        subject: ENTERPRISE,
        kinds: [4],
        scope: null,
        period: { from: "2026-01-01", to: "2026-06-30" },
        issuedAt: at.blockTime,
      },
      [
        {
          ...at,
          prefixBits: PREFIX_BITS,
          vrfSecretKey: () => vrfSecretKey,
          pairsOf: async (_, __, bucket) =>
            known.filter(({ streamKey }) => bucketOf(streamKey, PREFIX_BITS) === bucket),
          records: shown,
          supersessions: [],
        },
      ],
    );
  }

  it("confirms every receipt of a batch that its ledger took", async () => {
    for (const receipt of receipts) expect(outcome(await check(receipt))).to.equal("valid");
  });

  it("confirms a certificate at its block, and when the node has forgotten the state of that block", async () => {
    const whole = await certificate([]);
    expect(outcome(await check(whole))).to.equal("valid");
    await anchor([world.issue(department), world.issue(department, { subject: OTHER_ENTERPRISE })], 2);
    expect(outcome(await check(whole))).to.equal("valid");
    const [part] = whole.chains;
    const dropped = { ...whole, chains: [{ ...part, streams: [{ ...part!.streams[0]!, pairs: [] }] }] };
    expect(outcome(await check(dropped))).to.equal("invalid: head HEAD_MISMATCH");
  });

  it("does not decide about a head when what was anchored since cannot be read", async () => {
    const failing = async (change: (answer: { to: string; input: string }) => object) => {
      const through: Send = async (method, params) => {
        const answer = await send(method, params);
        return method === "eth_getTransactionByHash" ? change(answer as { to: string; input: string }) : answer;
      };
      const past = rpcChain(through, chain).hadHead(4, 2026, 0n, `0x${"00".repeat(32)}`, 1);
      return past.then(String, (error: unknown) => (error as Error).name);
    };
    const changed = (input: string, at: number, to: string) => input.slice(0, at) + to + input.slice(at + to.length);
    expect(await failing((answer) => answer)).to.match(/true|false/);
    expect(await failing((answer) => ({ ...answer, to: chain.registry }))).to.equal("StateUnavailable");
    expect(await failing((answer) => ({ ...answer, input: `0x00000000${answer.input.slice(10)}` }))).to.equal(
      "StateUnavailable",
    );
    expect(await failing(({ input, to }) => ({ to, input: input.slice(0, 500) }))).to.equal("UnusableAnswer");
    expect(await failing(({ input, to }) => ({ to, input: changed(input, 10 + 64 * 6, "f".repeat(64)) }))).to.equal(
      "UnusableAnswer",
    );
    expect(await failing(({ input, to }) => ({ to, input: changed(input, 10 + 64 * 7, "0".repeat(64)) }))).to.equal(
      "UnusableAnswer",
    );
    const moving: Send = async (method, params) => (method === "eth_blockNumber" ? "0x1" : send(method, params));
    const behind = await rpcChain(moving, chain)
      .hadHead(4, 2026, 0n, `0x${"00".repeat(32)}`, 1)
      .catch((error: unknown) => error);
    expect(behind).to.be.instanceOf(StateUnavailable);
  });

  it("knows of corrections", async () => {
    const ledger = AuditLedger__factory.connect(chain.ledger, governor);
    const domain = {
      name: "Quanlian AuditLedger",
      version: "1",
      chainId: chain.chainId,
      verifyingContract: chain.ledger,
    };
    const types = {
      Supersession: [
        { name: "department", type: "bytes18" },
        { name: "recordHash", type: "bytes32" },
        { name: "by", type: "bytes18" },
        { name: "successor", type: "bytes32" },
        { name: "reason", type: "uint8" },
      ],
    };
    const [record, successor] = [receipts[0]!, receipts[2]!].map(({ path }, i) => ({
      department: code,
      sequence: 1,
      recordHash: issued[2 * i]!.recordHash,
      path: [...path],
    }));
    const message = {
      department: code,
      recordHash: record!.recordHash,
      by: code,
      successor: successor!.recordHash,
      reason: 1,
    };
    const signature = await batchSigner.signTypedData(domain, types, message);
    await (await ledger.supersede(record!, successor!, 1, signature)).wait();
    const verdict = await check(receipts[0]);
    expect(outcome(verdict)).to.equal("invalid: supersession SUPERSEDED");
    expect(verdict.steps.at(-1)!.evidence).to.include({ successor: successor!.recordHash, by: MUNICIPAL, reason: 1 });
    expect(outcome(await check(receipts[2]))).to.equal("valid");
  });

  it("judges keys by what the registry knows today", async () => {
    const departments = DepartmentRegistry__factory.connect(chain.registry, governor);
    await (await departments.revokeKey(code, thumbprint, receipts[2]!.anchor.blockTime + 1)).wait();
    expect(outcome(await check(receipts[2]))).to.equal("valid");
    await (await departments.revokeKey(code, thumbprint, receipts[2]!.anchor.blockTime)).wait();
    expect(outcome(await check(receipts[2]))).to.equal("invalid: key KEY_NOT_AUTHORISED");
  });

  it("is undecided about whatever a node does not answer, or answers in another shape", async () => {
    const broken: readonly [method: string, answer: unknown, step: string][] = [
      ["eth_chainId", "31337", "chain CHAIN_UNREACHABLE"],
      ["eth_chainId", "0x1", "chain WRONG_CHAIN"],
      ["eth_getBlockByNumber", null, "chain WRONG_CHAIN"],
      ["eth_getBlockByNumber", "0x", "chain CHAIN_UNREACHABLE"],
      ["eth_getBlockByNumber", { number: "0x0", hash: id("x"), timestamp: -1 }, "chain CHAIN_UNREACHABLE"],
      ["eth_call", "0x", "anchor CHAIN_UNREACHABLE"],
      ["eth_call", "0xzz", "anchor CHAIN_UNREACHABLE"],
      ["eth_call", `0x${"ff".repeat(160)}`, "anchor CHAIN_UNREACHABLE"],
      ["eth_getTransactionReceipt", {}, "anchor CHAIN_UNREACHABLE"],
      ["eth_getTransactionReceipt", [], "anchor CHAIN_UNREACHABLE"],
    ];
    for (const [method, answer, step] of broken) {
      const through: Send = async (asked, params) => (asked === method ? answer : send(asked, params));
      const { steps } = await check(receipts[1], through);
      const taken = steps.map((taken) => `${taken.step} ${taken.code}`);
      expect(taken, `${method} ${JSON.stringify(answer)}`).to.contain(step);
    }
    const silent: Send = () => Promise.reject(new Error("ECONNREFUSED"));
    expect(outcome(await check(receipts[1], silent))).to.equal("undecided: chain CHAIN_UNREACHABLE");
  });

  it("follows each rule of finality", async () => {
    const under = (finality: TrustedChain["finality"], through = send) =>
      check(receipts[1], through, { ...chain, finality });
    const saved: Send = async (method, params) =>
      method === "quanlian_finalBlock" ? send("eth_getBlockByNumber", ["latest", false]) : send(method, params);
    const old: Send = async (method, params) =>
      method === "quanlian_finalBlock" ? send("eth_getBlockByNumber", ["0x1", false]) : send(method, params);
    expect(outcome(await under({ rule: "confirmations", confirmations: 1 }))).to.contain("KEY_NOT_AUTHORISED");
    expect(outcome(await under({ rule: "confirmations", confirmations: 1000 }))).to.contain("NOT_FINAL");
    expect(outcome(await under({ rule: "snapshot", confirmations: 0 }))).to.contain("CHAIN_UNREACHABLE");
    expect(outcome(await under({ rule: "snapshot", confirmations: 0 }, saved))).to.contain("KEY_NOT_AUTHORISED");
    expect(outcome(await under({ rule: "snapshot", confirmations: 0 }, old))).to.contain("NOT_FINAL");
    const tagged: Send = async (method, params) => send(method, params[0] === "finalized" ? ["latest", false] : params);
    expect(outcome(await under({ rule: "tag", confirmations: 0 }, tagged))).to.contain("KEY_NOT_AUTHORISED");
  });

  it("asks each question once in the life of a reader", async () => {
    const asked: string[] = [];
    const counting: Send = (method, params) => {
      asked.push(JSON.stringify([method, params]));
      return send(method, params);
    };
    const reader = rpcChain(counting, chain);
    const trust = { format: "quanlian-trust/1" as const, name: "", issuedAt: 0, chains: [chain] };
    for (const receipt of receipts)
      await verify(JSON.stringify(receipt), { trust, chain: () => reader, now: Math.floor(Date.now() / 1000) });
    expect(new Set(asked).size).to.equal(asked.length);
  });

  it("knows that a retired ledger is continued elsewhere, from its retirement on", async () => {
    const early = await certificate([]);
    const factory = new SucceedingLedger__factory(governor);
    const heir = await (await factory.deploy(chain.registry, chain.ledger)).waitForDeployment();
    const old = AuditLedger__factory.connect(chain.ledger, governor);
    const { blockNumber } = (await (await old.retire(await heir.getAddress(), id("checkpoint"))).wait())!;
    const block = (await send("eth_getBlockByNumber", [`0x${blockNumber.toString(16)}`, false])) as {
      hash: Hex;
      timestamp: string;
    };
    const late = { ...receipts[0]!.anchor, blockNumber, blockHash: block.hash, blockTime: Number(block.timestamp) };
    const coverage = async (document: unknown) =>
      (await check(document)).steps.find(({ step }) => step === "coverage")!;
    expect(await coverage(early)).to.include({ outcome: "passed" });
    const refused = await coverage(await certificate([], late));
    expect(refused).to.include({ code: "HISTORY_INCOMPLETE", field: "ledger" });
    expect(refused.evidence.continuedIn).to.equal((await heir.getAddress()).toLowerCase());
    const found = await rpcChain(send, chain).supersessionOf(MUNICIPAL, issued[0]!.recordHash);
    expect(found).to.include({ successor: issued[2]!.recordHash, reason: 1 });
  });
});
