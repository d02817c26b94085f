import { certificateTypes } from "../fields/person-id.ts";
import { department } from "./double-publicity.ts";
import { citing, field } from "./field.ts";
import { area, code, date, documentNumber, list, oneOf, patternCode, text } from "./formats.ts";
import { certificateKind, identityNumber, internal, personal, published, subjectName } from "./handling.ts";
import type { Field, FieldClass } from "./record-type.ts";

// What the tables of the national “互联网+监管” system (C5102-2019) share.

const certificate = oneOf(
  { zh: "统一社会信用代码", en: "Unified social credit code", aliases: ["001"] },
  { zh: "其他法人或其他组织有效证件", en: "Other certificate of an organisation", aliases: ["099"] },
  ...certificateTypes.map(({ code, zh, en, aliases }) => ({ zh, en, aliases: [code, ...aliases] })),
);

/** 监管对象 and 行政相对人: who was inspected or acted against. */
export function regulatedParty(item: FieldClass): readonly Field[] {
  return [
    field({
      claim: "inspectedObject",
      heading: "监管对象",
      en: "Regulated object",
      code: "supervise_object",
      ...{ format: text, maxLength: 200, presence: "required", class: item, handling: published },
    }),
    field({
      claim: "subjectName",
      heading: "行政相对人",
      zh: "行政相对人名称",
      en: "Name of the subject",
      code: "administrative_cp",
      synonyms: ["行政相对人名称"],
      ...{ format: text, maxLength: 200, presence: "required", class: "subject", handling: subjectName },
    }),
    field({
      claim: "subjectNature",
      heading: "行政相对人性质",
      en: "Nature of the subject",
      code: "administrative_cp_na",
      format: oneOf(
        { zh: "公民", en: "Citizen", aliases: ["1"] },
        { zh: "法人", en: "Legal person", aliases: ["2"] },
        { zh: "其他组织", en: "Other organisation", aliases: ["3"] },
      ),
      ...{ presence: "required", class: "subject", handling: published },
    }),
    field({
      claim: "certificateType",
      heading: "行政相对人证件类型",
      zh: "证件类型",
      en: "Kind of certificate",
      code: "administrative_cp_ce_type",
      format: certificate,
      ...{ presence: "required", consumed: "certificateType", class: "subject", handling: certificateKind },
    }),
    field({
      claim: "certificateNumber",
      heading: "行政相对人编码",
      zh: "证件号码",
      en: "Certificate number",
      code: "administrative_cp_ui_code",
      ...{ format: code, maxLength: 64, presence: "required", consumed: "certificateNumber" },
      ...{ class: "subject", handling: identityNumber },
    }),
  ];
}

/** 监管事项目录编码 */
export function itemCode(item: FieldClass): Field {
  return field({
    claim: "itemCode",
    heading: "监管事项目录编码",
    zh: "事项编码",
    en: "Item code",
    code: "supervise_item_implement_code",
    format: patternCode(/^\d{14}$/, "01133107500031", "应为14位数字", "It must be 14 digits"),
    ...{ presence: "required", class: item, handling: published },
  });
}

/** 实施机构: who acted, by name and code. */
export function implementingBody(item: FieldClass): readonly Field[] {
  return [
    field({
      claim: "authority",
      heading: "实施机构",
      zh: "作出机关",
      en: "Deciding authority",
      code: "implement_institution",
      ...{ format: text, maxLength: 200, class: item, handling: published },
    }),
    department("实施机构编码", "implement_institution_code", ["实施机构统一社会信用代码"]),
  ];
}

export function areaCode(item: FieldClass): Field {
  return field({
    claim: "areaCode",
    heading: "行政区划代码",
    en: "Area code",
    code: "area_number",
    ...{ format: area, presence: "required", class: item, handling: published },
  });
}

/** 检查行为编号: the inspection from which a case came. */
export function inspectionCited(item: FieldClass): Field {
  return field({
    claim: "inspection",
    heading: "检查行为编号",
    en: "Number of the inspection",
    code: "check_action_code",
    ...{ format: documentNumber, maxLength: 50, cites: citing("inspection-of"), class: item, handling: published },
  });
}

/** Who acted in person, with their certificates: duty data, shown to the party concerned, otherwise internal. */
export function officers(headings: {
  readonly names: string;
  readonly code?: string;
  readonly presence: "required" | "optional";
}): readonly Field[] {
  return [
    field({
      claim: "officers",
      heading: headings.names,
      zh: "执法人员",
      en: "Officers",
      code: headings.code ?? null,
      ...{ format: list, maxLength: 50, presence: headings.presence, class: "personal", handling: personal },
    }),
    field({
      claim: "officerCertificates",
      heading: "执法证号",
      en: "Officers' certificates",
      code: headings.code === undefined ? null : `${headings.code}_code`,
      synonyms: ["检查人员执法证号", "执法人员证件编号"],
      ...{ format: list, maxLength: 50, class: "personal", handling: { ...personal, mask: "idNumber" } },
    }),
  ];
}

/** 报送: when and by whom the record was reported to the system. */
export function reporting(item: FieldClass): readonly Field[] {
  return [
    field({
      claim: "reportedAt",
      heading: "报送时间",
      en: "Reported",
      code: "submitted_date",
      ...{ format: date, class: item, handling: internal },
    }),
    field({
      claim: "reportedBy",
      heading: "报送人员",
      en: "Reported by",
      code: "submitted_personnel",
      ...{ format: text, maxLength: 50, class: "personal", handling: personal },
    }),
  ];
}
