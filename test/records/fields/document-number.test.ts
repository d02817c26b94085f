import { expect } from "chai";
import fc from "fast-check";
import { readDocumentNumber } from "../../../backend/src/records/fields/document-number.ts";
import { citedLicences } from "../../../backend/src/records/fields/licence-citation.ts";

describe("Document numbers", () => {
  const one = "京海市监罚〔2026〕12号";
  for (const typed of [
    "京海市监罚〔2026〕12号",
    "京海市监罚（2026） 12 号",
    "京海市监罚(2026)12号",
    "京海市监罚[２０２６]１２号",
    "京海市监罚【2026】12号",
    "京海市监罚﹝2026﹞12号",
    "\uFEFF京海市监罚 〔 2026 〕 12号　",
  ]) {
    it(`reads ${typed} as ${one}`, () => {
      expect(readDocumentNumber(typed)).to.deep.equal({ number: one });
    });
  }

  it("keeps brackets that hold no year, leading zeros and the word 第", () => {
    expect(readDocumentNumber("京(海)许〔2026〕第0012号")).to.deep.equal({ number: "京(海)许〔2026〕第0012号" });
  });

  it("uses one kind of dash and capitals", () => {
    expect(readDocumentNumber("jy—1110–8012−3")).to.deep.equal({ number: "JY-1110-8012-3" });
  });

  it("gives a normal form: reading it again changes nothing", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), (text) => {
        const reading = readDocumentNumber(text);
        if (!reading.fault) expect(readDocumentNumber(reading.number)).to.deep.equal(reading);
      }),
    );
  });

  it("refuses what is no number", () => {
    expect(readDocumentNumber("——").fault?.code).to.equal("DOCUMENT_NUMBER_MALFORMED");
    expect(readDocumentNumber("1.2345E+19").fault?.code).to.equal("VALUE_LOST_DIGITS");
    expect(readDocumentNumber("京\u0000海").fault?.code).to.equal("VALUE_UNPRINTABLE");
  });
});

describe("Licence numbers inside a text", () => {
  const texts: readonly [string, string[]][] = [
    ["《食品经营许可证》（编号：JY11101080012345）", ["JY11101080012345"]],
    ["食品经营许可证JY11101080012345", ["JY11101080012345"]],
    ["食品经营许可证 ＪＹ11101080012345", ["JY11101080012345"]],
    ["食品经营许可证（JY11101080012345）", ["JY11101080012345"]],
    ["安全生产许可证 （京）JZ安许证字〔2024〕000123号", ["(京)JZ安许证字〔2024〕000123号"]],
    ["营业执照91110108MA9D00013X；食品经营许可证JY11101080012345", ["91110108MA9D00013X", "JY11101080012345"]],
    ["食品经营许可证", []],
    ["", []],
  ];
  for (const [text, numbers] of texts) {
    it(`finds ${numbers.length === 0 ? "none" : numbers.join(" and ")} in ${text === "" ? "nothing" : text}`, () => {
      expect(citedLicences(text)).to.deep.equal(numbers);
    });
  }
});
