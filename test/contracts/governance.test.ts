import { expect } from "chai";
import { id, type Signer } from "ethers";
import { ROLES } from "../../scripts/governance.ts";
import {
  ALL_KINDS,
  department,
  ethers,
  HOUSING,
  networkHelpers,
  newSigner,
  signerKey,
  startNetwork,
} from "./network.ts";

const DAY = 86_400;
const PLANNING = department("11110000MA0FICT04D");

async function network() {
  const net = await startNetwork();
  const registration = net.registry.interface.encodeFunctionData("register", [
    PLANNING,
    ALL_KINDS,
    newSigner("planning").address,
  ]);
  return { ...net, registration, address: await net.registry.getAddress() };
}

type Net = Awaited<ReturnType<typeof network>>;

describe("Governance", () => {
  let net: Net;
  beforeEach(async () => {
    net = await networkHelpers.loadFixture(network);
  });

  /** Every restricted function, called straight away. */
  const operations = (net: Net, as: Signer): Record<string, () => Promise<unknown>> => {
    const registry = net.registry.connect(as);
    const key = signerKey(net.housing.address);
    return {
      register: () => registry.register(PLANNING, ALL_KINDS, newSigner("planning").address),
      setCapabilities: () => registry.setCapabilities(HOUSING, ALL_KINDS),
      suspend: () => registry.suspend(HOUSING),
      resume: () => registry.resume(HOUSING),
      rotateSigner: () => registry.rotateSigner(HOUSING, newSigner("next").address),
      addStatementKey: () => registry.addStatementKey(HOUSING, id("key")),
      revokeKey: () => registry.revokeKey(HOUSING, key, 1),
      setVrfKey: () => registry.setVrfKey(id("key"), 2100),
      retire: () => net.ledger.connect(as).retire(net.people.stranger.address, id("checkpoint")),
    };
  };

  for (const who of ["deployer", "admin", "guardian", "stranger"] as const) {
    it(`lets the ${who} change nothing`, async () => {
      for (const [name, operation] of Object.entries(operations(net, net.people[who]))) {
        await expect(operation(), name).to.be.revertedWithCustomError(net.registry, "AccessManagedUnauthorized");
      }
    });
  }

  it("lets the sentinel stop a department or a key at once, and give nothing back", async () => {
    const { suspend, revokeKey, ...others } = operations(net, net.people.sentinel);
    for (const [name, operation] of Object.entries(others)) {
      await expect(operation(), name).to.be.revertedWithCustomError(net.registry, "AccessManagedUnauthorized");
    }
    await suspend!();
    await revokeKey!();
  });

  for (const who of ["registrar", "steward"] as const) {
    it(`lets the ${who} do nothing at once`, async () => {
      for (const [name, operation] of Object.entries(operations(net, net.people[who]))) {
        await expect(operation(), name).to.be.revert(ethers);
      }
    });
  }

  it("leaves the deployer no role, and no way back to one", async () => {
    const { manager, people, address } = net;
    for (const role of Object.values(ROLES)) {
      expect((await manager.hasRole(role, people.deployer.address))[0]).to.equal(false);
    }
    const asDeployer = manager.connect(people.deployer);
    const attempts = [
      () => asDeployer.grantRole(ROLES.ADMIN, people.deployer.address, 0),
      () => asDeployer.setTargetFunctionRole(address, ["0x00000000"], ROLES.GUARDIAN),
      () => asDeployer.updateAuthority(address, people.deployer.address),
      () => asDeployer.schedule(address, net.registration, 0),
      () => asDeployer.execute(address, net.registration),
      () => asDeployer.setTargetClosed(address, true),
    ];
    for (const attempt of attempts) await expect(attempt()).to.be.revert(ethers);
  });

  it("makes the registrar wait his day", async () => {
    const { manager, people, address, registration, registry } = net;
    const asRegistrar = manager.connect(people.registrar);
    await asRegistrar.schedule(address, registration, 0);
    await networkHelpers.time.increase(DAY - 10);
    await expect(asRegistrar.execute(address, registration)).to.be.revertedWithCustomError(
      manager,
      "AccessManagerNotReady",
    );
    await networkHelpers.time.increase(10);
    await asRegistrar.execute(address, registration);
    expect((await registry.historyOf(PLANNING)).length).to.equal(1);
  });

  it("lets what was scheduled expire after a week", async () => {
    const { manager, people, address, registration } = net;
    await manager.connect(people.registrar).schedule(address, registration, 0);
    await networkHelpers.time.increase(9 * DAY);
    await expect(manager.connect(people.registrar).execute(address, registration)).to.be.revertedWithCustomError(
      manager,
      "AccessManagerExpired",
    );
  });

  it("lets the guardian cancel what the registrar has scheduled", async () => {
    const { manager, people, address, registration } = net;
    await manager.connect(people.registrar).schedule(address, registration, 0);
    await manager.connect(people.guardian).cancel(people.registrar.address, address, registration);
    await networkHelpers.time.increase(DAY);
    await expect(manager.connect(people.registrar).execute(address, registration)).to.be.revertedWithCustomError(
      manager,
      "AccessManagerNotScheduled",
    );
  });

  it("lets the guardian cancel the retirement of the ledger", async () => {
    const { manager, people, ledger } = net;
    const target = await ledger.getAddress();
    const retirement = ledger.interface.encodeFunctionData("retire", [people.stranger.address, id("checkpoint")]);
    await manager.connect(people.steward).schedule(target, retirement, 0);
    await manager.connect(people.guardian).cancel(people.steward.address, target, retirement);
    await networkHelpers.time.increase(7 * DAY);
    await expect(manager.connect(people.steward).execute(target, retirement)).to.be.revertedWithCustomError(
      manager,
      "AccessManagerNotScheduled",
    );
    expect(await ledger.retiredFor()).to.equal(`0x${"00".repeat(20)}`);
  });

  it("lets nobody else cancel it", async () => {
    const { manager, people, address, registration } = net;
    await manager.connect(people.registrar).schedule(address, registration, 0);
    for (const who of ["sentinel", "steward", "stranger", "deployer"] as const) {
      await expect(
        manager.connect(people[who]).cancel(people.registrar.address, address, registration),
      ).to.be.revertedWithCustomError(manager, "AccessManagerUnauthorizedCancel");
    }
  });

  it("does not let the guardian cancel what the admin has scheduled: AccessManager locks that role", async () => {
    const { manager, people } = net;
    const grant = manager.interface.encodeFunctionData("grantRole", [ROLES.REGISTRAR, people.stranger.address, DAY]);
    const target = await manager.getAddress();
    await manager.connect(people.admin).schedule(target, grant, 0);
    await expect(
      manager.connect(people.guardian).cancel(people.admin.address, target, grant),
    ).to.be.revertedWithCustomError(manager, "AccessManagerUnauthorizedCancel");
    await manager.connect(people.admin).cancel(people.admin.address, target, grant);
  });

  it("lets the admin replace the registrar after two days, not before", async () => {
    const { manager, people } = net;
    const asAdmin = manager.connect(people.admin);
    const grant = manager.interface.encodeFunctionData("grantRole", [ROLES.REGISTRAR, people.stranger.address, DAY]);
    const target = await manager.getAddress();
    await expect(asAdmin.grantRole(ROLES.REGISTRAR, people.stranger.address, DAY)).to.be.revertedWithCustomError(
      manager,
      "AccessManagerNotScheduled",
    );
    await asAdmin.schedule(target, grant, 0);
    await networkHelpers.time.increase(2 * DAY);
    await asAdmin.execute(target, grant);
    expect((await manager.hasRole(ROLES.REGISTRAR, people.stranger.address))[0]).to.equal(true);
  });
});
