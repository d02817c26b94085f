import { expect } from "chai";
import fc from "fast-check";
import { identityNumbersIn, withoutIdentityNumbers } from "../../../backend/src/records/fields/identity-in-text.ts";
import { identityCheck, readCertificateNumber } from "../../../backend/src/records/fields/person-id.ts";

/** The example of GB 11643-1999 itself. */
const EXAMPLE = "11010519491231002X";

const born = fc.date({ min: new Date("1900-01-01"), max: new Date("2099-12-31"), noInvalidDate: true });
const identityNumber = fc
  .tuple(fc.integer({ min: 100_000, max: 999_999 }), born, fc.integer({ min: 0, max: 999 }))
  .map(([area, day, sequence]) => {
    const body = `${area}${day.toISOString().slice(0, 10).replaceAll("-", "")}${String(sequence).padStart(3, "0")}`;
    return body + identityCheck(body);
  });

describe("identity numbers in a text", () => {
  it("are found wherever they stand and however they are typed", () => {
    const around = fc.string({
      unit: fc.constantFrom("字", "号", "T", ".", "第", " ", "-", "1", "7", "X"),
      maxLength: 6,
    });
    const typed = fc.constantFrom<(id: string) => string>(
      (id) => id,
      (id) => id.toLowerCase(),
      (id) => id.replace(/[0-9X]/g, (c) => String.fromCharCode(c.charCodeAt(0) + 0xfee0)),
      (id) => `${id.slice(0, 6)} ${id.slice(6, 14)} ${id.slice(14)}`,
      (id) => `${id.slice(0, 6)}-${id.slice(6, 14)}-${id.slice(14)}`,
    );
    fc.assert(
      fc.property(around, identityNumber, typed, around, (before, id, typing, after) => {
        const text = before + typing(id) + after;
        // Two more digits make a number of a commitment of it, for those born since there are any.
        fc.pre(!/\d{20}/.test(text.normalize("NFKC").replace(/[\s-]/g, "")) || Number(id.slice(6, 10)) < 2019);
        expect(identityNumbersIn(text)).to.include(id);
        expect(identityNumbersIn(withoutIdentityNumbers(text))).to.deep.equal([]);
      }),
    );
  });

  it("are only those that a card can bear", () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(..."0123456789X -字"), maxLength: 60 }), (text) => {
        for (const id of identityNumbersIn(text)) expect(readCertificateNumber("111", id)).to.deep.equal({ id });
      }),
    );
  });

  const not: readonly [what: string, text: string][] = [
    ["another check character", "110105194912310021"],
    ["a day that does not exist", "110105194902310029"],
    ["15 digits", "110105491231002"],
    ["a masked number", "110105********002X"],
    ["a moment", "2026-03-02 09:30:00 +0800"],
    ["the number of a commitment", "11010820260302000001"],
    ["a digit too few", EXAMPLE.slice(1)],
    ["two numbers of telephones", "13800001111、13900002222"],
  ];
  for (const [what, text] of not)
    it(`are not ${what}`, () => {
      expect(identityNumbersIn(text)).to.deep.equal([]);
      expect(withoutIdentityNumbers(text)).to.equal(text);
    });

  it("are told from a document's number of area, day and sequence by the year", () => {
    expect(identityNumbersIn(EXAMPLE, 1950)).to.deep.equal([EXAMPLE]);
    expect(identityNumbersIn(EXAMPLE, 1949)).to.deep.equal([]);
  });

  it("are taken out of a file's name", () => {
    expect(withoutIdentityNumbers(`张三${EXAMPLE}的处罚.xlsx`)).to.equal("张三***的处罚.xlsx");
  });

  it("are looked for in time that grows with the text only", () => {
    for (const hostile of [
      "1 ".repeat(200_000),
      "1".repeat(200_000),
      "1--".repeat(200_000),
      "1234567890123456X".repeat(20_000),
    ])
      expect(identityNumbersIn(hostile)).to.be.an("array");
  });
});
