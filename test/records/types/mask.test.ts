import { expect } from "chai";
import fc from "fast-check";
import { fieldsFor, masked } from "../../../backend/src/records/types/mask.ts";
import { typeNamed, vectorOf } from "./vectors.ts";

describe("Masks", () => {
  const cases: readonly [Parameters<typeof masked>[1], Parameters<typeof masked>[0], Parameters<typeof masked>[0]][] = [
    ["none", "北京", "北京"],
    ["name", "王建国", "王**"],
    ["name", "王", "王*"],
    ["name", "𠮷野", "𠮷*"],
    ["name", ["李文静", "赵志强"], ["李**", "赵**"]],
    ["idNumber", "11010519491231002X", "110105********002X"],
    ["idNumber", "E12345678", "E1*****78"],
    ["idNumber", "A12", "***"],
    ["address", "北京市海淀区学院路35号", "北京市海淀区***"],
    ["address", "学院路35号", "学院路***"],
    ["hidden", "内部意见", "***"],
    ["hidden", 7, "***"],
  ];
  for (const [mask, value, expected] of cases) {
    it(`${mask}: ${JSON.stringify(value)} is shown as ${JSON.stringify(expected)}`, () => {
      expect(masked(value, mask)).to.deep.equal(expected);
    });
  }

  it("leave of a number no more than they say", () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[0-9A-Z]{1,32}$/), (number) => {
        const shown = (masked(number, "idNumber") as string).replaceAll("*", "").length;
        expect(shown).to.be.at.most(number.length >= 15 ? 10 : 4);
        expect(shown).to.be.at.most(Math.floor((number.length * 2) / 3));
      }),
    );
  });
});

describe("What the public sees", () => {
  it("of an organisation's penalty: the decision, not the case file", () => {
    const { type, record } = vectorOf("enforcement.penalty-1");
    const seen = fieldsFor("public", typeNamed(type), record.fields);
    expect(seen).to.include({
      subjectName: "北京青禾餐饮管理有限公司",
      legalRepresentative: "王建国",
      fineFen: 500_000,
    });
    expect(seen).to.not.have.any.keys("officers", "legallyReviewed", "filedOn", "links", "local");
  });

  it("of an individual business: not its operator", () => {
    const { type, record } = vectorOf("approval.licence-1-2016");
    const seen = fieldsFor("public", typeNamed(type), record.fields);
    expect(seen).to.have.property("subjectName", "北京市海淀区王思伟面馆");
    expect(seen).to.not.have.property("legalRepresentative");
  });

  it("of a natural person: neither name nor number in full", () => {
    const { type, record } = vectorOf("enforcement.penalty-1-person");
    const seen = fieldsFor("public", typeNamed(type), record.fields);
    expect(seen.subject).to.deep.equal({ type: "person", id: "111:440524********0014" });
    expect(seen.subjectName).to.equal("张*");
    expect(JSON.stringify(seen)).to.not.include("440524188001010014");
  });

  it("never holds an identity number, whatever the type", () => {
    const { type, record } = vectorOf("approval.licence-1");
    expect(JSON.stringify(fieldsFor("public", typeNamed(type), record.fields))).to.not.include("11010519491231002X");
  });
});
