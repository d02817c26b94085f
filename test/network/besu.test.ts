import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect } from "chai";
import { getBytes, toQuantity } from "ethers";
import type { Hex } from "../../proof/src/bytes.ts";
import { verifyQbftHeader } from "../../proof/src/finality/qbft.ts";
import { runCommand } from "../../scripts/network/commands.ts";
import { runningPid } from "../../scripts/network/engine.ts";
import type { Member } from "../../scripts/network/member.ts";
import { nodeFolder, readNetwork, readTrust } from "../../scripts/network/network-folder.ts";
import { askNode } from "../../scripts/network/rpc.ts";

const MINUTE = 60_000;

/** Besu comes from its release archive, not from a package registry: where it is missing these tests say so. */
describe("Four Besu validators on loopback", function () {
  this.timeout(10 * MINUTE);
  const parent = mkdtempSync(join(tmpdir(), "quanlian-besu-"));
  const folder = join(parent, "net");
  let validators: Member[] = [];

  before(async function () {
    if (!process.env["BESU_BIN"]) {
      console.log("    skipped: BESU_BIN is not set to a besu executable");
      return this.skip();
    }
    await network("init", "--out", folder, "--port-offset", "20000");
    await network("up", "--dir", folder);
    validators = (await readNetwork(folder)).members.filter(({ role }) => role === "validator");
  });

  after(async () => {
    if (validators.length > 0) await network("down", "--dir", folder);
    rmSync(parent, { recursive: true, force: true });
  });

  async function network(...args: string[]): Promise<void> {
    const said: string[] = [];
    const hear = (line: string) => said.push(line);
    const code = await runCommand(args, { env: process.env, print: hear, complain: hear, pause: sleep });
    expect(code, said.join("\n")).to.equal(0);
  }

  async function height(member: Member): Promise<number> {
    return Number(await askNode(member)<Hex>("eth_blockNumber"));
  }

  /** Waits until the node is so many blocks further. */
  async function advances(member: Member, blocks: number): Promise<void> {
    const goal = (await height(member)) + blocks;
    while ((await height(member)) < goal) await sleep(500);
  }

  function kill(member: Member): void {
    process.kill(runningPid(nodeFolder(folder, member.name))!, "SIGKILL");
  }

  it("start from our files, make blocks, and are judged healthy by their seals", async () => {
    await advances(validators[0]!, 3);
    await network("status", "--dir", folder);
    const genesis = await askNode(validators[0]!)<{ hash: Hex }>("eth_getBlockByNumber", ["0x0", false]);
    expect((await readTrust(folder)).pins).to.deep.equal([{ number: 0, hash: genesis.hash }]);
  });

  it("go on without one, halt without two, and go on after both are back", async () => {
    const [first, , third, fourth] = validators as [Member, Member, Member, Member];
    kill(fourth);
    await advances(first, 3);
    kill(third);
    await sleep(2_000);
    const halted = await height(first);
    await sleep(15_000);
    expect(await height(first)).to.equal(halted);
    await network("down", "--dir", folder);
    await network("up", "--dir", folder);
    await advances(first, 3);
  });

  it("vote a node in and out, with proofs under which all blocks verify", async () => {
    await network("add-validator", "--dir", folder, "--node", "rpc-1");
    await network("remove-validator", "--dir", folder, "--node", "rpc-1");
    const trust = await readTrust(folder);
    expect(trust.sets.map((set) => set.validators.length)).to.deep.equal([4, 5, 4]);
    const ask = askNode(validators[0]!);
    for (let block = await height(validators[0]!); block > 0; block--) {
      const raw = await ask<Hex>("debug_getRawHeader", [toQuantity(block)]);
      expect(verifyQbftHeader(getBytes(raw), trust).ok, `block ${block}`).to.equal(true);
    }
  });

  it("keep their keys to themselves", () => {
    for (const { name } of validators) {
      const home = nodeFolder(folder, name);
      const secret = readFileSync(join(home, "key"), "utf8").slice(2);
      expect(readFileSync(join(home, "besu.log"), "utf8")).to.not.contain(secret);
    }
  });
});
