import { expect } from "chai";
import { isPublished, type PublicationFacts } from "../../../backend/src/records/types/publication.ts";
import type { Json } from "../../../backend/src/records/types/record-type.ts";
import { recordTypes } from "../../../backend/src/records/types/record-types.ts";
import { typeNamed } from "./vectors.ts";

const TODAY = "2026-11-23";

describe("publication", () => {
  const published = (type: string, fields: Record<string, Json>, facts: Partial<PublicationFacts> = {}) => {
    const place = { department: "11310000MB9D0005X4", area: "310000", subjectType: "uscc" } as const;
    const standing = { ...place, isFinal: true, isSuperseded: false, isRepaired: false } as const;
    return isPublished(
      typeNamed(type),
      { ...standing, fields: { eventTime: "2026-03-02", ...fields }, ...facts },
      TODAY,
    );
  };
  const fine = { penaltyKinds: ["罚款"] };
  const closing = { penaltyKinds: ["警告"], secondPenaltyKinds: ["责令关闭"], eventTime: "2024-01-02" };
  const kept = { openness: "可向社会公开", validTo: "2026-11-22" };
  const general = { dishonestyClass: "一般", eventTime: "2025-11-22" };

  for (const [what, type, fields, expected] of [
    ["a general penalty, within a year", "enforcement.penalty/1", fine, true],
    ["a general penalty, on the last day", "enforcement.penalty/1", { ...fine, eventTime: "2025-11-23" }, true],
    ["a general penalty, a day later", "enforcement.penalty/1", { ...fine, eventTime: "2025-11-22" }, false],
    ["one whose stated period is over", "enforcement.penalty/1", { ...fine, publicationTo: "2026-11-22" }, false],
    [
      "one whose stated period is longer than the law's",
      "enforcement.penalty/1",
      { ...fine, eventTime: "2025-01-01", publicationTo: "2028-01-01" },
      false,
    ],
    [
      "a serious penalty, within three years",
      "enforcement.penalty/1",
      { penaltyKinds: ["罚款", "吊销许可证件"], eventTime: "2024-01-02" },
      true,
    ],
    [
      "a serious penalty, after three years",
      "enforcement.penalty/1",
      { penaltyKinds: ["吊销许可证件"], eventTime: "2023-11-22" },
      false,
    ],
    ["a mere warning", "enforcement.penalty/1", { penaltyKinds: ["警告", "通报批评"] }, false],
    ["a warning with a fine", "enforcement.penalty/1", { penaltyKinds: ["警告", "罚款"] }, true],
    ["a warning with a closure, in two columns", "enforcement.penalty/1", closing, true],
    ["one that its file says was revoked (2016)", "enforcement.penalty/1", { ...fine, recordStatus: "撤销" }, false],
    ["the simple procedure", "enforcement.penalty/1", { ...fine, procedure: "简易程序" }, false],
    ["a licence in force", "approval.licence/1", { eventTime: "2016-01-01", validTo: "2030-01-09" }, true],
    ["a licence without an end", "approval.licence/1", { validTo: "indefinite" }, true],
    ["a licence that has expired", "approval.licence/1", { validTo: "2026-11-22" }, false],
    ["a licence that its file says was revoked (2016)", "approval.licence/1", { recordStatus: "撤销" }, false],
    ["a commitment open to all", "credit.commitment/1", { openness: "可向社会公开" }, true],
    ["a commitment open to all, after its end", "credit.commitment/1", kept, false],
    ["a commitment not open to all", "credit.commitment/1", { openness: "特定范围内公开" }, false],
    ["a serious listing, within three years", "credit.listing/1", { eventTime: "2023-11-23" }, true],
    ["a serious listing, after three years", "credit.listing/1", { eventTime: "2023-11-22" }, false],
    ["a listing said to be general, after a year", "credit.listing/1", general, false],
    ["a listing said to be minor", "credit.listing/1", { dishonestyClass: "轻微" }, false],
    ["a listing that was removed", "credit.listing/1", { removedOn: "2026-11-22" }, false],
    ["an inspection's result", "supervision.inspection/1", {}, true],
    ["a service case", "service.case/1", {}, false],
    ["a case filing", "enforcement.filing/1", {}, false],
    ["a repair", "credit.repair/1", {}, false],
  ] as const)
    it(`${what}: ${expected ? "published" : "not published"}`, () => {
      expect(published(type, fields as unknown as Record<string, Json>)).to.equal(expected);
    });

  it("ends, whatever the type, with correction, withdrawal and repair, and begins when the record is final", () => {
    for (const type of recordTypes.keys())
      for (const facts of [{ isSuperseded: true }, { isRepaired: true }, { isFinal: false }])
        expect(published(type, fine, facts)).to.equal(false);
  });

  it("never shows a natural person's record, whatever the type", () => {
    for (const type of recordTypes.keys()) expect(published(type, fine, { subjectType: "person" })).to.equal(false);
  });
});
