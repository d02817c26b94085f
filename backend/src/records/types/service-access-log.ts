import { department } from "./double-publicity.ts";
import { field } from "./field.ts";
import { date, documentNumber, patternCode, text, wholeNumber } from "./formats.ts";
import { published } from "./handling.ts";
import type { RecordType } from "./record-type.ts";

const common = { class: "service", handling: published } as const;

/** SHA-256 as 64 hex digits; codes are kept in capitals. */
const digest = patternCode(
  /^[0-9A-F]{64}$/,
  "9F86D081884C7D659A2FEAA0C55AD015A3BF4F1B2B0B822CD15D6C15B0F00A08",
  "应为64位十六进制数",
  "It must be 64 hex digits",
);

/**
 * The newest hash of the chained log of who read what, at the end of a day: once it is anchored, no entry up to it can be
 * changed, moved or cut off unseen. It names nobody. Kept for 个人信息保护法 arts 51 and 54 (who processed what, audited).
 */
export const accessLog: RecordType = {
  type: "service.access-log/1",
  kind: 2,
  label: { zh: "访问日志摘要", en: "Head of an access log" },
  source: "个人信息保护法第五十一条、第五十四条 查阅日志",
  about: "department",
  fields: [
    field({
      ...common,
      claim: "number",
      heading: "日志摘要编号",
      zh: "文书号",
      en: "Document number",
      format: documentNumber,
      maxLength: 64,
      presence: "required",
    }),
    field({
      claim: "subjectName",
      heading: "日志运行机构",
      zh: "行政相对人名称",
      en: "Name of the subject",
      ...{ format: text, maxLength: 200, presence: "required", class: "subject", handling: published },
    }),
    department("日志运行机构统一社会信用代码", null),
    field({
      ...common,
      claim: "logEntries",
      heading: "日志条数",
      en: "Entries in the log",
      format: wholeNumber(1, Number.MAX_SAFE_INTEGER),
      presence: "required",
    }),
    field({
      ...common,
      claim: "logHash",
      heading: "末条摘要值",
      en: "Hash of the last entry",
      format: digest,
      presence: "required",
    }),
    field({
      ...common,
      claim: "eventTime",
      heading: "日志日期",
      zh: "作出日期",
      en: "Date of the act",
      format: date,
      presence: "required",
    }),
  ],
  rules: [],
};
