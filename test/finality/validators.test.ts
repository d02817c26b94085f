import { expect } from "chai";
import fc from "fast-check";
import type { Hex } from "../../proof/src/bytes.ts";
import { verifyQbftHeader } from "../../proof/src/finality/qbft.ts";
import { verifyValidatorChanges, type ValidatorChanges } from "../../proof/src/finality/validator-changes.ts";
import {
  sharedValidator,
  trustProblem,
  type BlockPin,
  type QbftTrust,
  type ValidatorSet,
} from "../../proof/src/finality/validators.ts";
import { besuTrust } from "./besu.ts";
import {
  addresses,
  institution,
  institutions,
  sealRun,
  type Block,
  type BlockPlan,
  type Validator,
} from "./sealed-chain.ts";

const four = institutions("changes", 4);
const newcomer = institution("newcomer");
const second = institution("second newcomer");
const five = sorted([...four, newcomer]);
const trust = trusting([{ from: 0, until: null, validators: addresses(four) }]);

function trusting(sets: readonly ValidatorSet[], epochLength = 1000): QbftTrust {
  return { epochLength, sets, pins: [] };
}

function sorted(members: readonly Validator[]): Validator[] {
  return [...members].sort((a, b) => (a.address < b.address ? -1 : 1));
}

type Ballot = Omit<BlockPlan, "number">;

/** A block in which `voter`, its proposer, votes; without a voter nobody does. */
function ballot(members: readonly Validator[], voter?: Validator, recipient?: Validator, add = true): Ballot {
  if (!voter || !recipient) return { members };
  return { members, miner: voter, vote: { recipient: recipient.address, add } };
}

/** Votes of these members for one recipient, one block each. */
function votes(
  members: readonly Validator[],
  voters: readonly Validator[],
  recipient: Validator,
  add = true,
): Ballot[] {
  return voters.map((voter) => ballot(members, voter, recipient, add));
}

function raws(blocks: readonly Block[]): Uint8Array[] {
  return blocks.map(({ raw }) => raw);
}

function change(plans: readonly Ballot[], trusted = trust, from = 10): ValidatorChanges {
  return verifyValidatorChanges(raws(sealRun(from, plans)), trusted);
}

function code(answer: ValidatorChanges): string {
  return answer.ok ? "proven" : answer.code;
}

const votedIn = votes(four, four.slice(0, 3), newcomer);

describe("A change of the validator set", () => {
  it("is proven by the votes of more than half, and holds from the next block", () => {
    const answer = change(votedIn);
    expect(answer).to.deep.equal({
      ok: true,
      sets: [
        { from: 0, until: 12, validators: addresses(four) },
        { from: 13, until: null, validators: addresses(five) },
      ],
    });
  });

  it("lets blocks from before and after verify, and neither under the other set", () => {
    const answer = change(votedIn);
    if (!answer.ok) return expect.fail(answer.code);
    const after = trusting(answer.sets);
    const [old, fresh] = [12, 13].map((number) => [
      sealRun(number, [{ members: four }])[0]!.raw,
      sealRun(number, [{ members: five }])[0]!.raw,
    ]) as [Uint8Array[], Uint8Array[]];
    expect(old.map((raw) => verifyQbftHeader(raw, after).ok)).to.deep.equal([true, false]);
    expect(fresh.map((raw) => verifyQbftHeader(raw, after).ok)).to.deep.equal([false, true]);
    expect(verifyQbftHeader(fresh[1]!, trust)).to.include({ ok: false, code: "VALIDATORS_MISMATCH" });
  });

  it("votes a member out, and back in", () => {
    const three = four.slice(1);
    const out = votes(four, four.slice(0, 3), four[0]!, false);
    const back = votes(three, three.slice(0, 2), four[0]!);
    const answer = change([...out, ...back]);
    expect(answer.ok && answer.sets.map(({ from, validators }) => [from, validators])).to.deep.equal([
      [0, addresses(four)],
      [13, addresses(three)],
      [15, addresses(four)],
    ]);
  });

  it("counts votes across blocks without one, and votes for several at once", () => {
    const [a, b, c] = four as [Validator, Validator, Validator, Validator];
    const interleaved = [
      ballot(four, a, second),
      ballot(four, a, newcomer),
      ballot(four),
      ballot(four, b, second),
      ballot(four, b, newcomer),
      ballot(four, c, newcomer),
      ballot(five, c, second),
    ];
    const answer = change(interleaved);
    const both = sorted([...five, second]);
    expect(answer.ok && answer.sets.at(-1)).to.deep.equal({ from: 17, until: null, validators: addresses(both) });
    expect(answer.ok && answer.sets).to.have.length(3);
  });

  it("needs seals only where a majority is completed", () => {
    const unsealed = votedIn.map((plan, i) => (i < 2 ? { ...plan, sealers: [] } : plan));
    expect(code(change(unsealed))).to.equal("proven");
  });

  it("shown again is a normal answer", () => {
    const answer = change(votedIn);
    if (!answer.ok) return expect.fail(answer.code);
    expect(change(votedIn, trusting(answer.sets))).to.deep.equal(answer);
  });

  it("equals an independent count of any votes", () => {
    const candidates = [...four, newcomer, second];
    const votesOf = fc.array(fc.record({ voter: fc.nat(5), recipient: fc.nat(5), add: fc.boolean() }), {
      maxLength: 30,
    });
    fc.assert(
      fc.property(votesOf, (list) => {
        const model = countVotes(
          list.map(({ voter, recipient, add }) => [candidates[voter]!, candidates[recipient]!, add]),
        );
        const answer = change(model.plans, trust, 1);
        const proven = answer.ok ? answer.sets.slice(1).map(({ from, validators }) => [from, validators]) : [];
        expect(answer.ok ? "proven" : answer.code).to.equal(model.changes.length > 0 ? "proven" : "CHANGE_NOT_VOTED");
        expect(proven).to.deep.equal(model.changes);
      }),
      { numRuns: 60 },
    );
  });
});

describe("A change of the validator set is refused", () => {
  it("without a majority, or when a vote was taken back or repeated", () => {
    const [a, b, c] = four as [Validator, Validator, Validator, Validator];
    expect(code(change(votes(four, [a, b], newcomer)))).to.equal("CHANGE_NOT_VOTED");
    expect(code(change(votes(four, [a, b, b], newcomer)))).to.equal("CHANGE_NOT_VOTED");
    const retracted = [...votes(four, [a, b], newcomer), ballot(four, a, newcomer, false), ballot(four, c, newcomer)];
    expect(code(change(retracted))).to.equal("CHANGE_NOT_VOTED");
    expect(code(change([]))).to.equal("CHANGE_NOT_VOTED");
  });

  it("when a vote was left out of the run or the run has a gap", () => {
    const blocks = sealRun(10, [votedIn[0]!, ballot(four, four[0], newcomer, false), ...votedIn.slice(1)]);
    expect(code(verifyValidatorChanges(raws(blocks), trust))).to.equal("CHANGE_NOT_VOTED");
    expect(code(verifyValidatorChanges(raws([blocks[0]!, blocks[2]!, blocks[3]!]), trust))).to.equal(
      "HEADERS_NOT_LINKED",
    );
    const sibling = sealRun(11, [{ ...votedIn[1]!, timestamp: 5 }])[0]!;
    const run = sealRun(10, votedIn);
    expect(code(verifyValidatorChanges(raws([run[0]!, sibling, run[2]!]), trust))).to.equal("HEADERS_NOT_LINKED");
  });

  it("with blocks after the change, which prove nothing", () => {
    expect(code(change([...votedIn, ballot(five)]))).to.equal("CHANGE_NOT_VOTED");
  });

  it("when votes have lapsed with the epoch", () => {
    const epochs = trusting(trust.sets, 12);
    const across = [...votedIn.slice(0, 2), ballot(four), votedIn[2]!]; // blocks 10, 11, 12 (epoch), 13
    expect(code(change(across, epochs))).to.equal("CHANGE_NOT_VOTED");
    expect(code(change(votedIn, epochs))).to.equal("CHANGE_NOT_VOTED"); // its last vote stands in block 12
    expect(code(change([...across, ...votedIn.slice(0, 2)], epochs))).to.equal("proven");
  });

  it("when the deciding block lacks the old set's quorum, or was sealed by the new set", () => {
    const sealedBy = (sealers: readonly Validator[]) => change([...votedIn.slice(0, 2), { ...votedIn[2]!, sealers }]);
    expect(code(sealedBy(four.slice(0, 2)))).to.equal("SEALS_BELOW_QUORUM");
    expect(code(sealedBy([...four.slice(0, 2), newcomer]))).to.equal("SEAL_NOT_VALIDATOR");
    const earlier = [{ ...votedIn[0]!, sealers: [] }, votedIn[1]!, { ...votedIn[2]!, sealers: [] }];
    expect(code(change(earlier))).to.equal("SEALS_BELOW_QUORUM");
  });

  it("when the headers name another set than the one that is being changed", () => {
    expect(code(change(votes(five, five.slice(0, 3), second)))).to.equal("VALIDATORS_MISMATCH");
    expect(code(change([...votedIn, ...votes(four, four.slice(0, 3), second)]))).to.equal("VALIDATORS_MISMATCH");
  });

  it("when outsiders vote", () => {
    const outsiders = votes(four, institutions("outsiders", 3), newcomer);
    expect(code(change(outsiders))).to.equal("CHANGE_NOT_VOTED");
  });

  it("when a lone validator votes itself out: a chain without validators has no next block", () => {
    const [lone] = four;
    const single = trusting([{ from: 0, until: null, validators: [lone!.address] }]);
    expect(code(change([ballot([lone!], lone, lone, false)], single))).to.equal("CHANGE_NOT_VOTED");
  });

  it("before the first trusted block, after the last one, and on another chain", () => {
    const closed = trusting([{ from: 20, until: 30, validators: addresses(four) }]);
    expect(code(change(votedIn, closed, 5))).to.equal("VALIDATORS_UNKNOWN");
    expect(code(change(votedIn, closed, 31))).to.equal("VALIDATORS_UNKNOWN");
    expect(code(change(votedIn, besuTrust))).to.equal("VALIDATORS_MISMATCH");
  });

  it("of headers that cannot be read", () => {
    expect(code(verifyValidatorChanges([Uint8Array.of(1)], trust))).to.equal("HEADER_MALFORMED");
  });
});

describe("A forked history", () => {
  const known = change(votedIn);
  const trusted = trusting(known.ok ? known.sets : []);

  it("that adds somebody else at the same block contradicts what is known", () => {
    expect(code(change(votes(four, four.slice(0, 3), second), trusted))).to.equal("VALIDATORS_FORKED");
  });

  it("that changes the set earlier, or that never knew the change, contradicts it too", () => {
    expect(code(change(votedIn, trusted, 9))).to.equal("VALIDATORS_FORKED");
    expect(code(change(votes(four, four.slice(0, 3), second), trusted, 5))).to.equal("VALIDATORS_FORKED");
    expect(code(change(votes(four, four.slice(0, 3), second), trusted, 12))).to.equal("VALIDATORS_FORKED");
  });

  it("cannot begin inside an interval that the list has closed without a successor", () => {
    const closed = trusting([{ from: 0, until: 50, validators: addresses(four) }]);
    expect(code(change(votedIn, closed))).to.equal("VALIDATORS_FORKED");
  });
});

describe("What a trust list says about validators", () => {
  const set = (from: number, until: number | null, validators = addresses(four)): ValidatorSet => ({
    from,
    until,
    validators,
  });

  it("is usable in order, without overlap, with or without gaps", () => {
    const good: QbftTrust[] = [
      trust,
      trusting([]),
      trusting([set(0, 9), set(10, 10), set(11, 19), set(30, null)]),
      { ...trust, pins: [{ number: 0, hash: `0x${"00".repeat(32)}` }] },
    ];
    for (const candidate of good) expect(trustProblem(candidate)).to.equal(null);
  });

  it("is unusable otherwise", () => {
    const pin: BlockPin = { number: 3, hash: `0x${"00".repeat(32)}` };
    const bad: QbftTrust[] = [
      trusting([set(0, 10), set(10, null)]),
      trusting([set(0, null), set(20, null)]),
      trusting([set(10, 20), set(0, 9)]),
      trusting([set(10, 9)]),
      trusting([set(-1, 9)]),
      trusting([set(0.5, null)]),
      trusting([set(0, null, [])]),
      trusting([set(0, null, [four[0]!.address, four[0]!.address])]),
      trusting([set(0, null, ["0x1234"])]),
      trusting([set(0, null, [four[0]!.address.toUpperCase() as Hex])]),
      trusting(trust.sets, 0),
      { ...trust, pins: [pin, pin] },
      { ...trust, pins: [{ number: -1, hash: pin.hash }] },
      { ...trust, pins: [{ number: 1, hash: "0x12" }] },
    ];
    for (const candidate of bad) expect(trustProblem(candidate)).to.be.a("string");
  });

  it("must not let two chains share a node key: a header names no chain", () => {
    const other = trusting([set(0, 9, addresses(institutions("other", 3))), set(10, null, [four[2]!.address])]);
    expect(sharedValidator([trust, other])).to.equal(four[2]!.address);
    expect(sharedValidator([trust, besuTrust])).to.equal(null);
    expect(sharedValidator([trusting([set(0, 9), set(10, null)])])).to.equal(null);
  });
});

type Model = { plans: Ballot[]; changes: [number, Hex[]][] };

/** Counts votes as Besu's documentation tells it, block by block from 1, up to the last change. */
function countVotes(list: readonly [voter: Validator, recipient: Validator, add: boolean][]): Model {
  const choices = new Map<string, boolean>(); // "voter recipient" → add
  const plans: Ballot[] = [];
  const changes: [number, Hex[]][] = [];
  let members: Validator[] = four;
  for (const [voter, recipient, add] of list) {
    if (!members.includes(voter)) continue;
    plans.push(ballot(members, voter, recipient, add));
    choices.set(`${voter.address} ${recipient.address}`, add);
    const agreeing = members.filter((member) => choices.get(`${member.address} ${recipient.address}`) === add);
    if (agreeing.length < Math.floor(members.length / 2) + 1) continue;
    for (const key of [...choices.keys()]) if (key.endsWith(recipient.address)) choices.delete(key);
    if (members.includes(recipient) === add) continue;
    members = add ? sorted([...members, recipient]) : members.filter((member) => member !== recipient);
    if (!add) for (const key of [...choices.keys()]) if (key.startsWith(recipient.address)) choices.delete(key);
    changes.push([plans.length + 1, addresses(members)]);
  }
  return changes.length === 0
    ? { plans: plans.length > 0 ? plans : [ballot(four)], changes }
    : { plans: plans.slice(0, changes.at(-1)![0] - 1), changes };
}
