import { expect } from "chai";
import fc from "fast-check";
import { countedAddress } from "../../backend/src/rates/address.ts";
import { rateClassOf } from "../../backend/src/rates/rate-classes.ts";
import { Reserve, type Share } from "../../backend/src/rates/reserve.ts";

/** A shared budget with windows of 100 ms, as the store of all processes keeps it. */
class Budget {
  readonly #limit: number;
  #used = 0;
  #until = 0;
  now = 0;
  asked = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  readonly take = async (units: number): Promise<Share> => {
    this.asked++;
    if (this.now >= this.#until) [this.#used, this.#until] = [0, this.now + 100];
    this.#used += units;
    const remaining = Math.max(0, this.#limit - this.#used);
    return { granted: this.#used <= this.#limit, remaining, until: this.#until };
  };
}

describe("a reserve of a shared budget", () => {
  it("never lets through more than the limit, and at most a block a process less", async () => {
    const cases = fc.record({
      limit: fc.integer({ min: 1, max: 200 }),
      block: fc.integer({ min: 1, max: 10 }),
      processes: fc.integer({ min: 1, max: 4 }),
    });
    await fc.assert(
      fc.asyncProperty(cases, fc.array(fc.nat(3), { minLength: 1_000, maxLength: 1_000 }), async (given, turns) => {
        const budget = new Budget(given.limit);
        const reserves = Array.from({ length: given.processes }, () => new Reserve(budget.take, given.block));
        const spent = await Promise.all(turns.map((turn) => reserves[turn % given.processes]!.spend(() => budget.now)));
        const granted = spent.filter((share) => share.granted).length;
        expect(granted).to.be.at.most(given.limit);
        expect(granted).to.be.above(given.limit - given.block * given.processes);
      }),
      { numRuns: 50 },
    );
  });

  it("asks the budget once a block, also when many ask at once", async () => {
    const budget = new Budget(1_000);
    const reserve = new Reserve(budget.take, 10);
    const shares = await Promise.all(Array.from({ length: 100 }, () => reserve.spend(() => budget.now)));
    expect(budget.asked).to.equal(10);
    expect(shares.map(({ remaining }) => remaining)).to.deep.equal(Array.from({ length: 100 }, (_, i) => 999 - i));
  });

  it("forgets its stock when the window ends", async () => {
    const budget = new Budget(10);
    const reserve = new Reserve(budget.take, 10);
    await reserve.spend(() => budget.now);
    budget.now = 100;
    expect(reserve.isOver(budget.now)).to.equal(true);
    expect(await reserve.spend(() => budget.now)).to.deep.equal({ granted: true, remaining: 9, until: 200 });
    expect(budget.asked).to.equal(2);
  });

  it("passes on that the budget cannot be asked, and asks again", async () => {
    let isAway = true;
    const reserve = new Reserve(async () => {
      if (isAway) throw new Error("away");
      return { granted: true, remaining: 0, until: 1 };
    }, 1);
    const refused = await reserve
      .spend(() => 0)
      .then(
        () => false,
        () => true,
      );
    isAway = false;
    expect([refused, (await reserve.spend(() => 0)).granted]).to.deep.equal([true, true]);
  });
});

describe("what counts as one address", () => {
  for (const [address, counted] of [
    ["203.0.113.7", "203.0.113.7"],
    ["::ffff:203.0.113.7", "203.0.113.7"],
    ["2001:db8:1:2:3:4:5:6", "2001:db8:1:2"],
    ["2001:db8:1:2::", "2001:db8:1:2"],
    ["2001:0DB8:0001:0002:ffff::1", "2001:db8:1:2"],
    ["2001:db8::1", "2001:db8:0:0"],
    ["::1", "0:0:0:0"],
    ["fe80::1%eth0", "fe80:0:0:0"],
  ] as const)
    it(`${address} is ${counted}`, () => expect(countedAddress(address)).to.equal(counted));
});

describe("classes of requests", () => {
  it("count who is unknown by address, whatever is asked, and never the probes", () => {
    expect(rateClassOf("paper.verify", false)).to.equal("public");
    expect(rateClassOf("record.submit", false)).to.equal("public");
    expect(rateClassOf("record.submit", true)).to.equal("submit");
    expect(rateClassOf("record.read", true)).to.equal("read");
    expect(rateClassOf("liveness.read", false)).to.equal(null);
  });
});
