import { expect } from "chai";
import { id, parseEther, type Signer, type TransactionRequest } from "ethers";
import { AccessManager__factory, AuditLedger__factory } from "../../backend/src/chain/contracts/index.ts";
import { deploy, type DeploymentOptions } from "../../scripts/deploy.ts";
import quanlian from "../../ignition/modules/Quanlian.ts";
import { compile } from "../../scripts/solc.ts";
import { DEPLOYED, roleHolders, verifyDeployment, type Check } from "../../scripts/verify-deployment.ts";
import { ROLES } from "../../scripts/governance.ts";
import { deployLedger, ethers, ignition, networkHelpers, newSigner, startNetwork } from "./network.ts";

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

const build = compile(DEPLOYED);

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

  it("by Hardhat Ignition ends in the same byte code and the same governance", async () => {
    const [admin, registrar, sentinel, guardian, steward] = [
      "admin",
      "registrar",
      "sentinel",
      "guardian",
      "steward",
    ].map((name) => newSigner(name).address) as [string, string, string, string, string];
    const delays = { adminDelay: 3, registrarDelay: 2, stewardDelay: 5 };
    const { manager, registry, ledger } = await ignition.deploy(quanlian, {
      parameters: {
        Quanlian: { prefixBits: 20, vrfKey: id("VRF"), admin, registrar, sentinel, guardian, steward, ...delays },
      },
    });
    const [accessManager, ...rest] = await Promise.all([manager, registry, ledger].map((c) => c.getAddress()));
    const deployment = { accessManager: accessManager!, registry: rest[0]!, ledger: rest[1]! };
    const checks = await verifyDeployment(ethers.provider, deployment, build);
    expect(checks.filter(({ found, expected }) => found !== expected)).to.deep.equal([]);
    expect(await roleHolders(ethers.provider, deployment.accessManager)).to.have.members([
      `ADMIN ${admin}, delay 3 s`,
      `REGISTRAR ${registrar}, delay 2 s`,
      `SENTINEL ${sentinel}, delay 0 s`,
      `GUARDIAN ${guardian}, delay 0 s`,
      `STEWARD ${steward}, delay 5 s`,
    ]);
  });

  it("is compared with sources and governance, and every difference is named", async () => {
    const deployer = await newDeployer("compared");
    const deployment = await deploy(deployer, options);
    const names = (checks: Check[]) =>
      checks.filter(({ found, expected }) => found !== expected).map(({ what }) => what);
    expect(names(await verifyDeployment(ethers.provider, deployment, build))).to.deep.equal([]);
    const other = await deploy(await newDeployer("another"), options);
    expect(
      names(await verifyDeployment(ethers.provider, { ...deployment, registry: other.registry }, build)),
    ).to.include.members(["registry of the ledger", "authority of the registry", "role for register"]);
    const moved = await deployLedger(deployment.registry, 8);
    expect(
      names(await verifyDeployment(ethers.provider, { ...deployment, ledger: await moved.getAddress() }, build)),
    ).to.deep.equal(["role for retire"]);
  });

  it("puts ledger and registry under the same AccessManager", async () => {
    const { registry, ledger, deployment } = await startNetwork();
    expect(await registry.authority()).to.equal(deployment.accessManager);
    expect(await ledger.authority()).to.equal(deployment.accessManager);
    expect(await ledger.registry()).to.equal(deployment.registry);
  });
});
