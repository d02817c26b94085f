// Brings the contracts onto the embedded chain.
import { vrfPublicKey } from "@quanlian/proof";
import { computeAddress, JsonRpcProvider, Wallet } from "ethers";
import { deploy, type Deployment } from "../deploy.ts";
import type { RunningChain } from "../embedded/anvil.ts";
import type { Keys } from "./key-files.ts";

/** A county's volume: 256 buckets for each kind and year (docs/operations.md). */
const PREFIX_BITS = 8;

/** Deploys what is missing. The addresses follow from the deployer's key, so they outlive a chain that lost blocks. */
export async function deployContracts(chain: RunningChain, keys: Keys): Promise<Deployment> {
  const options = { staticNetwork: true, cacheTimeout: -1, pollingInterval: 20 };
  const provider = new JsonRpcProvider(chain.url, chain.chainId, options);
  try {
    const governor = computeAddress(keys.chain.governor);
    return await deploy(new Wallet(keys.chain.deployer, provider), {
      prefixBits: PREFIX_BITS,
      vrfKey: vrfPublicKey(Buffer.from(keys.platform.vrfSecret.slice(2), "hex")),
      governance: {
        admin: governor,
        registrar: governor,
        sentinel: governor,
        guardian: governor,
        steward: governor,
        delays: { admin: 0, registrar: 0, steward: 0 },
      },
    });
  } finally {
    provider.destroy();
  }
}
