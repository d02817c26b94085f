import { expect } from "chai";
import { id, ZeroAddress } from "ethers";
import { bucketOf, foldHead, type Hex } from "@quanlian/proof";
import { SucceedingLedger__factory } from "../../backend/src/chain/contracts/index.ts";
import { COMMITTED } from "../../scripts/deploy.ts";
import { compareWithViews, replay } from "../../scripts/replay.ts";
import {
  anchor,
  batch,
  COURT,
  deploySuccessor,
  entry,
  ethers,
  fields,
  HOUSING,
  inDifferentBuckets,
  KIND,
  MARKET,
  networkHelpers,
  onlyRecordOf,
  REASON,
  send,
  signBatch,
  startNetwork,
  supersede,
} from "./network.ts";

/** The steps of docs/decisions/0021-succession.md, up to the moment before the old ledger is closed. */
async function successorDeployed() {
  const net = await startNetwork(8);
  const { ledger, housing, court, deployment } = net;
  const old = [
    batch({ entries: [entry("a", "one subject"), entry("b", "another"), entry("c", "one subject")] }),
    batch({ sequence: 2, kind: KIND.CREDIT, entries: [entry("listing", "one subject")] }),
    batch({ sequence: 3, entries: [entry("wrong")] }),
    batch({ department: COURT, entries: [entry("ruling")] }),
    batch({ sequence: 4, entries: [entry("annulled")] }),
  ];
  for (const b of old) await anchor(ledger, b.department === COURT ? court : housing, b);
  await supersede(ledger, court, onlyRecordOf(old[4]!), onlyRecordOf(old[3]!), REASON.ANNULMENT);
  const heir = await deploySuccessor(deployment.registry, deployment.ledger);
  return { ...net, heir, old };
}

/** The old ledger closed by the steward, with the checkpoint that anybody computes from the chain. */
async function succeeded() {
  const net = await successorDeployed();
  const closing = await replay(ethers.provider, { ledger: net.deployment.ledger, fromBlock: net.deployment.block });
  const call = net.ledger.interface.encodeFunctionData("retire", [await net.heir.getAddress(), closing.checkpoint]);
  await net.govern(net.people.steward, net.ledger, call);
  return { ...net, closing };
}

describe("Succession of ledgers", () => {
  it("keeps the new ledger shut while the old one is open: never two side by side", async () => {
    const { heir, ledger, housing, deployment } = await networkHelpers.loadFixture(successorDeployed);
    await expect(anchor(heir, housing, batch({ sequence: 5 })))
      .to.be.revertedWithCustomError(heir, "SucceedingLedgerNotYetOpen")
      .withArgs(deployment.ledger, ZeroAddress);
    await expect(heir.headOf(KIND.ENFORCEMENT, 2026, 0)).to.be.revertedWithCustomError(
      heir,
      "SucceedingLedgerNotYetOpen",
    );
    await anchor(ledger, housing, batch({ sequence: 5 }));
  });

  it("closes the old ledger for ever, and leaves it readable", async () => {
    const { heir, ledger, housing, court, old, closing } = await networkHelpers.loadFixture(succeeded);
    expect(await ledger.retiredFor()).to.equal(await heir.getAddress());
    await expect(anchor(ledger, housing, batch({ sequence: 5 })))
      .to.be.revertedWithCustomError(ledger, "AuditLedgerRetired")
      .withArgs(heir);
    await expect(supersede(ledger, court, onlyRecordOf(old[2]!), onlyRecordOf(old[3]!))).to.be.revertedWithCustomError(
      ledger,
      "AuditLedgerRetired",
    );
    expect(await ledger.verifyInclusion(HOUSING, 3, old[2]!.entries[0]!.recordHash, [])).to.equal(true);
    expect((await replay(ethers.provider, { ledger: closing.ledgers[0]! })).checkpoint).to.equal(closing.checkpoint);
  });

  it("closes it once", async () => {
    const { ledger, heir, govern, people } = await networkHelpers.loadFixture(succeeded);
    const again = ledger.interface.encodeFunctionData("retire", [people.stranger.address, id("other")]);
    await expect(govern(people.steward, ledger, again))
      .to.be.revertedWithCustomError(ledger, "AuditLedgerRetired")
      .withArgs(heir);
  });

  it("announces the checkpoint, which anybody computes again from the chain", async () => {
    const { ledger, heir, closing } = await networkHelpers.loadFixture(succeeded);
    const [event] = await ledger.queryFilter(ledger.filters.LedgerRetired);
    expect(fields(event!.args)).to.deep.equal({
      successor: await heir.getAddress(),
      checkpoint: closing.checkpoint,
    });
  });

  it("carries every head, sequence, batch and supersession of the checkpoint over", async () => {
    const { heir, closing } = await networkHelpers.loadFixture(succeeded);
    const seenThroughHeir = { ...closing, ledgers: [await heir.getAddress()] };
    seenThroughHeir.block = { ...closing.block, number: await ethers.provider.getBlockNumber() };
    expect(await compareWithViews(ethers.provider, seenThroughHeir)).to.deep.equal([]);
    expect(await heir.nextSequence(MARKET)).to.equal(1);
    expect(await heir.headOf(KIND.SERVICE, 2026, 1)).to.equal(`0x${"00".repeat(32)}`);
  });

  it("goes on with each history where it stood", async () => {
    const { heir, housing, closing } = await networkHelpers.loadFixture(succeeded);
    const next = entry("d", "one subject");
    const bucket = bucketOf(next.streamKey as Hex, 8);
    const { head } = closing.buckets.find((b) => b.kind === KIND.ENFORCEMENT && b.bucket === bucket)!;
    const twice = [next, entry("e", "one subject")];
    await anchor(heir, housing, batch({ sequence: 5, entries: twice }));
    expect(await heir.headOf(KIND.ENFORCEMENT, 2026, bucket)).to.equal(
      foldHead(twice as { streamKey: Hex; recordHash: Hex }[], head),
    );
    await anchor(heir, housing, batch({ sequence: 6, entries: [entry("f", "one subject")] }));
    expect(await heir.nextSequence(HOUSING)).to.equal(7);
  });

  it("replays both ledgers as one history", async () => {
    const { heir, housing, closing } = await networkHelpers.loadFixture(succeeded);
    await anchor(heir, housing, batch({ sequence: 5, entries: [entry("d", "one subject"), entry("new")] }));
    const whole = await replay(ethers.provider, { ledger: await heir.getAddress() });
    expect(whole.ledgers).to.deep.equal([closing.ledgers[0], await heir.getAddress()]);
    expect(whole.batches).to.have.length(closing.batches.length + 1);
    expect(await compareWithViews(ethers.provider, whole)).to.deep.equal([]);
  });

  it("lets a record of the old ledger be superseded by one of the new, once over both", async () => {
    const { heir, housing, court, old } = await networkHelpers.loadFixture(succeeded);
    const correction = batch({ sequence: 5, entries: [entry("correction")] });
    await anchor(heir, housing, correction);
    await supersede(heir, housing, onlyRecordOf(old[2]!), onlyRecordOf(correction));
    expect((await heir.supersessionOf(HOUSING, old[2]!.entries[0]!.recordHash)).by).to.equal(HOUSING);
    await expect(
      supersede(heir, court, onlyRecordOf(old[4]!), onlyRecordOf(old[3]!), REASON.ANNULMENT),
    ).to.be.revertedWithCustomError(heir, "AuditLedgerAlreadySuperseded");
  });

  it("does not take a signature meant for the old ledger", async () => {
    const { heir, ledger, housing } = await networkHelpers.loadFixture(succeeded);
    const b = batch({ sequence: 5, entries: [entry("late")] });
    await expect(send(heir, b, await signBatch(housing, ledger, b))).to.be.revertedWithCustomError(
      heir,
      "AuditLedgerInvalidSignature",
    );
  });

  it("stays shut for an heir that the old ledger was not closed for", async () => {
    const { deployment, heir, housing } = await networkHelpers.loadFixture(succeeded);
    const pretender = await deploySuccessor(deployment.registry, deployment.ledger);
    await expect(anchor(pretender, housing, batch({ sequence: 5 })))
      .to.be.revertedWithCustomError(pretender, "SucceedingLedgerNotYetOpen")
      .withArgs(deployment.ledger, heir);
  });

  it("keeps the buckets: the heir has the prefixBits of the old ledger", async () => {
    const { heir, deployment } = await networkHelpers.loadFixture(successorDeployed);
    expect(await heir.prefixBits()).to.equal(8);
    expect(await heir.predecessor()).to.equal(deployment.ledger);
  });

  it("can happen again: an heir is closed for its own heir", async () => {
    const { heir, housing, deployment, govern, people, old } = await networkHelpers.loadFixture(succeeded);
    await anchor(heir, housing, batch({ sequence: 5, entries: [entry("second age", "one subject")] }));
    const third = await deploySuccessor(deployment.registry, heir);
    const { checkpoint } = await replay(ethers.provider, { ledger: await heir.getAddress() });
    await govern(
      people.admin,
      heir,
      heir.interface.encodeFunctionData("retire", [await third.getAddress(), checkpoint]),
    );
    await anchor(third, housing, batch({ sequence: 6, entries: [entry("third age", "one subject")] }));
    const whole = await replay(ethers.provider, { ledger: await third.getAddress() });
    expect(whole.ledgers).to.have.length(3);
    expect(await compareWithViews(ethers.provider, whole)).to.deep.equal([]);
    expect((await third.supersessionOf(HOUSING, old[4]!.entries[0]!.recordHash)).by).to.equal(COURT);
  });

  it("refuses to retire for nobody", async () => {
    const { ledger, govern, people } = await networkHelpers.loadFixture(successorDeployed);
    const call = ledger.interface.encodeFunctionData("retire", [ZeroAddress, id("checkpoint")]);
    await expect(govern(people.steward, ledger, call))
      .to.be.revertedWithCustomError(ledger, "AuditLedgerInvalidSuccessor")
      .withArgs(ZeroAddress);
  });

  it("stays below 2^24 gas for a full batch whose every bucket comes from the old ledger", async () => {
    const { ledger, registry, housing, people, govern } = await startNetwork(16, COMMITTED);
    const entries = inDifferentBuckets(Number(await ledger.maxEntries()));
    await anchor(ledger, housing, batch({ entries }));
    const heir = await new SucceedingLedger__factory(people.stranger).deploy(registry, ledger);
    const call = ledger.interface.encodeFunctionData("retire", [await heir.getAddress(), id("checkpoint")]);
    await govern(people.steward, ledger, call);
    const sent = await anchor(heir, housing, batch({ sequence: 2, entries }));
    expect(Number((await sent.wait())!.gasUsed)).to.be.below(2 ** 24);
  });
});
