import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import type { Server } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { verifyQbftHeader } from "../../proof/src/finality/qbft.ts";
import type { QbftTrust } from "../../proof/src/finality/validators.ts";
import { runCommand } from "../../scripts/network/commands.ts";
import { runningPid } from "../../scripts/network/engine.ts";
import type { Network } from "../../scripts/network/network-folder.ts";
import { serve, SimulatedNetwork, validatorWith } from "./simulated-network.ts";

interface Ended {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

async function network(args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<Ended> {
  const [out, err]: [string[], string[]] = [[], []];
  const code = await runCommand(args, {
    env: { PATH: process.env["PATH"], ...env },
    print: (line) => out.push(line),
    complain: (line) => err.push(line),
    pause: async () => undefined,
  });
  return { code, out: out.join("\n"), err: err.join("\n") };
}

describe("npm run network", function () {
  const parent = mkdtempSync(join(tmpdir(), "quanlian-network-"));
  const folder = join(parent, "net");
  after(() => rmSync(parent, { recursive: true }));

  const file = (path: string) => readFileSync(join(folder, path), "utf8");
  const plan = () => JSON.parse(file("network.json")) as Network;
  const trust = () => JSON.parse(file("trust.json")) as QbftTrust;

  it("init says where things are, and no secret", async () => {
    const { code, out, err } = await network(["init", "--validators", "4", "--out", folder, "--port-offset", "26000"]);
    expect([code, err]).to.deep.equal([0, ""]);
    expect(out).to.contain("validator-4").and.contain("mode 0600");
    for (const { name } of plan().members) {
      expect(out).to.not.contain(file(`nodes/${name}/key`).slice(2));
    }
  });

  it("key makes a key for an institution, once", async () => {
    const made = await network(["key", "--out", join(parent, "own")]);
    expect(made.code).to.equal(0);
    const secret = readFileSync(join(parent, "own", "key"), "utf8");
    expect(made.out)
      .to.match(/0x[0-9a-f]{128}/)
      .and.not.contain(secret.slice(2));
    const again = await network(["key", "--out", join(parent, "own")]);
    expect([again.code, /never replaced/.test(again.err)]).to.deep.equal([1, true]);
    expect(readFileSync(join(parent, "own", "key"), "utf8")).to.equal(secret);
  });

  const wrong: [string[], number, RegExp][] = [
    [[], 64, /Usage/],
    [["dance"], 64, /Usage/],
    [["init"], 64, /--out is missing/],
    [["up"], 64, /--dir is missing/],
    [["up", "--dir", "nowhere"], 1, /no network\.json/],
    [["up", "--dir", folder, "--node", "nobody"], 1, /There is no node nobody/],
    [["init", "--out", folder], 1, /not empty/],
    [["init", "--out", join(parent, "x"), "--validators", "four"], 1, /no number/],
    [["init", "--surprise"], 64, /surprise/],
  ];
  for (const [args, code, message] of wrong) {
    it(`refuses "${args.slice(0, 2).join(" ").replace(parent, "…")}" in one sentence`, async () => {
      const ended = await network(args);
      expect(ended.code).to.equal(code);
      expect(ended.err)
        .to.match(message)
        .and.not.match(/\n\s+at /);
    });
  }

  it("up needs an engine that is there", async () => {
    const missing = await network(["up", "--dir", folder], { BESU_BIN: join(parent, "no-besu") });
    expect([missing.code, missing.err]).to.satisfy(
      ([code, err]: [number, string]) => code === 1 && /not there/.test(err),
    );
    const none = await network(["up", "--dir", folder], { PATH: "" });
    expect(none.code).to.equal(1);
    expect(none.err).to.match(/Set BESU_BIN .* or install Docker/);
  });

  describe("with nodes that answer", () => {
    const servers: Server[] = [];
    let chain: SimulatedNetwork;

    before(async () => {
      const initial = plan();
      const signers = initial.members.map((member) => validatorWith(file(`nodes/${member.name}/key`), member));
      chain = new SimulatedNetwork(signers, signers.slice(0, 4));
      const members = [];
      for (const member of initial.members) {
        const { port, server } = await serve(chain.ask(member.address));
        servers.push(server);
        members.push({ ...member, rpcPort: port });
      }
      writeFileSync(join(folder, "network.json"), JSON.stringify({ ...initial, members }));
    });
    after(() => servers.forEach((server) => server.close()));

    it("status judges their blocks by the seals", async () => {
      const { code, out } = await network(["status", "--dir", folder, "--json"]);
      expect(code).to.equal(0);
      expect(JSON.parse(out)).to.deep.include({ healthy: true, validators: { answering: 4, quorum: 3, total: 4 } });
      chain.down.add(plan().members[0]!.address);
      chain.down.add(plan().members[1]!.address);
      const halted = await network(["status", "--dir", folder]);
      expect([halted.code, /2 of 4 validators answer, 3 are needed: NOT healthy/.test(halted.out)]).to.deep.equal([
        1,
        true,
      ]);
      chain.down.clear();
    });

    it("add-validator and remove-validator change the set and keep the proof", async () => {
      const added = await network(["add-validator", "--dir", folder, "--node", "rpc-1"]);
      expect([added.err, added.code]).to.deep.equal(["", 0]);
      expect(trust().sets.map(({ validators }) => validators.length)).to.deep.equal([4, 5]);
      const removed = await network(["remove-validator", "--dir", folder, "--node", "rpc-1"]);
      expect([removed.err, removed.code]).to.deep.equal(["", 0]);
      const extended = trust();
      expect(extended.sets.map(({ validators }) => validators.length)).to.deep.equal([4, 5, 4]);
      const starts = extended.sets.slice(1).map(({ from }) => `${from}.json`);
      expect(readdirSync(join(folder, "changes"))).to.have.members(starts);
      for (const { raw } of chain.blocks) expect(verifyQbftHeader(raw, extended).ok).to.equal(true);
    });

    it("keeps a node's store when its role changes", () => {
      const member = plan().members.find(({ name }) => name === "rpc-1")!;
      expect([member.role, member.storage]).to.deep.equal(["observer", "FOREST"]);
      expect(file("nodes/rpc-1/config.toml")).to.contain('data-storage-format="FOREST"');
    });
  });

  describe("with a stand-in for the besu executable", () => {
    const standIn = join(parent, "besu");
    const env = { BESU_BIN: standIn };
    const home = () => join(folder, "nodes", "validator-1");

    before(() => {
      // Reads the port out of its own config file and answers every call, as long as it is not told to stop.
      const program = `#!${process.execPath}
const port = Number(/rpc-http-port=(\\d+)/.exec(require("fs").readFileSync("config.toml", "utf8"))[1]);
require("http").createServer((_, response) => response.end('{"result":"0x1"}')).listen(port, "127.0.0.1");`;
      writeFileSync(standIn, program, { mode: 0o755 });
    });

    it("up starts the node in its folder and down stops it, as often as asked", async () => {
      for (let round = 0; round < 2; round++) {
        const up = await network(["up", "--dir", folder, "--node", "validator-1"], env);
        expect([up.err, up.code]).to.deep.equal(["", 0]);
        const pid = runningPid(home());
        expect(pid).to.be.a("number");
        await network(["up", "--dir", folder, "--node", "validator-1"], env);
        expect(runningPid(home())).to.equal(pid);
        const down = await network(["down", "--dir", folder, "--node", "validator-1"], round === 0 ? env : {});
        expect([down.code, runningPid(home())]).to.deep.equal([0, null]);
      }
    });

    it("up does not take for the node what answers on its port already", async () => {
      await network(["up", "--dir", folder, "--node", "validator-1"], env);
      const pid = file("nodes/validator-1/besu.pid");
      rmSync(join(home(), "besu.pid"));
      const { code, err } = await network(["up", "--dir", folder, "--node", "validator-1"], env);
      writeFileSync(join(home(), "besu.pid"), pid);
      await network(["down", "--dir", folder, "--node", "validator-1"], env);
      const { rpcPort } = plan().members[0]!;
      expect([code, err]).to.deep.equal([
        1,
        `validator-1 was not started: something else answers at 127.0.0.1:${rpcPort}.`,
      ]);
    });

    it("down does not touch a stranger that has got the process id", async () => {
      writeFileSync(join(home(), "besu.pid"), String(process.pid));
      expect(runningPid(home())).to.equal(null);
      expect((await network(["down", "--dir", folder, "--node", "validator-1"], env)).code).to.equal(0);
    });

    it("up says when the node ends at once, and where its log is", async () => {
      writeFileSync(standIn, "#!/bin/sh\nexit 1\n");
      const { code, err } = await network(["up", "--dir", folder, "--node", "validator-1"], env);
      expect(code).to.equal(1);
      expect(err).to.match(/validator-1 ended; its log is .*besu\.log/);
    });
  });
});
