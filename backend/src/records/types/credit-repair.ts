import { department, remarks } from "./double-publicity.ts";
import { citing, field } from "./field.ts";
import { date, documentNumber, documentNumbers, list, oneOf, text, yesNo } from "./formats.ts";
import { internal, published } from "./handling.ts";
import type { RecordType } from "./record-type.ts";
import { inOrder } from "./rules.ts";
import { dishonestyClass } from "./credit-listing.ts";
import { subject } from "./subject.ts";

const common = { class: "credit", handling: published } as const;

/** The decision on an application for repair (信用修复管理办法, in force since 2026-04-01). */
export const repair: RecordType = {
  type: "credit.repair/1",
  kind: 5,
  label: { zh: "信用修复", en: "Credit repair" },
  source: "信用修复管理办法（国家发展改革委令第36号）",
  fields: [
    field({
      ...common,
      claim: "number",
      heading: "修复决定文书号",
      zh: "文书号",
      en: "Document number",
      synonyms: ["信用修复决定文书号"],
      format: documentNumber,
      maxLength: 64,
      presence: "required",
    }),
    ...subject({ name: "修复主体名称", category: "主体类别", code: "主体统一社会信用代码" }),
    field({
      ...common,
      claim: "repairedDocuments",
      heading: "修复对象文书号",
      en: "Documents repaired",
      synonyms: ["处罚决定文书号", "失信信息文书号"],
      format: documentNumbers,
      maxLength: 128,
      presence: "required",
      cites: citing("repair-of"),
    }),
    field({
      ...common,
      claim: "repairCommitments",
      heading: "信用承诺编码",
      en: "Commitments given for it",
      format: documentNumbers,
      maxLength: 64,
      cites: citing("basis"),
    }),
    field({
      ...common,
      claim: "dishonestyClass",
      heading: "失信类别",
      en: "Class of dishonesty",
      format: dishonestyClass,
    }),
    field({
      ...common,
      claim: "repairMaterials",
      heading: "修复材料",
      en: "Materials handed in",
      format: list,
      maxLength: 200,
      handling: internal,
    }),
    field({ ...common, claim: "appliedOn", heading: "申请日期", en: "Applied on", format: date, presence: "required" }),
    field({ ...common, claim: "acceptedOn", heading: "受理日期", en: "Accepted on", format: date }),
    field({ ...common, claim: "isExtended", heading: "是否延长办理", en: "Time limit extended", format: yesNo }),
    field({
      ...common,
      claim: "eventTime",
      heading: "修复决定日期",
      zh: "作出日期",
      en: "Date of the act",
      format: date,
      presence: "required",
    }),
    field({ ...common, claim: "feedbackOn", heading: "反馈日期", en: "Answered on", format: date }),
    field({
      ...common,
      claim: "repairDecision",
      heading: "修复结果",
      en: "Decision",
      format: oneOf({ zh: "准予修复", en: "Granted" }, { zh: "不予修复", en: "Refused" }),
      presence: "required",
    }),
    field({
      ...common,
      claim: "refusalReason",
      heading: "不予修复理由",
      en: "Reason for refusal",
      format: text,
      maxLength: 2000,
      presence: { claim: "repairDecision", holds: ["不予修复"] },
    }),
    field({
      ...common,
      claim: "publicationEndedOn",
      heading: "终止公示日期",
      en: "Publication ended on",
      format: date,
    }),
    field({
      ...common,
      claim: "authority",
      heading: "修复决定单位",
      zh: "作出机关",
      en: "Deciding authority",
      synonyms: ["认定单位"],
      format: text,
      maxLength: 200,
      presence: "required",
    }),
    department("修复决定单位统一社会信用代码", null, ["修复决定单位代码", "认定单位统一社会信用代码"]),
    remarks("credit"),
  ],
  rules: [
    inOrder("appliedOn", "acceptedOn", "受理日期不得早于申请日期", "It was accepted before it was applied for"),
    inOrder("appliedOn", "eventTime", "修复决定日期不得早于申请日期", "It was decided before it was applied for"),
    inOrder("acceptedOn", "eventTime", "修复决定日期不得早于受理日期", "It was decided before it was accepted"),
    inOrder("eventTime", "feedbackOn", "反馈日期不得早于修复决定日期", "It was answered before it was decided"),
  ],
};
