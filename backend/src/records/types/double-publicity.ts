import * as formats from "./formats.ts";
import { field } from "./field.ts";
import { certificateKind, identityNumber, published, registeredPerson, subjectName } from "./handling.ts";
import type { Field, FieldClass, Presence } from "./record-type.ts";

// What the licence and the penalty template of 双公示 (发改办财金〔2018〕424号) share.

const organisations: Presence = { claim: "subjectCategory", holds: ["法人及非法人组织", "个体工商户"] };
const persons: Presence = { claim: "subjectCategory", holds: ["自然人"] };

export const subjectCategory = formats.oneOf(
  {
    zh: "法人及非法人组织",
    en: "Legal person or organisation",
    aliases: ["1", "法人", "非法人组织", "法人和其他组织"],
  },
  { zh: "自然人", en: "Natural person", aliases: ["2", "公民"] },
  { zh: "个体工商户", en: "Individual business", aliases: ["4", "个体"] },
);

/** Columns 1–13: whom the decision is about. `prefix` is XK (licence) or CF (penalty). */
export function counterparty(prefix: "XK" | "CF"): readonly Field[] {
  return [...identification(prefix), ...legalRepresentative(prefix), ...person(prefix)];
}

function identification(prefix: string): readonly Field[] {
  const other = (claim: string, place: number, zh: string, en: string, code: string, maxLength: number) =>
    field({
      ...{ claim, heading: `行政相对人代码_${place}（${zh}）`, zh, en, code: `${prefix}_XDR_${code}`, maxLength },
      ...{ synonyms: [`行政相对人代码_${place}`, zh], format: formats.code, class: "subject", handling: published },
    });
  return [
    field({
      claim: "subjectName",
      heading: "行政相对人名称",
      en: "Name of the subject",
      code: `${prefix}_XDR_MC`,
      synonyms: ["行政相对人", "相对人名称", `${prefix}_XDR`],
      format: formats.text,
      maxLength: 200,
      presence: "required",
      class: "subject",
      handling: subjectName,
    }),
    field({
      claim: "subjectCategory",
      heading: "行政相对人类别",
      en: "Category of the subject",
      code: `${prefix}_XDR_LB`,
      format: subjectCategory,
      presence: "required",
      class: "subject",
      handling: published,
    }),
    field({
      claim: "uscc",
      heading: "行政相对人代码_1（统一社会信用代码）",
      zh: "统一社会信用代码",
      en: "Unified social credit code",
      code: `${prefix}_XDR_SHXYM`,
      synonyms: ["行政相对人代码_1", "统一社会信用代码", "行政相对人统一社会信用代码"],
      format: formats.uscc,
      presence: organisations,
      consumed: "uscc",
      class: "subject",
      handling: published,
    }),
    other("businessRegistrationNumber", 2, "工商注册号", "Business registration number", "GSZC", 50),
    other("organisationCode", 3, "组织机构代码", "Organisation code", "ZZJG", 10),
    other("taxNumber", 4, "税务登记号", "Tax registration number", "SWDJ", 20),
    other("institutionNumber", 5, "事业单位证书号", "Public institution number", "SYDW", 120),
    other("associationNumber", 6, "社会组织登记证号", "Social organisation number", "SHZZ", 50),
  ];
}

function legalRepresentative(prefix: string): readonly Field[] {
  return [
    field({
      claim: "legalRepresentative",
      heading: "法定代表人",
      en: "Legal representative",
      code: `${prefix}_FRDB`,
      synonyms: ["法定代表人姓名", "法定代表人（负责人）", `${prefix}_FDDB`, `${prefix}_FR`],
      format: formats.text,
      maxLength: 50,
      presence: organisations,
      class: "personal",
      handling: registeredPerson,
    }),
    field({
      claim: "legalRepresentativeCertificateType",
      heading: "法定代表人证件类型",
      en: "Legal representative's certificate",
      code: `${prefix}_FR_ZJLX`,
      format: formats.certificateType,
      class: "personal",
      handling: certificateKind,
    }),
    field({
      claim: "legalRepresentativeCertificateNumber",
      heading: "法定代表人证件号码",
      en: "Legal representative's certificate number",
      code: `${prefix}_FR_ZJHM`,
      synonyms: ["法定代表人身份证号", "法定代表人身份证号码", `${prefix}_FR_SFZH`],
      format: formats.code,
      maxLength: 64,
      class: "personal",
      handling: identityNumber,
    }),
  ];
}

function person(prefix: string): readonly Field[] {
  return [
    field({
      claim: "certificateType",
      heading: "证件类型",
      en: "Kind of certificate",
      code: `${prefix}_XDR_ZJLX`,
      synonyms: ["自然人证件类型", "行政相对人证件类型"],
      format: formats.certificateType,
      presence: persons,
      consumed: "certificateType",
      class: "personal",
      handling: certificateKind,
    }),
    field({
      claim: "certificateNumber",
      heading: "证件号码",
      en: "Certificate number",
      code: `${prefix}_XDR_ZJHM`,
      synonyms: ["自然人证件号码", "行政相对人证件号码"],
      format: formats.code,
      maxLength: 64,
      presence: persons,
      consumed: "certificateNumber",
      class: "personal",
      handling: identityNumber,
    }),
  ];
}

/** Who decided. Real files write the codes of the licence template into penalty files too: those are the synonyms. */
export function authority(
  item: FieldClass,
  heading: string,
  code: string,
  synonyms: { readonly names: readonly string[]; readonly codes: readonly string[] },
): readonly Field[] {
  return [
    field({
      claim: "authority",
      heading,
      zh: "作出机关",
      en: "Deciding authority",
      code,
      synonyms: [...synonyms.names, ...synonyms.codes],
      format: formats.text,
      maxLength: 200,
      presence: "required",
      class: item,
      handling: published,
    }),
    department(`${heading}统一社会信用代码`, `${code}DM`, [
      ...[heading, ...synonyms.names].map((name) => `${name}代码`),
      ...synonyms.codes.map((name) => `${name}DM`),
    ]),
  ];
}

/** Where the data comes from, when another unit delivers it. */
export function dataSource(item: FieldClass, code: string): readonly Field[] {
  return [
    field({
      claim: "dataSource",
      heading: "数据来源单位",
      en: "Unit that provided the data",
      ...{ code, format: formats.text, maxLength: 200, presence: "required", class: item, handling: published },
    }),
    field({
      claim: "dataSourceCode",
      heading: "数据来源单位统一社会信用代码",
      en: "Credit code of the unit that provided the data",
      synonyms: ["数据来源单位代码"],
      ...{ code: `${code}DM`, format: formats.uscc, presence: "required", class: item, handling: published },
    }),
  ];
}

/** The deciding department, which signs the statement: no claim of its own but the statement's issuer. */
export function department(heading: string, code: string | null, synonyms: readonly string[] = []): Field {
  return field({
    claim: "department",
    heading,
    en: "Credit code of the deciding department",
    zh: "作出机关统一社会信用代码",
    ...{ code, synonyms, format: formats.uscc, consumed: "department", class: "subject", handling: published },
  });
}

export function remarks(item: FieldClass): Field {
  return field({
    claim: "remarks",
    heading: "备注",
    en: "Remarks",
    code: "BZ",
    ...{ format: formats.text, maxLength: 4000, class: item, handling: published },
  });
}
