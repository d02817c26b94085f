import { remarks } from "./double-publicity.ts";
import { citing, field } from "./field.ts";
import { date, documentNumber, documentNumbers, oneOf, otherwise, text, uscc, yesNo } from "./formats.ts";
import { internal } from "./handling.ts";
import { areaCode, implementingBody, regulatedParty } from "./internet-supervision.ts";
import type { RecordType } from "./record-type.ts";
import { inOrder } from "./rules.ts";

const common = { class: "penalty", handling: internal } as const;

/** A case handed over to the police or to another department (行政执法机关移送涉嫌犯罪案件的规定). */
export const transfer: RecordType = {
  type: "enforcement.transfer/1",
  kind: 4,
  label: { zh: "案件移送", en: "Transfer of a case" },
  source: "行政执法机关移送涉嫌犯罪案件的规定（国务院令第310号）",
  fields: [
    field({
      ...common,
      claim: "number",
      heading: "移送文书号",
      zh: "文书号",
      en: "Document number",
      synonyms: ["移送书文号", "案件移送书文号"],
      format: documentNumber,
      maxLength: 64,
      presence: "required",
    }),
    ...implementingBody("penalty"),
    ...regulatedParty("penalty"),
    areaCode("penalty"),
    field({
      ...common,
      claim: "transferredCases",
      heading: "移送案件编号",
      en: "Cases transferred",
      synonyms: ["立案编号", "案件编号"],
      format: documentNumbers,
      maxLength: 64,
      presence: "required",
      cites: citing("transfer-of"),
    }),
    field({
      ...common,
      claim: "transferType",
      heading: "移送类型",
      en: "Type of transfer",
      format: oneOf(
        { zh: "移送公安机关", en: "To the police", aliases: ["涉嫌犯罪移送"] },
        { zh: "移送其他行政机关", en: "To another department" },
        { zh: "移送纪检监察机关", en: "To discipline inspection" },
        otherwise,
      ),
      presence: "required",
    }),
    field({
      ...common,
      claim: "receivingUnit",
      heading: "受移送机关",
      en: "Receiving authority",
      format: text,
      maxLength: 200,
      presence: "required",
    }),
    field({
      ...common,
      claim: "receivingUnitCode",
      heading: "受移送机关统一社会信用代码",
      en: "Credit code of the receiving authority",
      format: uscc,
    }),
    field({
      ...common,
      claim: "transferReason",
      heading: "移送事由",
      en: "Reason for the transfer",
      synonyms: ["涉嫌罪名"],
      format: text,
      maxLength: 2000,
      presence: "required",
    }),
    field({
      ...common,
      claim: "transferReportedOn",
      heading: "移送报告日期",
      en: "Transfer proposed on",
      format: date,
    }),
    field({
      ...common,
      claim: "transferApprovedOn",
      heading: "移送批准日期",
      en: "Transfer approved on",
      format: date,
    }),
    field({
      ...common,
      claim: "eventTime",
      heading: "移送日期",
      zh: "作出日期",
      en: "Date of the act",
      synonyms: ["移送时间"],
      format: date,
      presence: "required",
    }),
    field({
      ...common,
      claim: "transferReceivedOn",
      heading: "移送回执日期",
      en: "Receipt of the transfer",
      format: date,
    }),
    field({
      ...common,
      claim: "filedByReceiver",
      heading: "受移送机关是否立案",
      en: "Filed by the receiver",
      format: yesNo,
    }),
    remarks("penalty"),
  ],
  rules: [
    inOrder(
      "transferReportedOn",
      "transferApprovedOn",
      "批准日期不得早于报告日期",
      "It was approved before it was proposed",
    ),
    inOrder("transferApprovedOn", "eventTime", "移送日期不得早于批准日期", "It was transferred before it was approved"),
    inOrder("eventTime", "transferReceivedOn", "回执日期不得早于移送日期", "It was received before it was transferred"),
  ],
};
