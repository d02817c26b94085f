import { copyFileSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";
import { expect } from "chai";
import { JsonRpcProvider, Wallet } from "ethers";
import { startAnvil, type RunningChain } from "../../scripts/embedded/anvil.ts";
import { newestBlockIn } from "../../scripts/embedded/chain-dump.ts";
import { readSaved, type SavedBlock } from "../../scripts/embedded/chain-snapshots.ts";
import { findProcesses, stopLeftovers } from "../../scripts/embedded/processes.ts";

const sender = new Wallet(`0x${"11".repeat(32)}`);
/**
 * Counts its calls in slot 0, then burns all but 10,000 of its gas, so that a block takes long enough to be caught half
 * way: `sstore(0, sload(0) + 1); while (gas() > 10000) {}`.
 */
const COUNTER = "0x601280600b6000396000f36000546001016000555b5a612710106009" + "57";

describe("embedded chain", () => {
  let folder: string;
  let chain: RunningChain;
  let node: JsonRpcProvider;

  const start = async () => {
    chain = await startAnvil(folder);
    node = new JsonRpcProvider(chain.url, chain.chainId, {
      staticNetwork: true,
      cacheTimeout: -1,
      pollingInterval: 20,
    });
  };
  const stop = async () => {
    node.destroy();
    await chain.stop();
  };
  const crash = async () => {
    node.destroy();
    await stopLeftovers("anvil", folder, "SIGKILL");
    return (await chain.broken).message;
  };
  const send = async (to: string | null, data = "0x") =>
    (await sender.connect(node).sendTransaction({ to, data, gasLimit: 200_000 })).wait();

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), "quanlian-chain-"));
    await start();
  });
  afterEach(async () => {
    await stop();
    rmSync(folder, { recursive: true });
  });

  it("takes transactions from accounts that own nothing", async () => {
    expect(await node.getBalance(sender.address)).to.equal(0n);
    expect((await send(sender.address))?.blockNumber).to.equal(1);
  });

  it("keeps its first block and every other over restarts", async () => {
    const hashes = async () => {
      const numbers = Array.from({ length: (await node.getBlockNumber()) + 1 }, (_, number) => number);
      return Promise.all(numbers.map(async (number) => (await node.getBlock(number))!.hash));
    };
    for (let restart = 1; restart <= 5; restart++) {
      await send(sender.address);
      const before = await hashes();
      await stop();
      await start();
      expect(await hashes()).to.deep.equal(before);
      expect((await node.getBlock(restart))?.parentHash).to.equal(before.at(-2));
    }
  });

  it("keeps the clock of the machine", async () => {
    for (let restart = 0; restart < 2; restart++) {
      const earliest = Math.floor(Date.now() / 1000) - 1;
      const receipt = await send(sender.address);
      const { timestamp } = (await node.getBlock(receipt!.blockNumber))!;
      expect(timestamp).to.be.within(earliest, Math.ceil(Date.now() / 1000) + 1);
      await stop();
      await start();
    }
  });

  it("still has after kill -9 every block that saved.json has named, with receipts and logs", async () => {
    const counter = (await send(null, COUNTER))!.contractAddress!;
    const receipt = await send(counter);
    await chain.settled();
    expect(await crash()).to.match(/ended by itself/);
    await start();
    expect(chain.lost).to.equal(null);
    expect(await node.getBlockNumber()).to.equal(2);
    expect((await node.getTransactionReceipt(receipt!.hash))?.blockHash).to.equal(receipt!.blockHash);
    expect(BigInt(await node.getStorage(counter, 0))).to.equal(1n);
  });

  it("never saves a state that its blocks do not explain, however fast they come", async () => {
    const counter = (await send(null, COUNTER))!.contractAddress!;
    for (let round = 0; round < 2; round++) {
      const { blockNumber } = await savedUnderLoad(counter);
      await crash();
      await start();
      expect(await node.getBlockNumber()).to.be.at.least(blockNumber);
      const mined = await minedCalls(counter);
      expect(BigInt(await node.getStorage(counter, 0))).to.equal(BigInt(mined));
      expect(await node.getTransactionCount(sender.address)).to.equal(mined + 1);
    }
  });

  it("falls back to the state before when the newest is damaged, and says what is gone", async () => {
    await send(sender.address);
    await chain.settled();
    await send(sender.address);
    await chain.settled();
    await crash();
    truncateSync(join(folder, "state.json.gz"), 100);
    await start();
    expect(await node.getBlockNumber()).to.equal(1);
    expect(chain.lost?.blockNumber).to.equal(2);
  });

  it("refuses to begin a new chain over one that it cannot read", async () => {
    await crash();
    const whole = join(folder, "state.json.gz");
    copyFileSync(whole, join(folder, "kept"));
    for (const name of ["state.json.gz", "state.previous.json.gz"]) writeFileSync(join(folder, name), "");
    const failure: unknown = await startAnvil(folder).catch((error: unknown) => error);
    expect(failure)
      .to.be.an("error")
      .with.property("message")
      .that.matches(/restore that folder/);
    copyFileSync(join(folder, "kept"), whole);
    await start();
  });

  it("ends a node that a crash has left behind before it starts another", async () => {
    const [orphan] = findProcesses("anvil", folder);
    node.destroy();
    const abandoned = chain;
    await start();
    expect((await abandoned.broken).message).to.match(/SIGKILL/);
    expect(findProcesses("anvil", folder)).to.have.length(1).and.not.include(orphan);
  });

  it("recognises a torn dump", async () => {
    await send(sender.address);
    await chain.settled();
    const whole = readFileSync(join(folder, "state.json.gz"));
    expect(newestBlockIn(whole)).to.equal(1);
    const state = JSON.parse(gunzipSync(whole).toString("utf8")) as { blocks: { header: { number: string } }[] };
    const withoutNewest = { ...state, blocks: state.blocks.filter(({ header }) => Number(header.number) !== 1) };
    expect(newestBlockIn(gzipSync(JSON.stringify(withoutNewest)))).to.equal(null);
    expect(newestBlockIn(gzipSync(JSON.stringify({ ...withoutNewest, best_block_number: 0 })))).to.equal(null);
  });

  /** Calls without pause until two saves have fallen into the middle of it. */
  async function savedUnderLoad(to: string): Promise<SavedBlock> {
    const wallet = sender.connect(node);
    let nonce = await wallet.getNonce();
    for (let saves = 0, saved = readSaved(chain.savedFile)!; saves < 2;) {
      const calls = Array.from({ length: 10 }, () => ({ to, nonce: nonce++, gasLimit: 3_000_000 }));
      await Promise.all(calls.map((call) => wallet.sendTransaction(call)));
      const { blockNumber } = saved;
      saved = readSaved(chain.savedFile)!;
      if (saved.blockNumber > blockNumber) saves++;
    }
    return readSaved(chain.savedFile)!;
  }

  async function minedCalls(to: string): Promise<number> {
    let calls = 0;
    for (let number = await node.getBlockNumber(); number > 0; number--) {
      const block = await node.getBlock(number, true);
      calls += block!.prefetchedTransactions.filter((transaction) => transaction.to === to).length;
    }
    return calls;
  }
});
