import { JsonRpcProvider, Wallet } from "ethers";
import { departmentBytes } from "../../backend/src/chain/batch-signing.ts";
import { DepartmentRegistry__factory } from "../../backend/src/chain/contracts/index.ts";
import type { World } from "./harness.ts";

/** Gives a department another signer in the registry, behind the service's back. @param registrar a private key */
export async function rotateSigner(world: World, registrar: string, department: string, signer: string): Promise<void> {
  const provider = new JsonRpcProvider(world.chain.url, world.chain.chainId, {
    staticNetwork: true,
    pollingInterval: 20,
    cacheTimeout: -1,
  });
  try {
    const registry = DepartmentRegistry__factory.connect(world.deployment.registry, new Wallet(registrar, provider));
    await (await registry.rotateSigner(departmentBytes(department), signer)).wait();
  } finally {
    provider.destroy();
  }
}
