import { department, remarks } from "./double-publicity.ts";
import { citing, field } from "./field.ts";
import { date, dateOrIndefinite, documentNumber, documentNumbers, oneOf, otherwise, text } from "./formats.ts";
import { published } from "./handling.ts";
import type { Severity } from "./publication-rules.ts";
import type { Decided, RecordType } from "./record-type.ts";
import { inOrder } from "./rules.ts";
import { subject } from "./subject.ts";

const common = { class: "credit", handling: published } as const;

/** 轻微/一般/严重失信 (信用修复管理办法, 国家发展改革委令第36号): the class decides how long a record is published. */
export const dishonestyClass = oneOf(
  { zh: "轻微", en: "Minor", aliases: ["轻微失信"] },
  { zh: "一般", en: "General", aliases: ["一般失信"] },
  { zh: "严重", en: "Serious", aliases: ["严重失信"] },
);

const SEVERITIES: Readonly<Record<string, Severity>> = { 轻微: "MINOR", 一般: "GENERAL", 严重: "SERIOUS" };

/** As stated; a list stands until somebody is removed from it, so that nothing but the longest term bounds the rest. */
function statedSeverity({ fields }: Decided): Severity {
  return SEVERITIES[fields.dishonestyClass as string] ?? "SERIOUS";
}

/** Entry on a list of dishonest or abnormal subjects, and its removal (国办发〔2020〕49号). */
export const listing: RecordType = {
  type: "credit.listing/1",
  kind: 5,
  label: { zh: "失信名单列入", en: "Listing" },
  source: "国办发〔2020〕49号；全国公共信用信息基础目录",
  publication: { until: ["publicationTo", "removedOn"], severity: statedSeverity },
  fields: [
    field({
      ...common,
      claim: "number",
      heading: "列入决定文书号",
      zh: "文书号",
      en: "Document number",
      format: documentNumber,
      maxLength: 64,
      presence: "required",
    }),
    ...subject({ name: "列入主体名称", category: "主体类别", code: "主体统一社会信用代码" }),
    field({
      ...common,
      claim: "catalogueCategory",
      heading: "信用目录类别",
      en: "Category of the credit catalogue",
      format: oneOf(
        { zh: "经营（活动）异常名录（状态）信息", en: "Abnormal operations", aliases: ["经营异常名录", "5"] },
        { zh: "严重失信主体名单信息", en: "Serious dishonesty list", aliases: ["严重失信主体名单", "6"] },
      ),
      presence: "required",
    }),
    field({
      ...common,
      claim: "listName",
      heading: "名单名称",
      en: "Name of the list",
      format: oneOf(
        { zh: "经营异常名录", en: "Enterprises with abnormal operations" },
        { zh: "失信被执行人", en: "Dishonest judgment debtors" },
        { zh: "重大税收违法失信主体", en: "Major tax violators" },
        { zh: "拖欠农民工工资失信联合惩戒对象", en: "Defaulters on migrant workers' wages" },
        { zh: "市场监督管理严重违法失信名单", en: "Serious violators of market regulation" },
        { zh: "安全生产严重失信主体名单", en: "Serious dishonesty in work safety" },
        { zh: "海关失信企业", en: "Dishonest enterprises (customs)" },
        { zh: "政府采购严重违法失信行为记录名单", en: "Serious violators in government procurement" },
        { zh: "统计严重失信企业", en: "Serious dishonesty in statistics" },
        otherwise,
      ),
      presence: "required",
    }),
    field({
      ...common,
      claim: "listingReason",
      heading: "列入原因",
      en: "Reason for listing",
      format: text,
      maxLength: 2000,
      presence: "required",
    }),
    field({
      ...common,
      claim: "legalBasis",
      heading: "列入依据",
      zh: "法律依据",
      en: "Legal basis",
      format: text,
      maxLength: 2000,
      presence: "required",
    }),
    field({
      ...common,
      claim: "basisDocuments",
      heading: "依据文书号",
      en: "Documents it rests on",
      synonyms: ["依据的处罚决定文书号"],
      format: documentNumbers,
      maxLength: 128,
      cites: citing("basis"),
    }),
    field({
      ...common,
      claim: "dishonestyClass",
      heading: "失信类别",
      en: "Class of dishonesty",
      format: dishonestyClass,
    }),
    field({ ...common, claim: "noticeOn", heading: "事先告知日期", en: "Prior notice on", format: date }),
    field({
      ...common,
      claim: "eventTime",
      heading: "列入日期",
      zh: "作出日期",
      en: "Date of the act",
      format: date,
      presence: "required",
    }),
    field({
      ...common,
      claim: "authority",
      heading: "作出列入决定机关",
      zh: "作出机关",
      en: "Deciding authority",
      format: text,
      maxLength: 200,
      presence: "required",
    }),
    department("作出列入决定机关统一社会信用代码", null),
    field({
      ...common,
      claim: "removalConditions",
      heading: "移出条件",
      en: "Conditions of removal",
      format: text,
      maxLength: 2000,
    }),
    field({
      ...common,
      claim: "publicationTo",
      heading: "公示截止期",
      en: "Published until",
      format: dateOrIndefinite,
    }),
    field({ ...common, claim: "removedOn", heading: "移出日期", en: "Removed on", format: date }),
    field({
      ...common,
      claim: "removalReason",
      heading: "移出原因",
      en: "Reason for removal",
      format: text,
      maxLength: 2000,
    }),
    field({
      ...common,
      claim: "removalAuthority",
      heading: "作出移出决定机关",
      en: "Removed by",
      format: text,
      maxLength: 200,
    }),
    remarks("credit"),
  ],
  rules: [
    inOrder("noticeOn", "eventTime", "列入日期不得早于事先告知日期", "The subject was listed before it was told"),
    inOrder("eventTime", "removedOn", "移出日期不得早于列入日期", "The subject was removed before it was listed"),
    inOrder("eventTime", "publicationTo", "公示截止期不得早于列入日期", "Publication would end before the listing"),
  ],
};
