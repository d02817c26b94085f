import { department, remarks } from "./double-publicity.ts";
import { citing, field } from "./field.ts";
import { date, documentNumber, documentNumbers, oneOf, otherwise, text } from "./formats.ts";
import { internal, published } from "./handling.ts";
import type { RecordType } from "./record-type.ts";
import { inOrder } from "./rules.ts";
import { subject } from "./subject.ts";

const common = { class: "credit", handling: published } as const;

/** An objection to a record; while it is open, every display of that record must carry the mark (异议标注). */
export const objection: RecordType = {
  type: "credit.objection/1",
  kind: 5,
  label: { zh: "信用异议", en: "Objection" },
  source: "社会信用条例（上海第三十六条、深圳第四十八至五十一条）",
  fields: [
    field({
      ...common,
      claim: "number",
      heading: "异议编号",
      zh: "文书号",
      en: "Document number",
      format: documentNumber,
      maxLength: 64,
      presence: "required",
    }),
    ...subject({ name: "异议主体名称", category: "主体类别", code: "主体统一社会信用代码" }),
    field({
      ...common,
      claim: "contestedDocuments",
      heading: "异议对象文书号",
      en: "Documents objected to",
      synonyms: ["异议信息文书号"],
      format: documentNumbers,
      maxLength: 128,
      presence: "required",
      cites: citing("objection-to"),
    }),
    field({
      ...common,
      claim: "objectionGround",
      heading: "异议事由",
      en: "Ground of the objection",
      format: oneOf(
        { zh: "信息错误或者遗漏", en: "Error or omission" },
        { zh: "超过期限仍在公示", en: "Published for too long" },
        { zh: "不符合列入条件或者未按规定移出", en: "Wrongly listed or not removed" },
        { zh: "应予修复未修复", en: "Not repaired though due" },
        otherwise,
      ),
      presence: "required",
    }),
    field({
      ...common,
      claim: "objectionContent",
      heading: "异议内容",
      en: "What is objected",
      format: text,
      maxLength: 4000,
      presence: "required",
      handling: internal,
    }),
    field({
      ...common,
      claim: "eventTime",
      heading: "异议提出日期",
      zh: "作出日期",
      en: "Date of the act",
      format: date,
      presence: "required",
    }),
    field({ ...common, claim: "markedOn", heading: "异议标注日期", en: "Marked on", format: date }),
    field({ ...common, claim: "repliedOn", heading: "异议答复日期", en: "Answered on", format: date }),
    field({
      ...common,
      claim: "objectionResult",
      heading: "异议处理结果",
      en: "Result",
      format: oneOf(
        { zh: "更正", en: "Corrected" },
        { zh: "补充", en: "Supplemented" },
        { zh: "停止公示", en: "Publication ended" },
        { zh: "移出名单", en: "Removed from the list" },
        { zh: "维持", en: "Upheld" },
      ),
    }),
    field({
      ...common,
      claim: "authority",
      heading: "异议处理单位",
      zh: "作出机关",
      en: "Deciding authority",
      format: text,
      maxLength: 200,
      presence: "required",
    }),
    department("异议处理单位统一社会信用代码", null, ["异议处理单位代码"]),
    remarks("credit"),
  ],
  rules: [
    inOrder("eventTime", "markedOn", "标注日期不得早于提出日期", "It was marked before it was raised"),
    inOrder("eventTime", "repliedOn", "答复日期不得早于提出日期", "It was answered before it was raised"),
  ],
};
