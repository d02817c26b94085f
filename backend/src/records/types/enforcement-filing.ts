import { remarks } from "./double-publicity.ts";
import { field } from "./field.ts";
import { date, documentNumber, oneOf, otherwise, text, yesNo } from "./formats.ts";
import { internal, published } from "./handling.ts";
import {
  areaCode,
  implementingBody,
  inspectionCited,
  itemCode,
  officers,
  regulatedParty,
} from "./internet-supervision.ts";
import type { RecordType } from "./record-type.ts";
import { inOrder, twoOfficers } from "./rules.ts";

const common = { class: "penalty", handling: internal } as const;

export const caseSource = oneOf(
  { zh: "检查发现", en: "Found by inspection", aliases: ["监督检查"] },
  { zh: "投诉举报", en: "Complaint or report", aliases: ["投诉", "举报"] },
  { zh: "上级交办", en: "Assigned from above" },
  { zh: "其他部门移送", en: "Transferred by another department", aliases: ["移送"] },
  { zh: "下级报请", en: "Submitted from below" },
  otherwise,
);

export const procedure = oneOf(
  { zh: "简易程序", en: "Simple", aliases: ["简易"] },
  { zh: "普通程序", en: "Ordinary", aliases: ["普通", "一般", "一般程序"] },
);

/** The opening of a case (行政处罚法 art. 54): from this day the 90 days of art. 60 run. */
export const filing: RecordType = {
  type: "enforcement.filing/1",
  kind: 4,
  label: { zh: "行政处罚立案", en: "Case filing" },
  source: "国家“互联网+监管”系统 C5102-2019；行政处罚法 第五十四条",
  fields: [
    itemCode("penalty"),
    field({
      ...common,
      claim: "number",
      heading: "立案编号",
      zh: "文书号",
      en: "Document number",
      synonyms: ["案件编号"],
      format: documentNumber,
      maxLength: 64,
      presence: "required",
      handling: published,
    }),
    field({
      ...common,
      claim: "caseName",
      heading: "案件名称",
      en: "Name of the case",
      format: text,
      maxLength: 500,
      presence: "required",
    }),
    ...implementingBody("penalty"),
    ...regulatedParty("penalty"),
    areaCode("penalty"),
    field({
      ...common,
      claim: "caseSource",
      heading: "案件来源",
      en: "Source of the case",
      format: caseSource,
      presence: "required",
    }),
    field({ ...common, claim: "sourceDate", heading: "案件来源日期", en: "Date of the source", format: date }),
    inspectionCited("penalty"),
    field({
      ...common,
      claim: "suspectedViolation",
      heading: "涉嫌违法行为",
      en: "Suspected violation",
      format: text,
      maxLength: 2000,
      presence: "required",
    }),
    field({
      ...common,
      claim: "legalBasis",
      heading: "立案依据",
      zh: "法律依据",
      en: "Legal basis",
      format: text,
      maxLength: 2000,
    }),
    field({
      ...common,
      claim: "procedure",
      heading: "案件程序类别",
      zh: "处罚程序",
      en: "Procedure",
      format: procedure,
    }),
    field({ ...common, claim: "isMajor", heading: "是否重大案件", en: "Major case", format: yesNo }),
    field({ ...common, claim: "isCriminal", heading: "是否涉刑案件", en: "Criminal matter", format: yesNo }),
    field({
      ...common,
      claim: "eventTime",
      heading: "立案日期",
      zh: "作出日期",
      en: "Date of the act",
      synonyms: ["处罚立案时间"],
      format: date,
      presence: "required",
    }),
    ...officers({ names: "办案人员", presence: "optional" }),
    field({
      ...common,
      claim: "filingWithdrawn",
      heading: "案件撤销原因",
      en: "Why the case was dropped",
      format: text,
      maxLength: 1000,
    }),
    remarks("penalty"),
  ],
  rules: [
    inOrder("sourceDate", "eventTime", "立案日期不得早于案件来源日期", "The case was filed before its source"),
    twoOfficers,
  ],
};
