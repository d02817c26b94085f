import { department, remarks } from "./double-publicity.ts";
import { field } from "./field.ts";
import { date, dateOrIndefinite, documentNumber, oneOf, text } from "./formats.ts";
import { published } from "./handling.ts";
import type { RecordType } from "./record-type.ts";
import { inOrder } from "./rules.ts";
import { subject } from "./subject.ts";

const common = { class: "credit", handling: published } as const;

/** 诚实守信相关荣誉信息: honours and incentives such as the A grade of taxpayers. */
export const honour: RecordType = {
  type: "credit.honour/1",
  kind: 5,
  label: { zh: "守信激励", en: "Honour for trustworthiness" },
  source: "全国公共信用信息基础目录 诚实守信相关荣誉信息",
  publication: { until: ["validTo"] },
  fields: [
    field({
      ...common,
      claim: "number",
      heading: "荣誉文书号",
      zh: "文书号",
      en: "Document number",
      synonyms: ["认定文号", "荣誉证书编号"],
      format: documentNumber,
      maxLength: 64,
      presence: "required",
    }),
    ...subject({ name: "荣誉主体名称", category: "主体类别", code: "主体统一社会信用代码" }),
    field({
      ...common,
      claim: "honourName",
      heading: "荣誉名称",
      en: "Name of the honour",
      format: text,
      maxLength: 200,
      presence: "required",
    }),
    field({
      ...common,
      claim: "honourLevel",
      heading: "荣誉级别",
      en: "Level of the honour",
      format: oneOf(
        { zh: "国家级", en: "National" },
        { zh: "省级", en: "Provincial", aliases: ["直辖市级"] },
        { zh: "市级", en: "Municipal" },
        { zh: "区县级", en: "District or county", aliases: ["区级", "县级"] },
      ),
    }),
    field({
      ...common,
      claim: "honourContent",
      heading: "荣誉内容",
      en: "What it is given for",
      format: text,
      maxLength: 2000,
      presence: "required",
    }),
    field({
      ...common,
      claim: "eventTime",
      heading: "认定日期",
      zh: "作出日期",
      en: "Date of the act",
      synonyms: ["授予日期"],
      format: date,
      presence: "required",
    }),
    field({
      ...common,
      claim: "validTo",
      heading: "荣誉有效期至",
      zh: "有效期至",
      en: "Valid to",
      format: dateOrIndefinite,
    }),
    field({
      ...common,
      claim: "authority",
      heading: "认定单位",
      zh: "作出机关",
      en: "Deciding authority",
      format: text,
      maxLength: 200,
      presence: "required",
    }),
    department("认定单位统一社会信用代码", null, ["认定单位代码"]),
    remarks("credit"),
  ],
  rules: [inOrder("eventTime", "validTo", "荣誉有效期不得早于认定日期", "The honour would end before it was given")],
};
