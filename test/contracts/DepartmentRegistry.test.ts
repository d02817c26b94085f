import { expect } from "chai";
import { id, ZeroAddress } from "ethers";
import {
  ALL_KINDS,
  capabilities,
  COURT,
  department,
  fields,
  HOUSING,
  KIND,
  networkHelpers,
  newSigner,
  REVIEW,
  signerKey,
  startNetwork,
  ZERO_HASH,
} from "./network.ts";

const DAY = 86_400;
const KEY = id("statement key");

async function network() {
  const net = await startNetwork();
  const { registry, govern, people } = net;
  const call = registry.interface.encodeFunctionData.bind(registry.interface);
  /** Calls as the registrar, after his delay. */
  const registrar = (...calls: string[]) => govern(people.registrar, registry, ...calls);
  const now = async () => BigInt(await networkHelpers.time.latest());
  return { ...net, call, registrar, now, sentinel: registry.connect(people.sentinel) };
}

async function withStatementKey() {
  const net = await network();
  await net.registrar(net.call("addStatementKey", [HOUSING, KEY]));
  const added = await net.now();
  await networkHelpers.time.increase(30 * DAY);
  return { ...net, added };
}

describe("DepartmentRegistry", () => {
  describe("register", () => {
    it("enters a department with its capabilities and its signer, once", async () => {
      const { registry, registrar, call, now } = await networkHelpers.loadFixture(network);
      const code = department("11110000MA0FICT04D");
      const { address } = newSigner("planning");
      const receipt = registrar(call("register", [code, ALL_KINDS, address]));
      await expect(receipt).to.emit(registry, "DepartmentRegistered").withArgs(code);
      await expect(receipt).to.emit(registry, "CapabilitiesSet").withArgs(code, ALL_KINDS);
      await expect(receipt).to.emit(registry, "SignerRotated").withArgs(code, ZeroAddress, address);
      expect((await registry.historyOf(code)).map(fields)).to.deep.equal([
        { since: await now(), capabilities: BigInt(ALL_KINDS), suspended: false, signer: address },
      ]);
      await expect(registrar(call("register", [code, ALL_KINDS, newSigner("again").address])))
        .to.be.revertedWithCustomError(registry, "DepartmentRegistryAlreadyRegistered")
        .withArgs(code);
    });

    for (const code of [
      "11110000ma0fict04d",
      "11110000MA0FICT04d",
      "11110000-A0FICT04D",
      "11110000MA0FICT0 D",
      "-1110000MA0FICT04D",
    ]) {
      it(`refuses the code ${code}`, async () => {
        const { registry, registrar, call } = await networkHelpers.loadFixture(network);
        await expect(registrar(call("register", [department(code), ALL_KINDS, newSigner("x").address])))
          .to.be.revertedWithCustomError(registry, "DepartmentRegistryInvalidDepartment")
          .withArgs(department(code));
      });
    }

    it("takes every digit and capital letter", async () => {
      const { registry, registrar, call } = await networkHelpers.loadFixture(network);
      for (const [i, code] of ["0123456789ABCDEFGH", "IJKLMNOPQRSTUVWXYZ"].entries()) {
        await registrar(call("register", [department(code), ALL_KINDS, newSigner(`signer ${i}`).address]));
        expect(await registry.historyOf(department(code))).to.have.length(1);
      }
    });

    it("refuses capabilities that mean nothing", async () => {
      const { registry, registrar, call } = await networkHelpers.loadFixture(network);
      await expect(registrar(call("register", [department("11110000MA0FICT04D"), 1, newSigner("x").address])))
        .to.be.revertedWithCustomError(registry, "DepartmentRegistryUnknownCapabilities")
        .withArgs(1);
    });

    it("refuses a code that is too short: it would end in zero bytes", async () => {
      const { registry, registrar, call } = await networkHelpers.loadFixture(network);
      const short = `${department("11110000MA0FICT04")}00`;
      await expect(
        registrar(call("register", [short, ALL_KINDS, newSigner("x").address])),
      ).to.be.revertedWithCustomError(registry, "DepartmentRegistryInvalidDepartment");
    });

    it("refuses a department without a signer", async () => {
      const { registry, registrar, call } = await networkHelpers.loadFixture(network);
      await expect(registrar(call("register", [department("11110000MA0FICT04D"), ALL_KINDS, ZeroAddress])))
        .to.be.revertedWithCustomError(registry, "DepartmentRegistryInvalidSigner")
        .withArgs(ZeroAddress);
    });
  });

  describe("capabilities", () => {
    it("are replaced from now on; the past keeps what held then", async () => {
      const { registry, registrar, call, now, housing } = await networkHelpers.loadFixture(network);
      const before = await now();
      await registrar(call("setCapabilities", [HOUSING, capabilities(KIND.CREDIT)]));
      const key = signerKey(housing.address);
      expect(await registry.wasAuthorised(HOUSING, KIND.APPROVAL, key, before)).to.equal(true);
      expect(await registry.wasAuthorised(HOUSING, KIND.APPROVAL, key, await now())).to.equal(false);
      expect(await registry.wasAuthorised(HOUSING, KIND.CREDIT, key, await now())).to.equal(true);
    });

    it("can be asked for REVIEW like for a kind", async () => {
      const { registry, court, housing, now } = await networkHelpers.loadFixture(network);
      expect(await registry.wasAuthorised(COURT, REVIEW, signerKey(court.address), await now())).to.equal(true);
      expect(await registry.wasAuthorised(HOUSING, REVIEW, signerKey(housing.address), await now())).to.equal(false);
    });

    it("are those of no time before registration, and of no time to come", async () => {
      const { registry, housing, now } = await networkHelpers.loadFixture(network);
      const good = (time: bigint) => registry.wasAuthorised(HOUSING, KIND.APPROVAL, signerKey(housing.address), time);
      const [first] = await registry.historyOf(HOUSING);
      expect(await good(first!.since)).to.equal(true);
      expect(await good(first!.since - 1n)).to.equal(false);
      expect(await good((await now()) + BigInt(DAY))).to.equal(false);
    });

    for (const unknown of [1, 1 << 6, 1 << 14]) {
      it(`refuse the bit ${unknown.toString(2)}, which means nothing`, async () => {
        const { registry, registrar, call } = await networkHelpers.loadFixture(network);
        await expect(registrar(call("setCapabilities", [HOUSING, ALL_KINDS | unknown])))
          .to.be.revertedWithCustomError(registry, "DepartmentRegistryUnknownCapabilities")
          .withArgs(ALL_KINDS | unknown);
      });
    }
  });

  describe("suspension", () => {
    it("holds from suspend to resume, and is remembered", async () => {
      const { registry, sentinel, registrar, call, now, housing } = await networkHelpers.loadFixture(network);
      const before = await now();
      await expect(sentinel.suspend(HOUSING)).to.emit(registry, "DepartmentSuspended").withArgs(HOUSING);
      const suspended = await now();
      await expect(registrar(call("resume", [HOUSING])))
        .to.emit(registry, "DepartmentResumed")
        .withArgs(HOUSING);
      const key = signerKey(housing.address);
      const good = (time: bigint) => registry.wasAuthorised(HOUSING, KIND.APPROVAL, key, time);
      expect(await good(before)).to.equal(true);
      expect(await good(suspended)).to.equal(false);
      expect(await good((await now()) - 1n)).to.equal(false);
      expect(await good(await now())).to.equal(true);
    });

    it("happens once, and ends once", async () => {
      const { registry, sentinel, registrar, call } = await networkHelpers.loadFixture(network);
      await expect(registrar(call("resume", [HOUSING])))
        .to.be.revertedWithCustomError(registry, "DepartmentRegistryNotSuspended")
        .withArgs(HOUSING);
      await sentinel.suspend(HOUSING);
      await expect(sentinel.suspend(HOUSING))
        .to.be.revertedWithCustomError(registry, "DepartmentRegistrySuspended")
        .withArgs(HOUSING);
    });
  });

  describe("signer", () => {
    it("is replaced; the previous one was good until then", async () => {
      const { registry, registrar, call, now, housing } = await networkHelpers.loadFixture(network);
      const next = newSigner("housing's next");
      const before = await now();
      await expect(registrar(call("rotateSigner", [HOUSING, next.address])))
        .to.emit(registry, "SignerRotated")
        .withArgs(HOUSING, housing.address, next.address);
      const good = async (address: string, time: bigint) =>
        registry.wasAuthorised(HOUSING, KIND.APPROVAL, signerKey(address), time);
      expect(await registry.authorisedSigner(HOUSING, KIND.APPROVAL)).to.equal(next.address);
      expect(await good(housing.address, before)).to.equal(true);
      expect(await good(housing.address, await now())).to.equal(false);
      expect(await good(next.address, (await now()) - 1n)).to.equal(false);
      expect(await good(next.address, await now())).to.equal(true);
    });

    it("never returns", async () => {
      const { registry, registrar, call, housing } = await networkHelpers.loadFixture(network);
      await registrar(call("rotateSigner", [HOUSING, newSigner("housing's next").address]));
      await expect(registrar(call("rotateSigner", [HOUSING, housing.address])))
        .to.be.revertedWithCustomError(registry, "DepartmentRegistryKeyUsedBefore")
        .withArgs(HOUSING, signerKey(housing.address));
    });

    it("cannot be nobody", async () => {
      const { registry, registrar, call } = await networkHelpers.loadFixture(network);
      await expect(registrar(call("rotateSigner", [HOUSING, ZeroAddress]))).to.be.revertedWithCustomError(
        registry,
        "DepartmentRegistryInvalidSigner",
      );
    });

    it("once revoked leaves the department mute until a new one is appointed", async () => {
      const { registry, sentinel, registrar, call, now, housing } = await networkHelpers.loadFixture(network);
      const stolen = (await now()) - 10n;
      await sentinel.revokeKey(HOUSING, signerKey(housing.address), stolen);
      await expect(registry.authorisedSigner(HOUSING, KIND.APPROVAL))
        .to.be.revertedWithCustomError(registry, "DepartmentRegistryNoSigner")
        .withArgs(HOUSING);
      const next = newSigner("housing's next");
      await expect(registrar(call("rotateSigner", [HOUSING, next.address])))
        .to.emit(registry, "SignerRotated")
        .withArgs(HOUSING, ZeroAddress, next.address);
      const { until } = await registry.keyOf(HOUSING, signerKey(housing.address));
      expect(until, "appointing another one does not move the revocation").to.equal(stolen);
      expect(await registry.keyOf(HOUSING, ZERO_HASH), "nobody's key is no key").to.deep.equal([0n, 0n, 0n]);
    });
  });

  describe("statement keys", () => {
    it("are good from their registration on, several at a time", async () => {
      const { registry, registrar, call, added, now } = await networkHelpers.loadFixture(withStatementKey);
      const second = id("second key");
      await expect(registrar(call("addStatementKey", [HOUSING, second])))
        .to.emit(registry, "StatementKeyAdded")
        .withArgs(HOUSING, second);
      const good = (key: string, time: bigint) => registry.wasAuthorised(HOUSING, KIND.CREDIT, key, time);
      expect(await good(KEY, added - 1n)).to.equal(false);
      expect(await good(KEY, added)).to.equal(true);
      expect(await good(KEY, await now())).to.equal(true);
      expect(await good(second, await now())).to.equal(true);
      expect(await registry.wasAuthorised(COURT, KIND.CREDIT, KEY, await now())).to.equal(false);
    });

    it("are refused where they could be taken for a signer's address", async () => {
      const { registry, registrar, call, housing } = await networkHelpers.loadFixture(network);
      for (const thumbprint of [signerKey(housing.address), ZERO_HASH, signerKey(`0x${"ff".repeat(20)}`)]) {
        await expect(registrar(call("addStatementKey", [HOUSING, thumbprint])))
          .to.be.revertedWithCustomError(registry, "DepartmentRegistryInvalidThumbprint")
          .withArgs(thumbprint);
      }
    });

    it("are taken where they miss looking like an address by one", async () => {
      const { registry, registrar, call } = await networkHelpers.loadFixture(network);
      const thumbprint = `0x${"00".repeat(11)}01${"00".repeat(20)}`;
      await registrar(call("addStatementKey", [HOUSING, thumbprint]));
      expect((await registry.keyOf(HOUSING, thumbprint)).from).not.to.equal(0);
    });

    it("are not registered for an unknown department", async () => {
      const { registry, registrar, call } = await networkHelpers.loadFixture(network);
      const unknown = department("11110000MA0FICT09Z");
      await expect(registrar(call("addStatementKey", [unknown, KEY])))
        .to.be.revertedWithCustomError(registry, "DepartmentRegistryUnknownDepartment")
        .withArgs(unknown);
    });

    it("once stolen are bad since a past moment, and what was believed before is kept", async () => {
      const { registry, sentinel, added, now } = await networkHelpers.loadFixture(withStatementKey);
      const stolen = added + BigInt(10 * DAY);
      await expect(sentinel.revokeKey(HOUSING, KEY, stolen))
        .to.emit(registry, "KeyRevoked")
        .withArgs(HOUSING, KEY, stolen);
      expect(await registry.wasAuthorised(HOUSING, KIND.CREDIT, KEY, stolen - 1n)).to.equal(true);
      expect(await registry.wasAuthorised(HOUSING, KIND.CREDIT, KEY, stolen)).to.equal(false);
      expect(fields(await registry.keyOf(HOUSING, KEY))).to.deep.equal({
        from: added,
        until: stolen,
        closedAt: await now(),
      });
    });

    it("can turn out to have been stolen earlier, never later", async () => {
      const { registry, sentinel, added } = await networkHelpers.loadFixture(withStatementKey);
      await sentinel.revokeKey(HOUSING, KEY, added + 10n);
      for (const since of [added + 10n, added + 11n]) {
        await expect(sentinel.revokeKey(HOUSING, KEY, since))
          .to.be.revertedWithCustomError(registry, "DepartmentRegistryRevokedEarlier")
          .withArgs(HOUSING, KEY, added + 10n);
      }
      await sentinel.revokeKey(HOUSING, KEY, added + 9n);
      expect((await registry.keyOf(HOUSING, KEY)).until).to.equal(added + 9n);
    });

    it("stolen before they were registered were never good", async () => {
      const { registry, sentinel, added } = await networkHelpers.loadFixture(withStatementKey);
      await sentinel.revokeKey(HOUSING, KEY, 1);
      expect(await registry.wasAuthorised(HOUSING, KIND.CREDIT, KEY, added)).to.equal(false);
    });

    it("are not revoked from the future, nor from no time at all, but from this very block", async () => {
      const { registry, sentinel, now } = await networkHelpers.loadFixture(withStatementKey);
      const next = (await now()) + 5n;
      for (const since of [0n, next + 1n]) {
        await networkHelpers.time.setNextBlockTimestamp(next);
        await expect(sentinel.revokeKey(HOUSING, KEY, since))
          .to.be.revertedWithCustomError(registry, "DepartmentRegistryInvalidSince")
          .withArgs(since, next);
      }
      await networkHelpers.time.setNextBlockTimestamp(next + 1n);
      await sentinel.revokeKey(HOUSING, KEY, next + 1n);
    });

    it("are not revoked before they were registered anywhere", async () => {
      const { registry, sentinel } = await networkHelpers.loadFixture(network);
      await expect(sentinel.revokeKey(HOUSING, KEY, 1))
        .to.be.revertedWithCustomError(registry, "DepartmentRegistryUnknownKey")
        .withArgs(HOUSING, KEY);
    });

    it("never return", async () => {
      const { registry, sentinel, registrar, call, now } = await networkHelpers.loadFixture(withStatementKey);
      await sentinel.revokeKey(HOUSING, KEY, await now());
      await expect(registrar(call("addStatementKey", [HOUSING, KEY])))
        .to.be.revertedWithCustomError(registry, "DepartmentRegistryKeyUsedBefore")
        .withArgs(HOUSING, KEY);
    });
  });

  describe("VRF key", () => {
    it("is the first one for all years until another one is set for years to come", async () => {
      const { registry, govern, people, call } = await networkHelpers.loadFixture(network);
      const year = new Date((await networkHelpers.time.latest()) * 1000).getUTCFullYear() + 1;
      const next = id("next VRF key");
      await expect(govern(people.steward, registry, call("setVrfKey", [next, year])))
        .to.emit(registry, "VrfKeySet")
        .withArgs(next, year);
      expect(await registry.vrfKeyOf(0)).to.equal(id("VRF public key"));
      expect(await registry.vrfKeyOf(year - 1)).to.equal(id("VRF public key"));
      expect(await registry.vrfKeyOf(year)).to.equal(next);
      expect(await registry.vrfKeyOf(65_535)).to.equal(next);
    });

    it("cannot be changed for a year that has begun: one subject would have two streams", async () => {
      const { registry, govern, people, call } = await networkHelpers.loadFixture(network);
      const year = new Date((await networkHelpers.time.latest()) * 1000).getUTCFullYear();
      await expect(govern(people.steward, registry, call("setVrfKey", [id("next"), year])))
        .to.be.revertedWithCustomError(registry, "DepartmentRegistryYearHasBegun")
        .withArgs(year);
    });

    it("cannot be changed twice for one year, nor for an earlier one", async () => {
      const { registry, govern, people, call } = await networkHelpers.loadFixture(network);
      await govern(people.steward, registry, call("setVrfKey", [id("next"), 2100]));
      for (const year of [2100, 2099]) {
        await expect(govern(people.steward, registry, call("setVrfKey", [id("other"), year])))
          .to.be.revertedWithCustomError(registry, "DepartmentRegistryYearNotLater")
          .withArgs(year, 2100);
      }
    });
  });
});
