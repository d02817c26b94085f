// DEPLOY_RPC_URL=… DEPLOYER_KEY=0x… node scripts/deploy-network.ts NAME [--parameters FILE] [--create2]
// Deploys with Hardhat Ignition to a real network and writes contracts/deployments/NAME.json. A run that was broken off
// is gone on with by the same command. Parameters: ignition/parameters/NAME.json, as in example.json there. With
// --create2 the addresses follow from byte code and parameters alone, where the network has, or lets one deploy, CreateX.
import { parseArgs } from "node:util";
import { id } from "ethers";
import { network as hardhat } from "hardhat";
import { solc } from "../hardhat.config.ts";
import quanlian from "../ignition/modules/Quanlian.ts";
import { creationBlock } from "./deploy.ts";
import { writeDeployment } from "./deployment-file.ts";
import { compile } from "./solc.ts";
import { DEPLOYED } from "./verify-deployment.ts";

async function main(): Promise<void> {
  const { positionals, values } = parseArgs({
    allowPositionals: true,
    options: { parameters: { type: "string" }, create2: { type: "boolean", default: false } },
  });
  const [name] = positionals;
  if (!name) throw new Error("Which network? node scripts/deploy-network.ts NAME");
  const { ethers, ignition } = await hardhat.create("rpc");
  const { manager, registry, ledger } = await ignition.deploy(quanlian, {
    parameters: values.parameters ?? `ignition/parameters/${name}.json`,
    deploymentId: name,
    ...(values.create2 ? { strategy: "create2", strategyConfig: { salt: id("quanlian") } } : { strategy: "basic" }),
    displayUi: true,
  });
  const genesis = await ethers.provider.getBlock(0);
  const path = await writeDeployment(name, {
    chainId: Number((await ethers.provider.getNetwork()).chainId),
    genesisHash: genesis!.hash!,
    accessManager: await manager.getAddress(),
    registry: await registry.getAddress(),
    ledger: await ledger.getAddress(),
    block: await creationBlock(ethers.provider, await registry.getAddress()),
    compiler: { version: solc.version, inputHash: compile(DEPLOYED).inputHash },
  });
  console.log(`Written: ${path}. Check it: npm run verify:deployment -- ${name} --rpc URL`);
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
