import { department, remarks } from "./double-publicity.ts";
import { field } from "./field.ts";
import { date, documentNumber, oneOf, text } from "./formats.ts";
import { published } from "./handling.ts";
import { areaCode, inspectionCited, officers } from "./internet-supervision.ts";
import type { RecordType } from "./record-type.ts";
import { inOrder, twoOfficers } from "./rules.ts";
import { subject } from "./subject.ts";

const common = { class: "inspection", handling: published } as const;

/** An order to make corrections and its recheck (行政处罚法 art. 28; 行政许可法 art. 61). */
export const rectification: RecordType = {
  type: "supervision.rectification/1",
  kind: 3,
  label: { zh: "责令改正", en: "Order to make corrections" },
  source: "行政检查文书基本格式文本（试行） 责令改正通知书",
  fields: [
    field({
      ...common,
      claim: "number",
      heading: "责令改正通知书文号",
      zh: "文书号",
      en: "Document number",
      synonyms: ["责令改正文书号"],
      format: documentNumber,
      maxLength: 64,
      presence: "required",
    }),
    ...subject({ name: "行政相对人名称", category: "行政相对人类别", code: "统一社会信用代码" }),
    inspectionCited("inspection"),
    field({
      ...common,
      claim: "problemFound",
      heading: "存在问题",
      en: "Problem found",
      format: text,
      maxLength: 4000,
      presence: "required",
    }),
    field({
      ...common,
      claim: "correctionOrdered",
      heading: "改正要求",
      en: "Correction ordered",
      format: text,
      maxLength: 4000,
      presence: "required",
    }),
    field({
      ...common,
      claim: "legalBasis",
      heading: "责令改正依据",
      zh: "法律依据",
      en: "Legal basis",
      format: text,
      maxLength: 2000,
    }),
    field({
      ...common,
      claim: "eventTime",
      heading: "责令改正日期",
      zh: "作出日期",
      en: "Date of the act",
      format: date,
      presence: "required",
    }),
    field({
      ...common,
      claim: "correctBy",
      heading: "改正期限",
      en: "To be corrected by",
      format: date,
      presence: "required",
    }),
    field({
      ...common,
      claim: "recheckedOn",
      heading: "复查日期",
      en: "Rechecked on",
      format: date,
    }),
    field({
      ...common,
      claim: "recheckResult",
      heading: "复查结果",
      en: "Result of the recheck",
      format: oneOf(
        { zh: "已改正", en: "Corrected" },
        { zh: "部分改正", en: "Partly corrected" },
        { zh: "未改正", en: "Not corrected" },
      ),
    }),
    ...officers({ names: "执法人员", presence: "optional" }),
    field({
      ...common,
      claim: "authority",
      heading: "责令机关",
      zh: "作出机关",
      en: "Deciding authority",
      format: text,
      maxLength: 200,
      presence: "required",
    }),
    department("责令机关统一社会信用代码", null),
    areaCode("inspection"),
    remarks("inspection"),
  ],
  rules: [
    inOrder("eventTime", "correctBy", "改正期限不得早于责令改正日期", "The time limit ends before the order"),
    inOrder("eventTime", "recheckedOn", "复查日期不得早于责令改正日期", "It was rechecked before it was ordered"),
    twoOfficers,
  ],
};
