import { department, remarks } from "./double-publicity.ts";
import { field } from "./field.ts";
import * as formats from "./formats.ts";
import { identityNumber, published, registeredPerson, subjectName } from "./handling.ts";
import type { Field, FieldClass } from "./record-type.ts";

// What the licence and the penalty layout of 2016 share: replaced in 2018, still found in exports of old data.
// Organisations and persons stand in the same columns without a category, and there is no unit of data source.

/** The subject by name and up to five codes, and its legal representative. */
export function counterparty2016(prefix: "XK" | "CF", nameCode: string): readonly Field[] {
  const other = (claim: string, place: number, name: string, en: string, code: string, zh = name) =>
    field({
      ...{ claim, heading: `行政相对人代码_${place}（${name}）`, zh, en, code: `${prefix}_XDR_${code}`, maxLength: 50 },
      ...{ synonyms: [`行政相对人代码_${place}`, name], format: formats.code, class: "subject", handling: published },
    });
  return [
    field({
      claim: "subjectName",
      heading: "行政相对人名称",
      en: "Name of the subject",
      code: nameCode,
      synonyms: [`${prefix}_XDR`],
      ...{ format: formats.text, maxLength: 200, presence: "required", class: "subject", handling: subjectName },
    }),
    field({
      claim: "uscc",
      heading: "行政相对人代码_1（统一社会信用代码）",
      zh: "统一社会信用代码",
      en: "Unified social credit code",
      code: `${prefix}_XDR_SHXYM`,
      synonyms: ["行政相对人代码_1", "统一社会信用代码"],
      ...{ format: formats.uscc, consumed: "uscc", class: "subject", handling: published },
    }),
    other("organisationCode", 2, "组织机构代码", "Organisation code", "ZDM"),
    other("businessRegistrationNumber", 3, "工商登记码", "Business registration number", "GSDJ", "工商注册号"),
    other("taxNumber", 4, "税务登记号", "Tax registration number", "SWDJ"),
    field({
      claim: "identityNumber",
      heading: "行政相对人代码_5（居民身份证号）",
      zh: "居民身份证号",
      en: "Identity number",
      code: `${prefix}_XDR_SFZ`,
      synonyms: ["行政相对人代码_5", "居民身份证号"],
      ...{
        format: formats.code,
        maxLength: 64,
        consumed: "identityNumber",
        class: "personal",
        handling: identityNumber,
      },
    }),
    field({
      claim: "legalRepresentative",
      heading: "法定代表人姓名",
      zh: "法定代表人",
      en: "Legal representative",
      code: `${prefix}_FR`,
      synonyms: ["法定代表人"],
      ...{ format: formats.text, maxLength: 50, class: "personal", handling: registeredPerson },
    }),
  ];
}

/** The deciding authority by name: its code is the importing department's. Then state, place and time of the data. */
export function ending2016(
  item: FieldClass,
  authority: string,
  authorityCode: string,
  prefix: string,
): readonly Field[] {
  const common = { class: item, handling: published } as const;
  return [
    field({
      ...common,
      claim: "authority",
      heading: authority,
      zh: "作出机关",
      en: "Deciding authority",
      ...{ code: authorityCode, format: formats.text, maxLength: 200, presence: "required" },
    }),
    department(`${authority}统一社会信用代码`, null),
    field({
      ...common,
      claim: "recordStatus",
      heading: "当前状态",
      zh: "记录状态",
      en: "State of the record",
      code: `${prefix}_ZT`,
      format: formats.oneOf(
        { zh: "正常", en: "Normal", aliases: ["0"] },
        { zh: "撤销", en: "Revoked", aliases: ["1"] },
        { zh: "异议", en: "Objected to", aliases: ["2"] },
        { zh: "其他", en: "Other", aliases: ["3"] },
      ),
    }),
    field({
      ...common,
      claim: "areaCode",
      heading: "地方编码",
      zh: "行政区划代码",
      en: "Area code",
      code: "DFBM",
      format: formats.area,
    }),
    field({
      ...common,
      claim: "dataUpdatedAt",
      heading: "数据更新时间戳",
      zh: "数据更新时间",
      en: "Data updated",
      code: "SJC",
      synonyms: ["数据更新时间"],
      format: formats.dateTime,
    }),
    remarks(item),
  ];
}
