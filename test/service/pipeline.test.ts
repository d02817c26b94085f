import { expect } from "chai";
import { JsonRpcProvider, Wallet } from "ethers";
import { entriesHash, type Hex } from "@quanlian/proof";
import { AnchoringLoop } from "../../backend/src/anchoring/anchoring-loop.ts";
import { batchDigest, departmentBytes, newSigner } from "../../backend/src/chain/batch-signing.ts";
import { AuditLedger__factory } from "../../backend/src/chain/contracts/index.ts";
import { Ledger } from "../../backend/src/chain/ledger.ts";
import { DepartmentsService } from "../../backend/src/departments/departments.service.ts";
import { KeyVault } from "../../backend/src/departments/key-vault.ts";
import type { RecordReference } from "../../backend/src/records/records.schemas.ts";
import { startAnvil } from "../../scripts/embedded/anvil.ts";
import { readSaved } from "../../scripts/embedded/chain-snapshots.ts";
import { type Meddler, NodeError } from "../../scripts/faults/faulty-node.ts";
import { mixedUp } from "../../scripts/faults/meddlers.ts";
import { boot, CITY, DISTRICT, startWorld, type World } from "./harness.ts";
import { licence, penalty } from "./records.ts";
import { rotateSigner } from "./registrar.ts";

/** Far beyond every waiting time of the worker, in milliseconds. */
const LATER = 60_000;

describe("pipeline: every record reaches the chain exactly once", () => {
  const registrar = Wallet.createRandom().privateKey;
  let world: World;
  let number = 0;
  before(async () => {
    world = await startWorld({ BATCH_AGE_MS: "0" }, false, startAnvil, { registrar });
  });
  afterEach(() => world.reset());
  after(() => world.stop());

  const take = async (count: number, department = CITY) => {
    const district = { 许可机关统一社会信用代码: DISTRICT, 数据来源单位统一社会信用代码: DISTRICT };
    const record = () =>
      department === CITY ? penalty(`京市监罚〔2026〕${++number}号`) : licence(`海文许〔2025〕${++number}号`, district);
    const answers = await Promise.all(
      Array.from({ length: count }, () => world.post<RecordReference>("/api/v1/records", record())),
    );
    for (const { status, body } of answers) expect(status, JSON.stringify(body)).to.equal(202);
  };
  const round = (now = Date.now()) => world.app.get(AnchoringLoop).round(now);
  /** Rounds until nothing is open; what goes wrong in one is left to the next, as the worker does. */
  const settle = async (from = Date.now()) => {
    for (let i = 0; i < 40; i++) {
      await round(from + i * LATER).catch(() => undefined);
      await world.sql(`update batch set retry_at = now() where retry_at is not null`);
      await world.sql(`update relay_transaction set sent_at = sent_at - interval '1 minute'`);
      const [row] = await world.sql<{ open: string }>(
        `select (select count(*) from record where batch is null) + (select count(*) from batch where status <> 'final') as open`,
      );
      if (Number(row!.open) === 0) return;
    }
    throw new Error("the pipeline does not come to rest");
  };
  const findings = () =>
    world.sql<{ code: string; department: string | null }>(`select code, department from finding order by found_at`);
  const states = async () =>
    (await world.sql<{ status: string }>(`select status from batch`)).map(({ status }) => status);

  const withLedger = async <T>(ask: (ledger: ReturnType<typeof AuditLedger__factory.connect>) => Promise<T>) => {
    const provider = new JsonRpcProvider(world.chain.url, world.chain.chainId, {
      staticNetwork: true,
      cacheTimeout: -1,
    });
    try {
      return await ask(AuditLedger__factory.connect(world.deployment.ledger, Wallet.createRandom(provider)));
    } finally {
      provider.destroy();
    }
  };

  /** Reads the ledger without the service and compares: every record once, every batch as sealed, nothing else. */
  const expectExactlyOnce = async (records: number) => {
    const anchored = await withLedger(async (ledger) => {
      const events = await ledger.queryFilter(ledger.filters.BatchAnchored(), 0);
      return Promise.all(
        events.map(async ({ transactionHash, args }) => {
          const transaction = await ledger.runner!.provider!.getTransaction(transactionHash);
          const call = ledger.interface.parseTransaction(transaction!)!;
          const entries = call.args.getValue("entries") as { recordHash: string }[];
          return { root: args.root, hashes: entries.map(({ recordHash }) => recordHash) };
        }),
      );
    });
    const onChain = anchored.flatMap(({ hashes }) => hashes);
    const stored = await world.sql<{ hash: string }>(
      `select '0x' || encode(record_hash, 'hex') as hash from record r join batch b on b.id = r.batch
       where b.status = 'final' order by b.block_number, b.log_index, r.batch_index`,
    );
    expect(onChain).to.have.length(records);
    expect(new Set(onChain).size).to.equal(records);
    expect(stored.map(({ hash }) => hash)).to.deep.equal(onChain);
    expect(await world.sql(`select 1 from relay_transaction`)).to.deep.equal([]);
  };

  it("anchors several departments, kinds and batches", async () => {
    await take(5);
    await take(3, DISTRICT);
    await settle();
    await take(4);
    await settle();
    await expectExactlyOnce(12);
  });

  it("fills batches from a backlog and lets the rest wait for company", async () => {
    await world.restart({ BATCH_SIZE: "4", BATCH_AGE_MS: "3600000" });
    await take(11);
    await round();
    await round();
    const sizes = await world.sql<{ count: number }>(`select count from batch order by sequence`);
    expect(sizes.map(({ count }) => count)).to.deep.equal([4, 4]);
    await world.restart({ BATCH_SIZE: "4", BATCH_AGE_MS: "0" });
    await settle();
    await expectExactlyOnce(11);
  });

  /** No more blocks for now; saving the chain lets them through again, so it must have been done. */
  const holdBlocks = async () => {
    await world.chain.settled();
    await world.node.forward("evm_setAutomine", [false]);
  };

  const broken = () => Promise.reject(new Error("broken"));
  const onSend =
    (meddle: Meddler): Meddler =>
    (call, forward) =>
      call.method === "eth_sendRawTransaction" ? meddle(call, forward) : forward();

  for (const [fault, meddler] of [
    ["the line breaks before a transaction arrives", onSend(() => Promise.reject(new Error("broken")))],
    [
      "the line breaks after it arrived",
      onSend((_, forward) => forward().then(() => Promise.reject(new Error("broken")))),
    ],
    ["it arrives twice", onSend((_, forward) => forward().then(forward))],
    ["the node knows it already", onSend((_, forward) => forward().then(() => new NodeError(-32000, "already known")))],
    ["the pool is full", onSend(async () => new NodeError(-32005, "txpool is full"))],
    ["the node refuses it", onSend(async () => new NodeError(-32000, "insufficient funds for gas"))],
    ["the node answers nothing at all", () => Promise.reject(new Error("broken"))],
  ] as const)
    it(`survives that ${fault}, and a crash right after`, async () => {
      await take(2);
      await take(2, DISTRICT);
      await world.node.during(meddler, () => round().catch(() => undefined));
      await world.restart();
      await world.node.during(meddler, () => round().catch(() => undefined));
      await settle();
      await expectExactlyOnce(4);
      expect(await findings()).to.deep.equal([]);
    });

  it("survives a crash at every single call to the chain", async () => {
    let calls = 0;
    let limit = 0;
    const dying: Meddler = (_, forward) => (++calls > limit ? Promise.reject(new Error("dead")) : forward());
    let taken = 0;
    for (limit = 0; limit < 14; limit++) {
      await take(1);
      taken++;
      calls = 0;
      await world.node.during(dying, () => round().catch(() => undefined));
      if (limit % 5 === 4) await world.restart();
    }
    await settle();
    await expectExactlyOnce(taken);
  });

  it("has batches signed again whose signer was changed in the registry before they were anchored", async () => {
    await world.restart({ BATCH_SIZE: "2", BATCH_AGE_MS: "0" });
    await take(4);
    await world.node.during(onSend(broken), () => round().catch(() => undefined));
    const sealed = await world.sql(`select sequence, entries_hash, root from batch order by sequence`);
    const fresh = newSigner();
    await rotateSigner(world, registrar, CITY, fresh.address);
    await round();
    await round();
    const [refused] = await world.sql<{ n: number }>(`select max(refusals) as n from batch`);
    expect(refused!.n).to.be.at.least(1);
    const secret = world.app.get(KeyVault).seal(fresh.secret, `${CITY}/signer`);
    await world.sql(
      `update hosted_key set sealed_secret = $2, public_key = $3 where department = $1 and purpose = 'signer'`,
      [CITY, secret, { address: fresh.address }],
    );
    await settle();
    await expectExactlyOnce(4);
    expect(await world.sql(`select sequence, entries_hash, root from batch order by sequence`)).to.deep.equal(sealed);
    expect(await findings()).to.deep.equal([]);
  });

  it("sends again what the pool has lost", async () => {
    await holdBlocks();
    await take(2);
    await round();
    await world.node.forward("anvil_dropAllTransactions");
    await world.node.forward("evm_setAutomine", [true]);
    await settle();
    await expectExactlyOnce(2);
  });

  it("sends again the one transaction whose absence holds up those after it", async () => {
    await holdBlocks();
    await take(2);
    await take(2, DISTRICT);
    await round();
    const [first] = await world.sql<{ hash: string }>(
      `select '0x' || encode(hash, 'hex') as hash from relay_transaction order by nonce limit 1`,
    );
    await world.node.forward("anvil_dropTransaction", [first!.hash]);
    await world.node.forward("evm_setAutomine", [true]);
    await settle();
    await expectExactlyOnce(4);
    expect(await findings()).to.deep.equal([]);
  });

  it("believes no answer that belongs to another question", async () => {
    await take(3);
    await world.node.during(mixedUp(), async () => {
      for (let i = 0; i < 5; i++) await round().catch(() => undefined);
    });
    await settle();
    await expectExactlyOnce(3);
    expect(await findings()).to.deep.equal([]);
  });

  describe("where gas has a price", () => {
    const GWEI = 1_000_000_000n;
    const priced: Meddler = ({ method }, forward) =>
      method === "eth_gasPrice" ? Promise.resolve(`0x${GWEI.toString(16)}`) : forward();
    const older = () =>
      world.sql(`update relay_transaction set created_at = created_at - interval '1 minute',
                 sent_at = sent_at - interval '1 minute'`);
    const minedPrices = async () => {
      const rows = await world.sql<{ hash: string }>(
        `select '0x' || encode(transaction_hash, 'hex') as hash from batch`,
      );
      const mined = await Promise.all(rows.map(({ hash }) => world.node.forward("eth_getTransactionByHash", [hash])));
      return (mined as { nonce: string; maxFeePerGas: string }[]).map(({ nonce, maxFeePerGas }) => {
        return { nonce: Number(nonce), price: BigInt(maxFeePerGas) };
      });
    };
    beforeEach(async () => {
      const { relayer } = world.app.get(Ledger);
      await world.node.forward("anvil_setBalance", [relayer, "0xde0b6b3a7640000"]);
      await holdBlocks();
    });
    afterEach(() => world.node.forward("evm_setAutomine", [true]));

    it("offers more for a transaction that no block takes, under the same nonce", async () => {
      await take(2);
      await world.node.during(priced, async () => {
        await round();
        await older();
        await round();
        await round();
        await world.node.forward("evm_setAutomine", [true]);
        await world.node.forward("evm_mine");
        await settle();
      });
      expect(await minedPrices()).to.deep.equal([{ nonce: 0, price: (GWEI * 9n) / 8n }]);
      await expectExactlyOnce(2);
    });

    it("offers more until it takes the place of a stranger under its nonce", async () => {
      const provider = new JsonRpcProvider(world.chain.url, world.chain.chainId, { staticNetwork: true });
      const relayer = new Wallet(world.environment["RELAYER_KEY"]!, provider);
      const fees = { maxFeePerGas: 2n * GWEI, maxPriorityFeePerGas: 2n * GWEI };
      await relayer.sendTransaction({ to: relayer.address, nonce: 0, gasLimit: 21_000, ...fees });
      provider.destroy();
      await take(1);
      await world.node.during(priced, async () => {
        for (let i = 0; i < 10; i++) await round();
        await world.node.forward("evm_setAutomine", [true]);
        await world.node.forward("evm_mine");
        await settle();
      });
      const [mined] = await minedPrices();
      expect(mined!.nonce).to.equal(0);
      expect(mined!.price > 2n * GWEI).to.equal(true);
      await expectExactlyOnce(1);
    });

    it("never offers more than it may, and goes on when there is room again", async () => {
      await world.restart({ CHAIN_MAX_PRICE_GWEI: "1" });
      await take(1);
      await world.node.during(priced, async () => {
        for (let i = 0; i < 4; i++) {
          await round();
          await older();
        }
        await world.node.forward("evm_setAutomine", [true]);
        await world.node.forward("evm_mine");
        await settle();
      });
      expect(await minedPrices()).to.deep.equal([{ nonce: 0, price: GWEI }]);
    });
  });

  it("anchors again what a chain that was set back has forgotten, and raises an alarm", async () => {
    await take(2);
    await settle();
    const snapshot = await world.node.forward("evm_snapshot");
    await take(3);
    await settle();
    await take(1, DISTRICT);
    await settle();
    await world.node.forward("evm_revert", [snapshot]);
    await settle();
    await round(Date.now() + LATER);
    await settle(Date.now() + 2 * LATER);
    await expectExactlyOnce(6);
    expect((await findings()).map(({ code }) => code)).to.deep.equal(["CHAIN_ROLLED_BACK"]);
  });

  it("believes no head that lies behind what it has read", async () => {
    await take(2);
    await settle();
    const old: Meddler = async ({ method, params }, forward) => {
      const { number } = (await world.node.forward("eth_getBlockByNumber", ["latest", false])) as { number: string };
      const asked = params[0] === "latest" ? number : String(params[0]);
      if (method !== "eth_getBlockByNumber" || Number(asked) < Number(number) - 1) return forward();
      return params[0] === "latest"
        ? world.node.forward("eth_getBlockByNumber", [`0x${(Number(number) - 2).toString(16)}`, false])
        : null;
    };
    await world.node.during(old, () => round());
    await expectExactlyOnce(2);
    expect(await findings()).to.deep.equal([]);
  });

  it("reads again what a lagging node has left out", async () => {
    await take(2);
    const forgetful: Meddler = async ({ method }, forward) => (method === "eth_getLogs" ? [] : forward());
    await world.node.during(forgetful, () => round().then(() => round()));
    expect(await states()).to.deep.equal(["submitted"]);
    await world.sql(`update relay_transaction set created_at = now() - interval '1 hour'`);
    await round();
    await expectExactlyOnce(2);
  });

  it("calls nothing final whose event says something else", async () => {
    await take(1);
    const lying: Meddler = async ({ method }, forward) => {
      const result = await forward();
      if (method !== "eth_getLogs") return result;
      return (result as { data: string }[]).map((log) => ({ ...log, data: log.data.replace(/.{8}$/, "00000000") }));
    };
    await world.node.during(lying, () => round().then(() => round()));
    expect(await states()).not.to.include("final");
    expect(await findings()).to.deep.equal([{ code: "ROOT_MISMATCH", department: CITY }]);
  });

  /** Anchors entries in the department's name behind the service's back. */
  const anchorBehind = async (sequence: number, entries: { streamKey: Hex; recordHash: Hex }[], year = 2026) => {
    const { identity } = world.app.get(Ledger);
    const batch = { department: CITY, kind: 4, year, sequence, entriesHash: entriesHash(entries) } as const;
    const signature = await world.app.get(DepartmentsService).signBatch(CITY, batchDigest(identity, batch));
    await withLedger(async (ledger) => {
      const sent = await ledger.anchor(departmentBytes(CITY), 4, year, sequence, entries, signature);
      while (!(await ledger.runner!.provider!.getTransactionReceipt(sent.hash)))
        await new Promise((r) => setTimeout(r, 20));
    });
  };
  const strange = [{ streamKey: `0x${"11".repeat(32)}`, recordHash: `0x${"22".repeat(32)}` }] as const;

  it("takes it for normal that somebody else relays a sealed batch", async () => {
    await take(2);
    await world.node.during(
      onSend(() => Promise.reject(new Error("broken"))),
      () => round().catch(() => undefined),
    );
    const rows = await world.sql<{ stream_key: Buffer; record_hash: Buffer }>(
      `select stream_key, record_hash from record order by batch_index`,
    );
    const hex = (bytes: Buffer): Hex => `0x${bytes.toString("hex")}`;
    await anchorBehind(
      1,
      rows.map((row) => ({ streamKey: hex(row.stream_key), recordHash: hex(row.record_hash) })),
    );
    await settle();
    await expectExactlyOnce(2);
    expect(await findings()).to.deep.equal([]);
  });

  for (const [what, sealFirst, code] of [
    ["has not sealed", false, "UNKNOWN_BATCH"],
    ["has sealed with other content", true, "ROOT_MISMATCH"],
  ] as const)
    it(`stops a department when the ledger holds a batch that the service ${what}; the others go on`, async () => {
      await take(1, DISTRICT);
      if (sealFirst)
        await world.node.during(
          () => Promise.reject(new Error("broken")),
          async () => {
            await take(1);
            await round().catch(() => undefined);
          },
        );
      await anchorBehind(1, [...strange]);
      for (let i = 0; i < 4; i++) await round(Date.now() + i * LATER);
      expect(await findings()).to.deep.equal([{ code, department: CITY }]);
      const refused = await world.post<{ code: string }>("/api/v1/records", penalty("京市监罚〔2026〕9999号"));
      expect(refused.body.code).to.equal("DEPARTMENT_STOPPED");
      await take(2, DISTRICT);
      for (let i = 0; i < 4; i++) await round(Date.now() + i * LATER);
      const [done] = await world.sql<{ n: number }>(
        `select sum(count)::int as n from batch where status = 'final' and department = $1`,
        [DISTRICT],
      );
      expect(done!.n).to.equal(3);
    });

  it("keeps no department waiting because another one's batch is held up", async () => {
    await world.restart({ BATCH_SIZE: "1", BATCH_AGE_MS: "0" });
    await take(30);
    await world.node.during(broken, async () => {
      for (let i = 0; i < 4; i++) await round().catch(() => undefined);
    });
    await world.sql(`update batch set retry_at = now() + interval '1 hour' where sequence = 1`);
    await take(1, DISTRICT);
    for (let i = 0; i < 3; i++) await round();
    const final = await world.sql(`select department from batch where status = 'final'`);
    expect(final).to.deep.equal([{ department: DISTRICT }]);
    await settle();
    await expectExactlyOnce(31);
  });

  it("seals and sends although the clock of the process is hours behind", async () => {
    const { now } = Date;
    try {
      Date.now = () => now() - 24 * 3_600_000;
      await world.restart({ BATCH_AGE_MS: "1" });
      await take(2);
      await new Promise((resolve) => setTimeout(resolve, 20));
      for (let i = 0; i < 3; i++) await round(performance.now());
      expect(await states()).to.deep.equal(["final"]);
    } finally {
      Date.now = now;
    }
  });

  it("lets several workers share the work, and one take over from a dead one", async () => {
    const second = await boot(world.environment, false);
    const third = await boot(world.environment, false);
    try {
      const loops = [world.app, second, third].map((app) => app.get(AnchoringLoop));
      for (let i = 0; i < 4; i++) {
        await take(6);
        await take(3, DISTRICT);
        await Promise.all(loops.map((loop) => loop.round(Date.now())));
      }
      await world.restart();
      for (let i = 0; i < 6; i++)
        await Promise.all([second, third].map((app) => app.get(AnchoringLoop).round(Date.now() + i * LATER)));
      await settle();
      await expectExactlyOnce(36);
    } finally {
      await second.close();
      await third.close();
    }
  });

  it("waits for the confirmations that the network demands", async () => {
    await world.restart({ CHAIN_FINALITY: "confirmations:3" });
    await take(1);
    for (let i = 0; i < 3; i++) await round();
    expect(await states()).to.deep.equal(["submitted"]);
    for (let i = 0; i < 3; i++) await world.node.forward("evm_mine");
    await round();
    expect(await states()).to.deep.equal(["final"]);
  });

  it("calls final only what the embedded chain has saved", async () => {
    await world.restart({ CHAIN_FINALITY: `snapshot:${world.chain.savedFile}` });
    await take(1);
    await round();
    await world.chain.settled();
    await settle();
    const [row] = await world.sql<{ number: number }>(`select block_number::int as number from batch`);
    expect(readSaved(world.chain.savedFile)!.blockNumber).to.be.at.least(row!.number);
  });

  it("holds only so many records in memory: whoever comes beyond them is told when to come back, and the others are kept", async () => {
    await world.sql(`begin`);
    await world.sql(`lock table record in exclusive mode`);
    const posts = Array.from({ length: 5_000 }, () =>
      world.post<{ code?: string }>("/api/v1/records", penalty(`京市监罚〔2026〕${++number}号`)),
    );
    const first = await Promise.race(posts);
    await world.sql(`commit`);
    expect([first.status, first.body.code, first.headers["retry-after"]]).to.deep.equal([503, "OVERLOADED", "1"]);
    const answers = await Promise.all(posts);
    const codes = new Set(answers.map(({ status, body }) => `${status} ${body.code}`));
    expect([...codes].toSorted()).to.deep.equal(["202 undefined", "503 OVERLOADED"]);
    await settle();
    await expectExactlyOnce(answers.filter(({ status }) => status === 202).length);
  });

  it("refuses new records while anchoring is stalled, when told to fail closed", async () => {
    await world.restart({ STALLED: "refuse", STALL_SECONDS: "1" });
    await take(1);
    await world.sql(`update record set received_at = now() - interval '1 minute'`);
    await new Promise((resolve) => setTimeout(resolve, 1_100));
    const refused = await world.post<{ code: string }>("/api/v1/records", penalty("京市监罚〔2026〕9998号"));
    expect([refused.status, refused.body.code]).to.deep.equal([503, "ANCHORING_STALLED"]);
    expect(refused.headers["retry-after"]).to.match(/^\d+$/);
    const ready = await world.get<{ ready: boolean }>("/health/ready");
    expect([ready.status, ready.body.ready]).to.deep.equal([503, false]);
  });
});
