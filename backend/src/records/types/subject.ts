import { subjectCategory } from "./double-publicity.ts";
import { field } from "./field.ts";
import { certificateType, code, text, uscc } from "./formats.ts";
import { certificateKind, identityNumber, published, subjectName } from "./handling.ts";
import type { Field, FieldClass } from "./record-type.ts";

/** The headings that a layout gives to the subject's name, category and credit code. */
export interface SubjectHeadings {
  readonly name: string;
  readonly category: string;
  readonly code: string;
  /** The member name of the category, where an interface prescribes one. */
  readonly categoryCode?: string;
}

/** Whom a record is about, for layouts that name one code: organisations by it, persons by their certificate. */
export function subject(headings: SubjectHeadings): readonly Field[] {
  return [
    field({
      claim: "subjectName",
      heading: headings.name,
      zh: "行政相对人名称",
      en: "Name of the subject",
      synonyms: ["行政相对人名称", "行政相对人"],
      ...{ format: text, maxLength: 200, presence: "required", class: "subject", handling: subjectName },
    }),
    field({
      claim: "subjectCategory",
      heading: headings.category,
      zh: "行政相对人类别",
      en: "Category of the subject",
      code: headings.categoryCode ?? null,
      synonyms: ["行政相对人类别"],
      ...{ format: subjectCategory, presence: "required", class: "subject", handling: published },
    }),
    field({
      claim: "uscc",
      heading: headings.code,
      zh: "统一社会信用代码",
      en: "Unified social credit code",
      synonyms: ["统一社会信用代码", "行政相对人统一社会信用代码"],
      presence: { claim: "subjectCategory", holds: ["法人及非法人组织", "个体工商户"] },
      ...{ format: uscc, consumed: "uscc", class: "subject", handling: published },
    }),
    ...certificate("证件类型", "证件号码"),
  ];
}

function certificate(type: string, number: string): readonly Field[] {
  const presence = { claim: "subjectCategory", holds: ["自然人"] };
  const common = { class: "personal" satisfies FieldClass, presence } as const;
  return [
    field({
      ...common,
      claim: "certificateType",
      heading: type,
      en: "Kind of certificate",
      ...{ format: certificateType, consumed: "certificateType", handling: certificateKind },
    }),
    field({
      ...common,
      claim: "certificateNumber",
      heading: number,
      en: "Certificate number",
      ...{ format: code, maxLength: 64, consumed: "certificateNumber", handling: identityNumber },
    }),
  ];
}
