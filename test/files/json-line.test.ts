import { expect } from "chai";
import fc from "fast-check";
import { readJson } from "../../backend/src/records/files/json-line.ts";

const code = (text: string, depth = 8) => readJson(text, depth).fault?.code ?? null;

/** Members whose names and values every reader agrees on. */
const json = fc
  .jsonValue({ maxDepth: 5, noUnicodeString: false })
  .filter((value) => !JSON.stringify(value).includes('"__proto__"'));

describe("files: one line of JSON", () => {
  it("reads what JSON.stringify writes", () => {
    fc.assert(
      fc.property(json, fc.constantFrom(undefined, 1, "\t"), (value, indent) => {
        const text = JSON.stringify(value, null, indent);
        fc.pre(!/\\ud[89a-f]|\\u0000/i.test(text) && code(text) !== "NUMBER_INEXACT");
        expect(readJson(text, 8).value).to.deep.equal(JSON.parse(text));
      }),
    );
  });

  it("accepts nothing that JSON.parse refuses, and reads the same as it", () => {
    const shreds = fc.constantFrom(
      '{"a":',
      '"a"',
      "[",
      "]",
      "{",
      "}",
      ",",
      ":",
      "1",
      "-0",
      "1e5",
      "0.10",
      "01",
      "true",
      "null",
      " ",
      '"\\u0041"',
      '"\\x"',
      '"\t"',
      "𠮷",
      "\\",
    );
    fc.assert(
      fc.property(fc.array(shreds, { maxLength: 8 }), (parts) => {
        const text = parts.join("");
        const reading = readJson(text, 8);
        if (reading.fault) return;
        expect(reading.value).to.deep.equal(JSON.parse(text));
      }),
      { numRuns: 2_000 },
    );
  });

  it("accepts a number only when a double prints as what was written", () => {
    fc.assert(
      fc.property(fc.stringMatching(/^-?(0|[1-9]\d{0,24})(\.\d{1,12})?([eE][+-]?\d{1,3})?$/), (literal) => {
        const [reading, exact] = [readJson(literal, 1), sameDecimal(literal, String(Number(literal)))];
        expect(reading.fault?.code).to.equal(exact ? undefined : "NUMBER_INEXACT");
      }),
      { numRuns: 1_000 },
    );
    for (const literal of ["0.1", "12.50", "1e2", "1E+2", "-0.0", "9007199254740991", "1e21", "0.0000001"])
      expect(code(literal)).to.equal(null);
    for (const literal of ["9007199254740993", "914403001922038217", "0.1000000000000000055", "1e400"]) {
      expect(code(literal), literal).to.equal("NUMBER_INEXACT");
    }
  });

  it("refuses a member that stands twice, in any spelling", () => {
    expect(code('{"a":1,"a":1}')).to.equal("DUPLICATE_KEY");
    expect(code('{"a":1,"\\u0061":2}')).to.equal("DUPLICATE_KEY");
    expect(code('{"x":{"a":1},"y":{"a":1}}')).to.equal(null);
    expect(code('{"toString":1,"constructor":2}')).to.equal(null);
  });

  it("refuses nesting beyond the limit, however deep it goes on", () => {
    expect(code("[".repeat(8) + "]".repeat(8))).to.equal(null);
    expect(code("[".repeat(9) + "]".repeat(9))).to.equal("TOO_DEEP");
    expect(code('{"a":'.repeat(1_000_000))).to.equal("TOO_DEEP");
  });

  it("refuses unpaired surrogates, NUL, control characters and the prototype's name", () => {
    for (const text of [
      '"\\ud800"',
      '"\\udc00\\ud800"',
      '"\\u0000"',
      '"\u0001"',
      '"\n"',
      '{"__proto__":1}',
      "\uFEFF1",
      "NaN",
      "1 2",
      "",
      "'a'",
    ]) {
      expect(code(text), JSON.stringify(text)).to.equal("MALFORMED_JSON");
    }
    expect(readJson('"\\ud842\\udfb7"', 1).value).to.equal("𠮷");
  });
});

/** Exact comparison by integers: both numbers times the same power of ten. */
function sameDecimal(a: string, b: string): boolean {
  const parts = (literal: string) => {
    const found = /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/.exec(literal);
    return (
      found && {
        digits: BigInt(`${found[1]}${found[2]}${found[3] ?? ""}`),
        scale: Number(found[4] ?? 0) - (found[3]?.length ?? 0),
      }
    );
  };
  const [x, y] = [parts(a), parts(b)];
  if (!x || !y) return false;
  const least = Math.min(x.scale, y.scale);
  return x.digits * 10n ** BigInt(x.scale - least) === y.digits * 10n ** BigInt(y.scale - least);
}
