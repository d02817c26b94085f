import { expect } from "chai";
import { VerifiedTokens } from "../../backend/src/access/verified-tokens.ts";

const NOW = 1_790_000_000_000;
const payload = (seconds: number) => ({ sub: "someone", exp: NOW / 1000 + seconds });

describe("verified tokens", () => {
  it("are remembered for a minute, and each by itself", () => {
    const tokens = new VerifiedTokens();
    tokens.keep("a.b.c", payload(300), NOW);
    expect(tokens.find("a.b.c", NOW + 59_999)).to.deep.equal(payload(300));
    expect(tokens.find("a.b.c", NOW + 60_000)).to.equal(undefined);
    for (const other of ["a.b.d", "a.b.c ", "A.b.c", "", "a.b.c.a.b.c"])
      expect(tokens.find(other, NOW), other).to.equal(undefined);
  });

  it("do not outlive their expiry", () => {
    const tokens = new VerifiedTokens();
    tokens.keep("a.b.c", payload(10), NOW);
    expect(tokens.find("a.b.c", NOW + 9_999)).to.deep.equal(payload(10));
    expect(tokens.find("a.b.c", NOW + 10_000)).to.equal(undefined);
    tokens.keep("late", payload(-20), NOW);
    expect(tokens.find("late", NOW)).to.equal(undefined);
  });

  it("are forgotten oldest first when there are too many", () => {
    const tokens = new VerifiedTokens();
    for (let i = 0; i < 5_000; i++) tokens.keep(`token ${i}`, payload(300), NOW);
    const known = Array.from({ length: 5_000 }, (_, i) => tokens.find(`token ${i}`, NOW) !== undefined);
    expect(known.filter(Boolean).length).to.equal(4_096);
    expect(known.indexOf(true)).to.equal(5_000 - 4_096);
  });
});
