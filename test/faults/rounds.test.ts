import { expect } from "chai";
import fc from "fast-check";
import { randomOf } from "../../scripts/dataset/random.ts";
import { planRound } from "../../scripts/faults/plan.ts";
import { Rounds } from "../../scripts/faults/round.ts";

describe("faults", () => {
  it("follow from the seed alone", () => {
    fc.assert(
      fc.property(fc.string(), fc.nat(50), fc.nat(50), (seed, kills, others) => {
        const plan = planRound(randomOf(seed, 1), kills, others, 2_500);
        expect(plan).to.deep.equal(planRound(randomOf(seed, 1), kills, others, 2_500));
        expect(plan.filter(({ fault }) => fault.fault === "kill")).to.have.length(kills);
        expect(plan).to.have.length(kills + others);
        for (const { at } of plan) expect(at).to.be.within(0, 2_500);
      }),
    );
  });

  it("of one round lose nothing and double nothing", async function () {
    this.timeout(240_000);
    const rounds = await Rounds.open("one round");
    try {
      const { lost, doubled, wrong } = await rounds.play(1, { kills: 4, others: 2, records: 16 });
      expect({ lost, doubled, wrong }, rounds.logs()).to.deep.equal({ lost: [], doubled: [], wrong: [] });
      expect(rounds.load.known.filter(({ created }) => created <= 1)).to.have.length(16);
      expect(rounds.kills).to.be.at.least(2);
    } finally {
      await rounds.close();
    }
  });
});
