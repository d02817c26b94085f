import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect } from "chai";
import { id, toBeHex, Wallet } from "ethers";
import { hardhat, openWorkshop } from "../../scripts/contract-workshop.ts";
import type { DeploymentFile } from "../../scripts/deployment-file.ts";
import { rpcOver, type Rpc } from "../../scripts/embedded/anvil-rpc.ts";
import { startAnvil, type RunningChain } from "../../scripts/embedded/anvil.ts";

const PARAMETERS = {
  prefixBits: 8,
  vrfKey: id("VRF public key"),
  ...Object.fromEntries(
    ["admin", "registrar", "sentinel", "guardian", "steward"].map((name) => [name, new Wallet(id(name)).address]),
  ),
  ...{ adminDelay: 259_200, registrarDelay: 86_400, stewardDelay: 604_800 },
};

describe("Deployment to a real node by Hardhat Ignition", function () {
  this.timeout(600_000);
  let workshop: string;
  let chainFolder: string;
  let chain: RunningChain;
  let rpc: Rpc;
  before(async () => {
    workshop = openWorkshop();
    expect(hardhat(workshop, ["build"]), "hardhat build").to.equal(true);
    writeFileSync(join(workshop, "parameters.json"), JSON.stringify({ Quanlian: PARAMETERS }));
    chainFolder = mkdtempSync(join(tmpdir(), "quanlian-deployment-"));
    chain = await startAnvil(chainFolder);
    rpc = rpcOver(chain.url);
  });
  after(async () => {
    await chain.stop();
    for (const folder of [workshop, chainFolder]) rmSync(folder, { recursive: true });
  });

  function start(script: string, ...args: string[]): ChildProcess {
    return spawn(process.execPath, [`scripts/${script}`, ...args], {
      cwd: workshop,
      stdio: ["ignore", "pipe", "pipe"],
      env: { ...process.env, CI: "true", DEPLOY_RPC_URL: chain.url, DEPLOYER_KEY: id("deployer") },
    });
  }

  async function run(script: string, ...args: string[]): Promise<{ code: number | null; output: string }> {
    const child = start(script, ...args);
    let output = "";
    for (const stream of [child.stdout!, child.stderr!]) {
      stream.setEncoding("utf8").on("data", (chunk: string) => (output += chunk));
    }
    const [code] = (await once(child, "close")) as [number | null];
    return { code, output };
  }

  const deploy = (name: string, ...options: string[]) =>
    ["deploy-network.ts", name, "--parameters", "parameters.json", ...options] as const;

  const deploymentOf = (name: string) =>
    JSON.parse(readFileSync(join(workshop, "contracts/deployments", `${name}.json`), "utf8")) as DeploymentFile;

  /** Kills the deployment once its first transaction is sent and journalled, while no block takes it in. */
  async function killAfterFirstSending(name: string): Promise<void> {
    await rpc("evm_setAutomine", [false]);
    const child = start(...deploy(name));
    const journal = join(workshop, "ignition/deployments", name, "journal.jsonl");
    while (!(existsSync(journal) && readFileSync(journal, "utf8").includes('"TRANSACTION_SEND"'))) {
      expect(child.exitCode, "ended by itself").to.equal(null);
      await sleep(50);
    }
    child.kill("SIGKILL");
    await once(child, "close");
    await rpc("evm_setAutomine", [true]);
    await rpc("evm_mine", []);
  }

  it("goes on where it was killed, and stands up to verify:deployment", async () => {
    await killAfterFirstSending("killed");
    const deployed = await run(...deploy("killed"));
    expect(deployed.code, deployed.output).to.equal(0);
    const deployment = deploymentOf("killed");
    expect(deployment).to.include({ chainId: chain.chainId });
    expect(await rpc("eth_getCode", [deployment.registry, toBeHex(deployment.block - 1)]).catch(() => "0x")).to.equal(
      "0x",
    );
    expect(await rpc("eth_getTransactionCount", [new Wallet(id("deployer")).address, "latest"])).to.equal("0xf");

    const verified = await run("verify-deployment.ts", "killed", "--rpc", chain.url);
    expect(verified.code, verified.output).to.equal(0);
    expect(verified.output).to.include("the same  sources").and.not.include("DIFFERS");
  });
});
