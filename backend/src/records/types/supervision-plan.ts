import { department, remarks } from "./double-publicity.ts";
import { field } from "./field.ts";
import { area, date, documentNumber, list, oneOf, text, wholeNumber } from "./formats.ts";
import { published } from "./handling.ts";
import type { RecordType } from "./record-type.ts";
import { inOrder } from "./rules.ts";

const common = { class: "inspection", handling: published } as const;

/** What a department announces that it will inspect (双随机、一公开): without a plan, no inspection (国办发〔2024〕54号). */
export const plan: RecordType = {
  type: "supervision.plan/1",
  kind: 3,
  label: { zh: "检查计划", en: "Inspection plan" },
  source: "国家企业信用信息公示系统 双随机、一公开抽查计划",
  about: "department",
  fields: [
    field({
      ...common,
      claim: "number",
      heading: "抽查计划编号",
      zh: "文书号",
      en: "Document number",
      code: "raninsPlanId",
      synonyms: ["plan_id", "双随机一公开计划ID"],
      format: documentNumber,
      maxLength: 50,
      presence: "required",
    }),
    field({
      ...common,
      claim: "planName",
      heading: "抽查计划名称",
      en: "Name of the plan",
      code: "raninsPlaneName",
      format: text,
      maxLength: 200,
      presence: "required",
    }),
    field({
      ...common,
      claim: "taskNumbers",
      heading: "抽查任务编号",
      en: "Numbers of its tasks",
      code: "raninsTaskId",
      synonyms: ["任务编号"],
      format: list,
    }),
    field({
      ...common,
      claim: "taskNames",
      heading: "抽查任务名称",
      en: "Names of its tasks",
      code: "raninsTaskName",
      synonyms: ["任务名称"],
      format: list,
    }),
    field({
      ...common,
      claim: "randomInspectionType",
      heading: "抽查类型",
      en: "Type of random inspection",
      code: "raninsTypeName",
      format: oneOf(
        { zh: "定向", en: "Targeted", aliases: ["1"] },
        { zh: "不定向", en: "Not targeted", aliases: ["2"] },
      ),
      presence: "required",
    }),
    field({
      ...common,
      claim: "planItems",
      heading: "抽查事项",
      en: "Items to be inspected",
      format: list,
      presence: "required",
    }),
    field({
      ...common,
      claim: "planCount",
      heading: "抽查户数",
      en: "Number of subjects to be drawn",
      format: wholeNumber(0, 100_000_000),
    }),
    field({
      claim: "subjectName",
      heading: "抽查机关",
      zh: "行政相对人名称",
      en: "Name of the subject",
      code: "insAuth",
      ...{ format: text, maxLength: 200, presence: "required", class: "subject", handling: published },
    }),
    department("抽查机关统一社会信用代码", null),
    field({
      ...common,
      claim: "areaCode",
      heading: "行政区划代码",
      en: "Area code",
      code: "area_number",
      format: area,
    }),
    field({
      ...common,
      claim: "eventTime",
      heading: "发布日期",
      zh: "作出日期",
      en: "Date of the act",
      format: date,
      presence: "required",
    }),
    field({
      ...common,
      claim: "planFrom",
      heading: "抽查开始日期",
      en: "Inspections from",
      format: date,
      presence: "required",
    }),
    field({
      ...common,
      claim: "planTo",
      heading: "抽查完成日期",
      en: "Inspections to",
      code: "insDate",
      synonyms: ["抽查截止日期"],
      format: date,
      presence: "required",
    }),
    remarks("inspection"),
  ],
  rules: [inOrder("planFrom", "planTo", "抽查完成日期不得早于开始日期", "The plan would end before it begins")],
};
