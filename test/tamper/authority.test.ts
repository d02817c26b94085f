import { expect } from "chai";
import { wasAuthorised } from "../../backend/src/integrity/authority.ts";

const signer = "0x00000000000000000000000000000000000000aa";
const state = (since: number, capabilities = 0b10010, suspended = false) =>
  ({ since, capabilities, suspended, signer }) as const;

describe("authority of a key, as the registry judges it", () => {
  const history = [state(100), state(200, 0b10010, true), state(300), state(400, 0b00010)];
  const life = { from: 110, until: 350 };
  for (const [what, kind, moment, good] of [
    ["before the department", 4, 99, false],
    ["before the key", 4, 109, false],
    ["from its first second", 4, 110, true],
    ["while suspended", 4, 250, false],
    ["resumed", 4, 300, true],
    ["until before its end", 4, 349, true],
    ["at its end", 4, 350, false],
    ["for a kind that it never held", 5, 300, false],
  ] as const)
    it(`${what}: ${good}`, () => expect(wasAuthorised(history, life, kind, moment)).to.equal(good));

  it("ends with the kind, not only with the key", () => {
    expect(wasAuthorised(history, { from: 1, until: 0 }, 4, 400)).to.equal(false);
    expect(wasAuthorised(history, { from: 1, until: 0 }, 1, 400)).to.equal(true);
  });

  it("is nobody's for an unknown key or department", () => {
    expect(wasAuthorised(history, { from: 0, until: 0 }, 1, 400)).to.equal(false);
    expect(wasAuthorised([], life, 1, 400)).to.equal(false);
  });
});
