import { expect } from "chai";
import fc from "fast-check";
import { isUscc, organisationCheck, readUscc, usccCheck } from "../../../backend/src/records/fields/uscc.ts";

const symbols = "0123456789ABCDEFGHJKLMNPQRTUWXY";

/** Codes of large public bodies: all pass both checks. */
const real = [
  ...["914403001922038216", "9144030071526726XG", "91440300708461136T", "91330100799655058B", "91110000802100433B"],
  ...["91110108551385082Q", "91440300192317458F", "91440300192181490G", "91100000100003962T", "911100001000044477"],
  ...["911000001000013428", "911100007109250324", "91110000710926094P", "9111000071093123XX", "91440606722473344C"],
  ...["91440400192548256N", "9144030027939873X7", "12100000400000624D", "12100000400002259P", "11100000MB0143028R"],
  ...["91350100M000100Y43", "91110302562134916R"],
];

const fictitious = [
  ...["91110108MA9D00013X", "91110105MA9D00021D", "92110105MA9D0003X2", "93110118MA9D00048R", "11110000MB9D0005X4"],
  ...["11110108MB9D00068W", "12110000MB9D00076U", "51110000MJ9D000831", "52110000MJ9D00091Q", "31110000MD9D001023"],
  ...["81110000MC9D00117C", "91110108MA9T003760", "91110105MA9T0019XJ", "91110105MA9T00050Y"],
];

/** Random codes whose two checks are right. */
const code = fc
  .tuple(
    fc.constantFrom("91", "92", "93", "11", "12", "51", "A1", "N2", "Y1"),
    fc.integer({ min: 100_000, max: 999_999 }),
    fc.array(fc.constantFrom(...symbols), { minLength: 8, maxLength: 8 }),
  )
  .map(([head, area, body]) => {
    const organisation = body.join("");
    const first17 = `${head}${area}${organisation}${organisationCheck(organisation)}`;
    return first17 + usccCheck(first17);
  });

describe("Unified social credit codes", () => {
  for (const uscc of [...real, ...fictitious]) {
    it(`accepts ${uscc} without a warning`, () => {
      expect(readUscc(uscc)).to.deep.equal({ uscc });
    });
  }

  it("accepts every code that it can compute the checks for", () => {
    fc.assert(fc.property(code, (uscc) => isUscc(uscc) && !("fault" in readUscc(uscc))));
  });

  it("finds every single wrong character", () => {
    const change = fc.tuple(code, fc.nat(17), fc.constantFrom(...symbols));
    fc.assert(
      fc.property(change, ([uscc, at, symbol]) => {
        fc.pre(uscc[at] !== symbol);
        return "fault" in readUscc(uscc.slice(0, at) + symbol + uscc.slice(at + 1));
      }),
    );
  });

  it("finds two neighbours that changed places", () => {
    fc.assert(
      fc.property(code, fc.nat(16), (uscc, at) => {
        fc.pre(uscc[at] !== uscc[at + 1]);
        return "fault" in readUscc(uscc.slice(0, at) + uscc[at + 1]! + uscc[at]! + uscc.slice(at + 2));
      }),
    );
  });

  it("never throws and never accepts what it did not normalise", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), (text) => {
        const reading = readUscc(text);
        return "fault" in reading || isUscc(reading.uscc);
      }),
    );
  });

  const refused: readonly [string, string, string][] = [
    ["one digit changed", "914403011922038216", "USCC_CHECK_FAILED"],
    ["two digits transposed", "914403009122038216", "USCC_CHECK_FAILED"],
    ["a wrong check character", "914403001922038217", "USCC_CHECK_FAILED"],
    ["17 characters", "91440300192203821", "USCC_MALFORMED"],
    ["19 characters", "9144030019220382160", "USCC_MALFORMED"],
    ["the forbidden letter I", "91440300192203821I", "USCC_MALFORMED"],
    ["the forbidden letter O", "914403001O22038216", "USCC_MALFORMED"],
    ["an old 15-digit registration number", "110108000000001", "USCC_MALFORMED"],
    ["scientific notation", "9.14403001922038E+17", "VALUE_LOST_DIGITS"],
    ["nothing", "", "USCC_MALFORMED"],
  ];
  for (const [what, cell, expected] of refused) {
    it(`refuses ${what}`, () => {
      const reading = readUscc(cell);
      expect("fault" in reading && reading.fault.code).to.equal(expected);
    });
  }

  it("only warns when the overall check is right but the organisation code's is wrong", () => {
    const reading = readUscc("914403001922038229");
    expect(reading).to.have.property("uscc", "914403001922038229");
    expect(reading).to.have.nested.property("warning.code", "USCC_ORGANISATION_CHECK");
  });

  it("only warns about an area that lies in no province", () => {
    const first17 = "91990108MA9D00013";
    expect(readUscc(first17 + usccCheck(first17))).to.have.nested.property("warning.code", "AREA_UNKNOWN");
  });

  it("normalises width, case and spaces", () => {
    expect(readUscc("91330100799655058b")).to.deep.equal({ uscc: "91330100799655058B" });
    expect(readUscc("９１４４０３００１９２２０３８２１６")).to.deep.equal({ uscc: "914403001922038216" });
    expect(readUscc("\uFEFF 9144 0300 1922 0382 16　")).to.deep.equal({ uscc: "914403001922038216" });
  });
});
