import { expect } from "chai";
import { getBytes } from "ethers";
import { verifyQbftHeader } from "../../proof/src/finality/qbft.ts";
import { verifyValidatorChanges } from "../../proof/src/finality/validator-changes.ts";
import type { QbftTrust } from "../../proof/src/finality/validators.ts";
import type { Member } from "../../scripts/network/member.ts";
import { NetworkError } from "../../scripts/network/network-error.ts";
import { networkStatus, statusTable } from "../../scripts/network/status.ts";
import { holdElection, type Election } from "../../scripts/network/vote.ts";
import { addresses, institutions, type Validator } from "../finality/sealed-chain.ts";
import { SimulatedNetwork } from "./simulated-network.ts";

const everyone = institutions("election", 5);
const four = everyone.slice(0, 4);
const newcomer = everyone[4]!;
const trust: QbftTrust = {
  epochLength: 1000,
  sets: [{ from: 0, until: null, validators: addresses(four) }],
  pins: [],
};
const members = everyone.map(({ address }, i) => ({ name: `node-${i}`, role: "validator", address }) as Member);

function election(network: SimulatedNetwork, changes: Partial<Election> = {}): Election {
  return {
    members,
    trust,
    askOf: ({ address }) => network.ask(address),
    candidate: newcomer.address,
    add: true,
    timeoutSeconds: 30,
    pause: async () => network.mine(),
    ...changes,
  };
}

function running(): SimulatedNetwork {
  return new SimulatedNetwork(everyone, four);
}

describe("An election of a validator", () => {
  it("adds it, and gives headers that prove the change to anybody", async () => {
    const network = running();
    const { headers, sets } = await holdElection(election(network));
    const proven = verifyValidatorChanges(
      headers.map((raw) => getBytes(raw)),
      trust,
    );
    expect(proven).to.deep.equal({ ok: true, sets });
    expect(sets.at(-1)!.validators).to.deep.equal(addresses(everyone));
    const newest = verifyQbftHeader(network.blocks.at(-1)!.raw, { ...trust, sets });
    expect(newest.ok).to.equal(true);
  });

  it("removes it again, starting from the extended list", async () => {
    const network = running();
    const added = await holdElection(election(network));
    const extended = { ...trust, sets: added.sets };
    const removed = await holdElection(election(network, { trust: extended, add: false }));
    expect(removed.sets.map(({ validators }) => validators.length)).to.deep.equal([4, 5, 4]);
  });

  it("leaves no proposal behind, whether it succeeds or not", async () => {
    const network = running();
    await holdElection(election(network));
    const stalled = running();
    for (const { address } of four.slice(2)) stalled.down.add(address);
    await failure(holdElection(election(stalled, { timeoutSeconds: 0 })));
    for (const { address } of four) expect(network.pending(address) + stalled.pending(address)).to.equal(0);
  });

  it("counts votes that were cast earlier elsewhere", async () => {
    const network = running();
    const [first, ...others] = four as [Validator, ...Validator[]];
    await network.ask(first.address)("qbft_proposeValidatorVote", [newcomer.address, true]);
    network.mine(4);
    await network.ask(first.address)("qbft_discardValidatorVote", [newcomer.address]);
    network.mine(100);
    const late = others.slice(0, 2).map(({ address }) => members.find((member) => member.address === address)!);
    const { headers, sets } = await holdElection(election(network, { members: late }));
    expect(sets).to.have.length(2);
    expect(headers.length).to.be.greaterThan(100);
  });

  it("fails with a sentence when nobody can vote, nothing would change, or no majority is reached", async () => {
    const network = running();
    const third = election(network, { members: members.slice(0, 1), timeoutSeconds: 0 });
    expect(await failure(holdElection(third))).to.match(/No majority within 0 s: 1 of 4 validators voted from here/);
    expect(await failure(holdElection(election(network, { members: [] })))).to.match(/No validator answers/);
    expect(await failure(holdElection(election(network, { add: false })))).to.match(/is no validator/);
    const present = { candidate: four[0]!.address };
    expect(await failure(holdElection(election(network, present)))).to.match(/is a validator already/);
  });

  it("does not believe a node: headers that prove nothing end it", async () => {
    const network = running();
    const wrong = { ...trust, sets: [{ from: 0, until: null, validators: addresses(institutions("others", 4)) }] };
    const liar = election(network, {
      trust: wrong,
      members: members.map((member, i) => ({ ...member, address: wrong.sets[0]!.validators[i % 4]! })),
      askOf: () => network.ask(four[0]!.address),
      timeoutSeconds: 9,
    });
    network.mine(1);
    for (const { address } of four) await network.ask(address)("qbft_proposeValidatorVote", [newcomer.address, true]);
    expect(await failure(holdElection(liar))).to.match(/do not prove the change: VALIDATORS_MISMATCH/);
  });
});

describe("The status of a network", () => {
  const askOf = (network: SimulatedNetwork) => (member: Member) => network.ask(member.address);

  it("is healthy while a quorum answers with blocks that the trusted validators sealed", async () => {
    const network = running();
    network.down.add(four[3]!.address);
    const status = await networkStatus(members, trust, askOf(network));
    expect(status).to.deep.include({ healthy: true, validators: { answering: 3, quorum: 3, total: 4 } });
    expect(statusTable(status)).to.contain("no answer").and.contain("3 of 4 validators answer, 3 are needed: healthy");
  });

  it("is not healthy with two of four down", async () => {
    const network = running();
    for (const { address } of four.slice(2)) network.down.add(address);
    const status = await networkStatus(members, trust, askOf(network));
    expect(status.healthy).to.equal(false);
  });

  it("is not healthy when a node is on another chain", async () => {
    const [network, foreign] = [
      running(),
      new SimulatedNetwork(institutions("foreign", 4), institutions("foreign", 4)),
    ];
    const fooled = (member: Member) => (member === members[4] ? foreign : network).ask(member.address);
    const status = await networkStatus(members, trust, fooled);
    expect(status.healthy).to.equal(false);
    expect(status.nodes[4]!.sealed).to.equal("VALIDATORS_MISMATCH");
  });
});

async function failure(attempt: Promise<unknown>): Promise<string> {
  const error = await attempt.then(
    () => null,
    (reason: unknown) => reason,
  );
  expect(error).to.be.instanceOf(NetworkError);
  return (error as Error).message;
}
