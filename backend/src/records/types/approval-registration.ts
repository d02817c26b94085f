import { fault } from "../problems.ts";
import { authority, dataSource, remarks } from "./double-publicity.ts";
import { field } from "./field.ts";
import { date, documentNumber, oneOf, otherwise, text, usccs } from "./formats.ts";
import { published } from "./handling.ts";
import type { RecordType, Rule } from "./record-type.ts";
import { subject } from "./subject.ts";

const common = { class: "licence", handling: published } as const;

/** Mergers and splits (公司法 chapter 11, 民法典 art. 67): another subject takes over rights and duties. */
const SUCCESSIONS = ["吸收合并", "新设合并", "存续分立", "解散分立"] as const;

/** A succession names whom it comes from or goes to, and nobody succeeds himself. */
const succession: Rule = {
  claim: "successors",
  severity: "error",
  check: ({ registrationChange, predecessors, successors, uscc }) => {
    const others = [...codesOf(predecessors), ...codesOf(successors)];
    if (others.includes(uscc as string)) return toItself;
    return SUCCESSIONS.some((change) => change === registrationChange) && others.length === 0 ? nobody : null;
  },
};
const toItself = fault("LINK_TO_SELF", "请填其他主体的代码", "Give the other subjects' codes");
const nobody = fault(
  "VALUE_MISSING",
  "合并、分立须填被承继主体或承继主体的代码",
  "A merger or split names whom it comes from or goes to",
);

function codesOf(value: unknown): readonly string[] {
  return Array.isArray(value) ? (value as string[]) : [];
}

/** What changes in the register of business entities: names, mergers, splits (市场主体登记管理条例 arts 8, 24, 31). */
export const registration: RecordType = {
  type: "approval.registration/1",
  kind: 1,
  label: { zh: "经营主体变更登记", en: "Change in the business register" },
  source: "市场主体登记管理条例 第八、二十四、三十一条",
  publication: { until: [] },
  fields: [
    field({
      ...common,
      claim: "number",
      heading: "登记通知书文号",
      zh: "文书号",
      en: "Document number",
      format: documentNumber,
      maxLength: 64,
      presence: "required",
    }),
    ...subject({ name: "经营主体名称", category: "经营主体类别", code: "经营主体统一社会信用代码" }),
    field({
      ...common,
      claim: "registrationChange",
      heading: "登记变更类型",
      en: "Change in the register",
      format: oneOf(
        { zh: "名称变更", en: "Change of name" },
        { zh: "法定代表人变更", en: "Change of the legal representative" },
        { zh: "住所变更", en: "Change of seat" },
        { zh: "吸收合并", en: "Merger into another" },
        { zh: "新设合并", en: "Merger into a new one" },
        { zh: "存续分立", en: "Split, and goes on" },
        { zh: "解散分立", en: "Split, and ends" },
        { zh: "注销登记", en: "Deregistration" },
        otherwise,
      ),
      presence: "required",
    }),
    field({
      ...common,
      claim: "nameBefore",
      heading: "变更前名称",
      en: "Name before",
      format: text,
      maxLength: 200,
      presence: { claim: "registrationChange", holds: ["名称变更"] },
    }),
    field({
      ...common,
      claim: "nameAfter",
      heading: "变更后名称",
      en: "Name after",
      format: text,
      maxLength: 200,
      presence: { claim: "registrationChange", holds: ["名称变更"] },
    }),
    field({
      ...common,
      claim: "predecessors",
      heading: "被承继主体统一社会信用代码",
      en: "Credit codes of those that it takes over",
      format: usccs,
    }),
    field({
      ...common,
      claim: "successors",
      heading: "承继主体统一社会信用代码",
      en: "Credit codes of those that take over",
      format: usccs,
    }),
    field({
      ...common,
      claim: "contentBefore",
      heading: "变更前登记事项",
      zh: "变更前内容",
      en: "Content before",
      format: text,
      maxLength: 4000,
    }),
    field({
      ...common,
      claim: "contentAfter",
      heading: "变更后登记事项",
      zh: "变更后内容",
      en: "Content after",
      format: text,
      maxLength: 4000,
    }),
    field({
      ...common,
      claim: "eventTime",
      heading: "核准日期",
      zh: "作出日期",
      en: "Date of the act",
      format: date,
      presence: "required",
    }),
    ...authority("licence", "登记机关", "DJJG", { names: [], codes: [] }).map((own) => ({ ...own, code: null })),
    ...dataSource("licence", "XK_LYDW").map((own) => ({ ...own, code: null })),
    remarks("licence"),
  ],
  rules: [succession],
};
