import { expect } from "chai";
import fc from "fast-check";
import {
  certificateTypes,
  identityCheck,
  readCertificateNumber,
} from "../../../backend/src/records/fields/person-id.ts";

const identity = fc
  .tuple(
    fc.integer({ min: 110_000, max: 659_999 }),
    fc.date({ min: new Date("1900-01-01"), max: new Date("2026-01-01"), noInvalidDate: true }),
    fc.integer({ min: 0, max: 999 }),
  )
  .map(([area, birth, serial]) => {
    const first17 = `${area}${birth.toISOString().slice(0, 10).replaceAll("-", "")}${String(serial).padStart(3, "0")}`;
    return first17 + identityCheck(first17);
  });

describe("Certificate numbers of persons", () => {
  it("accepts the sample numbers of GB 11643", () => {
    expect(readCertificateNumber("111", "11010519491231002X")).to.deep.equal({ id: "11010519491231002X" });
    expect(readCertificateNumber("111", "440524188001010014")).to.deep.equal({ id: "440524188001010014" });
  });

  it("normalises width and case", () => {
    expect(readCertificateNumber("111", " １１０１０５１９４９１２３１００２ｘ")).to.deep.equal({
      id: "11010519491231002X",
    });
  });

  it("accepts every identity number with a real birthday and the right check digit", () => {
    fc.assert(fc.property(identity, (id) => readCertificateNumber("111", id).fault === undefined));
  });

  it("finds every single wrong digit", () => {
    fc.assert(
      fc.property(identity, fc.nat(16), fc.integer({ min: 1, max: 9 }), (id, at, shift) => {
        const digit = (Number(id[at]) + shift) % 10;
        return readCertificateNumber("111", `${id.slice(0, at)}${digit}${id.slice(at + 1)}`).fault !== undefined;
      }),
    );
  });

  const refused: readonly [string, string, string, string][] = [
    ["a wrong check digit", "111", "110105194912310021", "PERSON_ID_CHECK_FAILED"],
    ["a birthday that does not exist", "111", "110105194902310029", "PERSON_ID_MALFORMED"],
    ["15 digits", "111", "110105491231002", "PERSON_ID_MALFORMED"],
    ["scientific notation", "111", "1.10105E+17", "VALUE_LOST_DIGITS"],
    ["a passport with signs", "414", "G1234/678", "PERSON_ID_MALFORMED"],
  ];
  for (const [what, type, cell, expected] of refused) {
    it(`refuses ${what}`, () => {
      expect(readCertificateNumber(type, cell).fault?.code).to.equal(expected);
    });
  }

  it("checks other certificates for their form only", () => {
    expect(readCertificateNumber("414", "e12345678")).to.deep.equal({ id: "E12345678" });
    expect(readCertificateNumber("516", "H1234567(01)")).to.deep.equal({ id: "H1234567(01)" });
  });

  const kinds: Readonly<Record<string, string>> = {
    ...{ "01": "身份证", "02": "护照号", "03": "港澳居民来往内地通行证", "04": "台湾居民来往大陆通行证" },
    ...{ "05": "外国人永久居留身份证", "111": "身份证", "114": "军官证", "115": "武警警官证", "118": "士兵证" },
    ...{ "119": "武警士兵证", "120": "文职人员证", "122": "文职人员证", "411": "外交护照", "412": "公务护照" },
    ...{ "413": "公务普通护照", "414": "护照号", "511": "台湾居民来往大陆通行证", "516": "港澳居民来往内地通行证" },
    ...{ "553": "外国人永久居留身份证", "999": "其他自然人有效证件", 公民身份号码: "身份证", 普通护照: "护照号" },
  };
  for (const [written, wording] of Object.entries(kinds)) {
    it(`knows ${written} as ${wording}`, () => {
      const kind = certificateTypes.find(({ code, zh, aliases }) => [code, zh, ...aliases].includes(written));
      expect(kind?.zh).to.equal(wording);
    });
  }

  it("lists each kind of certificate once", () => {
    const words = certificateTypes.flatMap(({ code, zh, aliases }) => [code, zh, ...aliases]);
    expect(new Set(words).size).to.equal(words.length);
  });
});
