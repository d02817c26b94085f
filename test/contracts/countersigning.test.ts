import { expect } from "chai";
import { concat, type Wallet } from "ethers";
import {
  anchor,
  batch,
  entry,
  ethers,
  HOUSING,
  networkHelpers,
  newSigner,
  onlyRecordOf,
  send,
  signBatch,
  signerKey,
  startNetwork,
  type Batch,
} from "./network.ts";

/** The housing department appoints a contract as its signer that wants the signatures of two of three officers. */
async function countersigned() {
  const net = await startNetwork();
  const officers = ["director", "deputy", "counsel"].map(newSigner).sort((a, b) => (a.address < b.address ? -1 : 1));
  const wallet = await ethers.deployContract("TwoOfThree", [officers.map(({ address }) => address)]);
  const call = net.registry.interface.encodeFunctionData("rotateSigner", [HOUSING, await wallet.getAddress()]);
  await net.govern(net.people.registrar, net.registry, call);
  const signTogether = async (b: Batch, ...signers: Wallet[]) =>
    concat(await Promise.all(signers.map((signer) => signBatch(signer, net.ledger, b))));
  const [a, b, c] = officers as [Wallet, Wallet, Wallet];
  return { ...net, a, b, c, wallet, signTogether };
}

describe("Countersigning 会签: a contract as the department's signer", () => {
  it("anchors what any two of three officers have signed", async () => {
    const { ledger, a, b, c, signTogether } = await networkHelpers.loadFixture(countersigned);
    for (const [i, pair] of [
      [a, b],
      [a, c],
      [b, c],
    ].entries()) {
      const next = batch({ sequence: i + 1, entries: [entry(`${i}`)] });
      await send(ledger, next, await signTogether(next, ...pair));
    }
    expect(await ledger.nextSequence(HOUSING)).to.equal(4);
  });

  it("refuses one officer alone, the same one twice, a stranger, and the previous signer", async () => {
    const { ledger, housing, a, b, wallet, signTogether } = await networkHelpers.loadFixture(countersigned);
    const stranger = newSigner("stranger");
    const attempts = [[a], [a, a], [a, stranger], [stranger, b], [housing, housing], []];
    for (const signers of attempts) {
      await expect(send(ledger, batch(), await signTogether(batch(), ...signers)))
        .to.be.revertedWithCustomError(ledger, "AuditLedgerInvalidSignature")
        .withArgs(HOUSING, wallet);
    }
  });

  it("refuses two officers' signatures under another batch", async () => {
    const { ledger, a, b, signTogether } = await networkHelpers.loadFixture(countersigned);
    const other = batch({ entries: [entry("other")] });
    await expect(send(ledger, batch(), await signTogether(other, a, b))).to.be.revertedWithCustomError(
      ledger,
      "AuditLedgerInvalidSignature",
    );
  });

  it("is remembered like any signer", async () => {
    const { registry, wallet, housing } = await networkHelpers.loadFixture(countersigned);
    const now = await networkHelpers.time.latest();
    expect(await registry.wasAuthorised(HOUSING, 4, signerKey(await wallet.getAddress()), now)).to.equal(true);
    expect(await registry.wasAuthorised(HOUSING, 4, signerKey(housing.address), now)).to.equal(false);
  });

  it("leaves batches anchored by the earlier signer as they are", async () => {
    const net = await startNetwork();
    await anchor(net.ledger, net.housing, batch());
    const wallet = await ethers.deployContract("TwoOfThree", [[1, 2, 3].map((i) => newSigner(`${i}`).address)]);
    const call = net.registry.interface.encodeFunctionData("rotateSigner", [HOUSING, await wallet.getAddress()]);
    await net.govern(net.people.registrar, net.registry, call);
    const { recordHash, path } = onlyRecordOf(batch());
    expect(await net.ledger.verifyInclusion(HOUSING, 1, recordHash, path)).to.equal(true);
  });
});
