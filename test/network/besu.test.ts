import { readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect } from "chai";
import { getBytes, toQuantity } from "ethers";
import type { Hex } from "../../proof/src/bytes.ts";
import { verifyQbftHeader } from "../../proof/src/finality/qbft.ts";
import { readTrust } from "../../scripts/network/network-folder.ts";
import { BesuNetwork, skipWithoutBesu } from "./besu-network.ts";

const MINUTE = 60_000;

describe("Four Besu validators on loopback", function () {
  this.timeout(10 * MINUTE);
  let network: BesuNetwork;
  const stops: (() => Promise<void>)[] = [];

  before(async function () {
    skipWithoutBesu(this);
    network = await BesuNetwork.start("--port-offset", "20000");
    stops.push(() => network.stop());
  });
  after(async () => {
    for (const stop of stops) await stop();
  });

  it("start from our files, make blocks, and are judged healthy by their seals", async () => {
    await network.advances(3);
    await network.run("status");
    const genesis = await network.ask(0)<{ hash: Hex }>("eth_getBlockByNumber", ["0x0", false]);
    expect((await readTrust(network.folder)).pins).to.deep.equal([{ number: 0, hash: genesis.hash }]);
  });

  it("go on without one, halt without two, and go on after both are back", async () => {
    network.kill(3);
    await network.advances(3);
    network.kill(2);
    await sleep(2_000);
    const halted = await network.height();
    await sleep(15_000);
    expect(await network.height()).to.equal(halted);
    await network.run("down");
    await network.run("up");
    await network.advances(3);
  });

  it("vote a node in and out, with proofs under which all blocks verify", async () => {
    await network.run("add-validator", "--node", "rpc-1");
    await network.run("remove-validator", "--node", "rpc-1");
    const trust = await readTrust(network.folder);
    expect(trust.sets.map((set) => set.validators.length)).to.deep.equal([4, 5, 4]);
    const ask = network.ask(0);
    for (let block = await network.height(); block > 0; block--) {
      const raw = await ask<Hex>("debug_getRawHeader", [toQuantity(block)]);
      expect(verifyQbftHeader(getBytes(raw), trust).ok, `block ${block}`).to.equal(true);
    }
  });

  it("keep their keys to themselves", () => {
    for (const place of network.validators.keys()) {
      const secret = readFileSync(join(network.home(place), "key"), "utf8").slice(2);
      expect(readFileSync(join(network.home(place), "besu.log"), "utf8")).to.not.contain(secret);
    }
  });
});
