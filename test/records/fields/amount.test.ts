import { expect } from "chai";
import fc from "fast-check";
import { inTenThousandYuan, inYuan, readAmount } from "../../../backend/src/records/fields/amount.ts";

const fen = fc.nat(Number.MAX_SAFE_INTEGER);

describe("Amounts of money", () => {
  it("goes from fen to 万元 and 元 and back without loss", () => {
    fc.assert(
      fc.property(fen, (amount) => {
        expect(readAmount(inTenThousandYuan(amount), "万元")).to.deep.equal({ fen: amount });
        expect(readAmount(inYuan(amount), "元")).to.deep.equal({ fen: amount });
      }),
    );
  });

  it("does not depend on how the number is written", () => {
    const written = fc.tuple(fen, fc.boolean(), fc.boolean(), fc.nat(4));
    fc.assert(
      fc.property(written, ([amount, grouped, fullWidth, zeros]) => {
        const [whole = "", fraction = ""] = inTenThousandYuan(amount).split(".");
        const groups = grouped ? whole.replace(/\B(?=(\d{3})+$)/g, ",") : whole;
        const text = `${groups}.${fraction}${"0".repeat(zeros)}`;
        const cell = fullWidth ? text.replace(/[!-~]/g, (c) => String.fromCharCode(c.charCodeAt(0) + 0xfee0)) : text;
        expect(readAmount(cell, "万元")).to.deep.equal({ fen: amount });
      }),
    );
  });

  const read: readonly [string, number][] = [
    ["0.5", 500_000],
    ["0.000001", 1],
    ["1,234.5", 1_234_500_000],
    ["１２.３４５６７８", 12_345_678],
    ["￥3", 3_000_000],
    ["5万元", 5_000_000],
    ["0", 0],
    ["007.10", 7_100_000],
    // 0.29 * 1e6 is 289999.99999999994 in floating point.
    ["0.29", 290_000],
  ];
  for (const [cell, expected] of read) {
    it(`reads ${cell} 万元 as ${expected} fen`, () => {
      expect(readAmount(cell, "万元")).to.deep.equal({ fen: expected });
    });
  }

  const refused: readonly [string, string, string][] = [
    ["seven decimals", "0.1234567", "AMOUNT_TOO_PRECISE"],
    ["a negative amount", "-1", "AMOUNT_MALFORMED"],
    ["another unit", "5000元", "AMOUNT_MALFORMED"],
    ["an exponent", "1e3", "AMOUNT_MALFORMED"],
    ["separators in the wrong place", "12,34", "AMOUNT_MALFORMED"],
    ["two decimal points", "1.2.3", "AMOUNT_MALFORMED"],
    ["words", "伍万", "AMOUNT_MALFORMED"],
    ["more than 2^53 fen", "9007199255", "AMOUNT_TOO_LARGE"],
  ];
  for (const [what, cell, expected] of refused) {
    it(`refuses ${what}`, () => {
      expect(readAmount(cell, "万元").fault?.code).to.equal(expected);
    });
  }
});
