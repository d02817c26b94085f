import { expect } from "chai";
import { id, parseEther, type Signer, type TransactionRequest } from "ethers";
import { AccessManager__factory, AuditLedger__factory } from "../../backend/src/chain/contracts/index.ts";
import { deploy, type DeploymentOptions } from "../../scripts/deploy.ts";
import { ROLES } from "../../scripts/governance.ts";
import { deployLedger, ethers, networkHelpers, newSigner, startNetwork } from "./network.ts";

const governor = newSigner("governor").address;
const options: DeploymentOptions = {
  prefixBits: 16,
  vrfKey: id("VRF public key"),
  governance: {
    admin: governor,
    registrar: governor,
    sentinel: governor,
    guardian: governor,
    steward: governor,
    delays: { admin: 0, registrar: 0, steward: 0 },
  },
};

async function newDeployer(name: string) {
  const deployer = newSigner(name);
  await networkHelpers.setBalance(deployer.address, parseEther("10"));
  return deployer;
}

/** A signer whose process dies right after it has sent its nth transaction. */
function dyingAfter(sendings: number, signer: Signer): Signer {
  let left = sendings;
  const sendTransaction = async (request: TransactionRequest) => {
    if (left-- === 0) throw new Error("killed");
    return signer.sendTransaction(request);
  };
  return new Proxy(signer, {
    get: (target, name) =>
      name === "sendTransaction" ? sendTransaction : (Reflect.get(target, name, target) as unknown),
  });
}

const failure = (attempt: Promise<unknown>) => attempt.catch((error: unknown) => (error as Error).message);

describe("Deployment", () => {
  it("a second time changes nothing and gives the same addresses", async () => {
    const deployer = await newDeployer("twice");
    const first = await deploy(deployer, options);
    const nonce = await deployer.getNonce();
    expect(await deploy(deployer, options)).to.deep.equal(first);
    expect(await deployer.getNonce()).to.equal(nonce);
  });

  for (const sendings of [0, 1, 2, 3]) {
    it(`killed after ${sendings} of its 4 transactions goes on where it stopped`, async () => {
      const deployer = await newDeployer(`killed after ${sendings}`);
      expect(await failure(deploy(dyingAfter(sendings, deployer), options))).to.equal("killed");
      const { accessManager, ledger } = await deploy(deployer, options);
      expect(await AuditLedger__factory.connect(ledger, ethers.provider).prefixBits()).to.equal(16);
      const manager = AccessManager__factory.connect(accessManager, ethers.provider);
      expect(await manager.hasRole(ROLES.ADMIN, deployer.address)).to.deep.equal([false, 0n]);
      expect(await manager.hasRole(ROLES.ADMIN, governor)).to.deep.equal([true, 0n]);
      expect(await deployer.getNonce()).to.equal(4);
    });
  }

  it("tells the block in which the registry was created", async () => {
    const deployer = await newDeployer("block");
    const before = await ethers.provider.getBlockNumber();
    const { block, registry } = await deploy(deployer, options);
    expect(block).to.equal(before + 2);
    expect(await ethers.provider.getCode(registry, block - 1)).to.equal("0x");
  });

  it("does not let the deployer keep a role", async () => {
    const deployer = await newDeployer("greedy");
    const governance = { ...options.governance, guardian: deployer.address };
    expect(await failure(deploy(deployer, { ...options, governance }))).to.equal("The deployer cannot keep a role.");
  });

  it("takes prefixBits from 0 to 256", async () => {
    const { registry, ledger } = await startNetwork();
    for (const bits of [0, 256]) expect(await (await deployLedger(registry, bits)).prefixBits()).to.equal(bits);
    await expect(deployLedger(registry, 257))
      .to.be.revertedWithCustomError(ledger, "AuditLedgerPrefixBitsOutOfRange")
      .withArgs(257);
  });

  it("puts ledger and registry under the same AccessManager", async () => {
    const { registry, ledger, deployment } = await startNetwork();
    expect(await registry.authority()).to.equal(deployment.accessManager);
    expect(await ledger.authority()).to.equal(deployment.accessManager);
    expect(await ledger.registry()).to.equal(deployment.registry);
  });
});
