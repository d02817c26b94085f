import { expect } from "chai";
import fc from "fast-check";
import { readJson } from "../../proof/src/json.ts";
import { fromBase64url, fromUtf8, isHex, toBase64url } from "../../proof/src/bytes.ts";

describe("strict JSON", () => {
  it("reads what JSON.parse reads, when all numbers are exact integers", () => {
    fc.assert(
      fc.property(fc.json({ maxDepth: 6 }), (text) => {
        const read = readJson(text);
        if (read.ok) expect(read.value).to.deep.equal(JSON.parse(text));
        else expect(["not-an-exact-integer", "forbidden-key", "duplicate-key"]).to.include(read.problem);
      }),
    );
  });

  it("refuses whatever JSON.parse refuses", () => {
    const fragment = fc.constantFrom(
      "{",
      "}",
      "[",
      "]",
      ",",
      ":",
      '"',
      "a",
      "\\",
      "\\u",
      "1",
      "-",
      ".",
      "e",
      "true",
      "nul",
      " ",
      "\n",
      "\u0000",
      "ａ",
    );
    fc.assert(
      fc.property(
        fc.array(fragment, { maxLength: 12 }).map((parts) => parts.join("")),
        (text) => {
          const read = readJson(text);
          if (read.ok) expect(read.value).to.deep.equal(JSON.parse(text));
        },
      ),
      { numRuns: 3000 },
    );
  });

  it("judges alike what is spelled as the platform would spell it, and what is not", () => {
    const number = fc.constantFrom(
      "9007199254740992",
      "-9007199254740993",
      "1e+21",
      "1e-7",
      "0.5",
      "-0",
      "7",
      "12345678901234567890",
    );
    const key = fc.constantFrom("a", "__proto__", "toJSON", "1", "constructor");
    const { value } = fc.letrec<{ value: string }>((tie) => ({
      value: fc.oneof(
        { depthSize: "small" },
        number,
        fc.string({ unit: "binary" }).map((text) => JSON.stringify(text)),
        fc.array(tie("value")).map((parts) => `[${parts.join()}]`),
        fc.array(fc.tuple(key, tie("value"))).map((pairs) => `{${pairs.map(([k, v]) => `"${k}":${v}`).join()}}`),
        tie("value").map((inner) => "[".repeat(31) + inner + "]".repeat(31)),
      ),
    }));
    fc.assert(
      fc.property(value, (text) => {
        const [plain, spaced] = [readJson(text), readJson(`${text} `)];
        expect(plain).to.deep.equal(spaced);
      }),
      { numRuns: 2000 },
    );
  });

  it("reads escapes, white space and the whole of Unicode", () => {
    const value = (text: string) => {
      const read = readJson(text);
      return read.ok ? read.value : `${read.problem} at ${read.position}`;
    };
    expect(value(' \t\n\r{ "a" : [ 1 , -2 ] } ')).to.deep.equal({ a: [1, -2] });
    expect(value('"\\"\\\\\\/\\b\\f\\n\\r\\t\\u4e2d\\ud842\\udfb7𠮷"')).to.equal('"\\/\b\f\n\r\t中𠮷𠮷');
    expect(value('{"constructor":1,"toString":2,"":3}')).to.deep.equal({ constructor: 1, toString: 2, "": 3 });
    expect(value("9007199254740991")).to.equal(9007199254740991);
    expect(value("-9007199254740991")).to.equal(-9007199254740991);
    expect(value("[".repeat(32) + "]".repeat(32))).to.be.an("array");
    expect(value(`[${"[],".repeat(100)}[]]`)).to.have.length(101);
  });

  it("says what is wrong, and where", () => {
    const cases: readonly (readonly [text: string | Uint8Array, problem: string, position: number])[] = [
      ["", "syntax", 0],
      ["{", "syntax", 1],
      ["[1,]", "syntax", 3],
      ['{"a":1,}', "syntax", 7],
      ['{"a" 1}', "syntax", 5],
      ["{a:1}", "syntax", 1],
      ["[1 2]", "syntax", 3],
      ["tru", "syntax", 0],
      ["nulll", "syntax", 4],
      ["01", "syntax", 1],
      ["+1", "syntax", 0],
      [".5", "syntax", 0],
      ["NaN", "syntax", 0],
      ['"\\x"', "syntax", 1],
      ['"\\u12g4"', "syntax", 1],
      ['"abc', "syntax", 4],
      ['"\n"', "syntax", 1],
      ["[1] [2]", "syntax", 4],
      ["\ufeff1", "syntax", 0],
      ["\u00a01", "syntax", 0],
      ["1.0", "not-an-exact-integer", 0],
      ["[1e2]", "not-an-exact-integer", 1],
      ["-0", "not-an-exact-integer", 0],
      ["9007199254740992", "not-an-exact-integer", 0],
      ['{"a":1,"a":1}', "duplicate-key", 7],
      ['{"a":1,"\\u0061":1}', "duplicate-key", 7],
      ['{"__proto__":1}', "forbidden-key", 1],
      ['{"\\u005f_proto__":1}', "forbidden-key", 1],
      ['["\\ud800"]', "lone-surrogate", 1],
      ['["\\udc00\\ud800"]', "lone-surrogate", 1],
      ['["\ud800"]', "lone-surrogate", 1],
      ["[".repeat(33), "too-deep", 32],
      ['{"a":'.repeat(33), "too-deep", 160],
      [Uint8Array.of(0x22, 0xc3, 0x28, 0x22), "not-utf8", 0],
      [Uint8Array.of(0x22, 0xed, 0xa0, 0x80, 0x22), "not-utf8", 0],
      [Uint8Array.of(0xef, 0xbb, 0xbf, 0x31), "syntax", 0],
    ];
    for (const [text, problem, position] of cases)
      expect(readJson(text), JSON.stringify(text)).to.deep.equal({ ok: false, problem, position });
  });
});

describe("byte encodings", () => {
  it("are base64url as everyone has it, in one spelling only", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 50 }), (bytes) => {
        const text = Buffer.from(bytes).toString("base64url");
        expect(toBase64url(bytes)).to.equal(text);
        expect(fromBase64url(text)).to.deep.equal(bytes);
      }),
    );
    for (const text of ["A", "AB", "AAB", "AA=", "AA==", "A+", "A/", "A ", "Ａ", "AAAAA", "A\u0000"])
      expect(fromBase64url(text), text).to.equal(null);
    expect(fromBase64url("")).to.deep.equal(new Uint8Array());
    expect(fromBase64url("AA")).to.deep.equal(Uint8Array.of(0));
  });

  it("are UTF-8 or nothing", () => {
    expect(fromUtf8(Buffer.from("中𠮷"))).to.equal("中𠮷");
    expect(fromUtf8(Uint8Array.of(0xff))).to.equal(null);
  });

  it("are lower-case hex of whole bytes", () => {
    for (const text of ["0x", "0x00", "0xff"]) expect(isHex(text)).to.equal(true);
    for (const text of ["", "00", "0X00", "0x0", "0xFF", "0xgg", " 0x00", "0x00 ", "0x00\n", 0, null, undefined])
      expect(isHex(text), String(text)).to.equal(false);
    expect(isHex("0x00", 1)).to.equal(true);
    expect(isHex("0x00", 2)).to.equal(false);
  });
});
