import { expect } from "chai";
import type { CertificateOrder } from "../../backend/src/certificates/certificate-order.ts";
import { claimsToShow, type Disclosable } from "../../backend/src/certificates/disclosure.ts";
import { readCode } from "../../backend/src/certificates/verification-code.ts";

const ID = "0190d0a0-0000-7000-8000-000000000000";
const [DEPARTMENT, OTHER] = ["11110000MB9D0005X4", "11110108MB9D00068W"];
const fine: Disclosable = {
  id: ID,
  type: "enforcement.penalty/1",
  kind: 4,
  department: DEPARTMENT,
  fields: {
    subject: { type: "uscc", id: "91110108MA9D00013X" },
    subjectName: "京海示例科技有限公司",
    number: "京市监罚〔2026〕7号",
    eventTime: "2026-03-02",
    fineFen: 500_000,
    officers: ["王示例", "李示例"],
  },
};
const commitment: Disclosable = { ...fine, type: "credit.commitment/1", kind: 5 };
const listing: Disclosable = { ...fine, type: "credit.listing/1", kind: 5 };
const order: CertificateOrder = {
  purpose: "history",
  subject: { type: "uscc", id: "91110108MA9D00013X" },
  kinds: [4, 5],
  period: { from: "2026-01-01", to: "2026-12-31" },
  departments: null,
  records: [],
  disclose: {},
};
const clean: CertificateOrder = { ...order, purpose: "clean-record" };
const firstHalf = { from: "2026-01-01", to: "2026-02-28" };

describe("what a certificate discloses", () => {
  it("is by itself what the law publishes, and nothing for a clean record", () => {
    expect(claimsToShow(fine, false, order)).to.include.members(["subject", "number", "fineFen"]);
    expect(claimsToShow(fine, false, order)).not.to.include("officers");
    expect(claimsToShow(fine, false, clean)).to.deep.equal([]);
  });

  it("is what the subject chooses", () => {
    const by = (disclose: CertificateOrder["disclose"]) => claimsToShow(fine, false, { ...order, disclose });
    expect(by({ fields: "all" })).to.deep.equal(Object.keys(fine.fields));
    expect(by({ fields: ["fineFen", "nosuch"] })).to.deep.equal(["fineFen"]);
    expect(by({ fields: "none" })).to.deep.equal([]);
    expect(by({ fields: "all", records: { [ID]: ["number"] } })).to.deep.equal(["number"]);
    expect(by({ records: { [ID]: "withheld" } })).to.equal(null);
  });

  const cases: [string, Disclosable, boolean, CertificateOrder, readonly string[]][] = [
    ["the date of a penalty outside the period", fine, false, { ...clean, period: firstHalf }, ["eventTime"]],
    ["the date of a listing outside the period", listing, false, { ...clean, period: firstHalf }, ["eventTime"]],
    ["nothing of a superseded one", fine, true, { ...clean, disclose: { fields: "none" } }, []],
    ["nothing of another department's", fine, false, { ...clean, departments: [OTHER] }, []],
    ["nothing of what is not adverse", commitment, false, clean, []],
  ];
  for (const [what, record, superseded, by, expected] of cases)
    it(`in a clean record needs ${what}`, () => {
      const withheld = { ...by, disclose: { records: { [ID]: "withheld" as const } } };
      expect(claimsToShow(record, superseded, withheld)).to.deep.equal(expected);
    });

  it("of a single record always names its subject", () => {
    const single: CertificateOrder = { ...order, purpose: "record", period: null, disclose: { fields: ["number"] } };
    expect(claimsToShow(fine, false, single)).to.deep.equal(["number", "subject"]);
  });

  it("of a record outside the period is its date alone", () => {
    expect(claimsToShow(fine, false, { ...order, period: firstHalf })).to.deep.equal(["eventTime"]);
  });
});

describe("a code on paper", () => {
  it("is read as people type it", () => {
    expect(readCode(" 0123-45o7 i9l ")).to.equal("01234507191");
  });
});
