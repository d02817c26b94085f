import { expect } from "chai";
import { areas } from "../../../backend/src/records/fields/area-codes.ts";
import { liesIn, readArea } from "../../../backend/src/records/fields/area.ts";

describe("Area codes", () => {
  it("knows the districts of Beijing", () => {
    const districts = {
      ...{ 110101: "东城区", 110102: "西城区", 110105: "朝阳区", 110106: "丰台区", 110107: "石景山区" },
      ...{ 110108: "海淀区", 110109: "门头沟区", 110111: "房山区", 110112: "通州区", 110113: "顺义区" },
      ...{ 110114: "昌平区", 110115: "大兴区", 110116: "怀柔区", 110117: "平谷区", 110118: "密云区", 110119: "延庆区" },
    };
    for (const [code, name] of Object.entries(districts))
      expect(readArea(code)).to.have.nested.property("area.name", name);
  });

  it("knows codes that ended, and what took their place", () => {
    const reading = readArea("110228");
    expect(reading).to.have.nested.property("area.name", "密云县");
    expect(reading).to.have.nested.property("area.until", "2015-10-13");
    expect(reading).to.have.nested.property("area.successor", "110118");
  });

  it("has each successor in the list, in use since the old code ended or before", () => {
    for (const { successor, until } of areas.values()) {
      if (successor === null) continue;
      const from = areas.get(successor)?.from ?? null;
      expect(areas.has(successor)).to.equal(true);
      expect(from === null || from === until).to.equal(true);
    }
  });

  it("knows other places by their province, and national authorities by 100000", () => {
    expect(readArea("440300")).to.deep.equal({ known: "province", province: "广东省" });
    expect(readArea("100000")).to.deep.equal({ known: "province", province: "国家级" });
    expect(readArea("110302")).to.deep.equal({ known: "province", province: "北京市" });
  });

  it("does not know what lies in no province", () => {
    for (const code of ["990101", "000000", "1101", "北京市"]) expect(readArea(code)).to.deep.equal({ known: "none" });
  });

  it("tells whether one area lies in another", () => {
    expect(liesIn("110108", "110000")).to.equal(true);
    expect(liesIn("110108", "110100")).to.equal(true);
    expect(liesIn("110108", "110108")).to.equal(true);
    expect(liesIn("110108", "110105")).to.equal(false);
    expect(liesIn("440300", "110000")).to.equal(false);
  });
});
