import { readAmount, type AmountUnit } from "../fields/amount.ts";
import { readArea } from "../fields/area.ts";
import { indefinite, readDate } from "../fields/dates.ts";
import { readDocumentNumber } from "../fields/document-number.ts";
import { certificateTypes } from "../fields/person-id.ts";
import { lostDigitsFault, plainCode, trimmed, unprintableFault } from "../fields/text.ts";
import { readUscc } from "../fields/uscc.ts";
import { fault, type Fault } from "../problems.ts";
import type { EnumValue, Format, Json, Parsed } from "./record-type.ts";

/** The entry of a list that leaves it open: `其他-` must be followed by what it is. */
export const otherwise: EnumValue = { zh: "其他-", en: "Other: " };
const other = /^其他[-—－–:：]+(.+)$/s;

/** Names, places and prose: kept as they are, but for their invisible edges and the kind of line break. */
export const text: Format = {
  name: "text",
  parse: (cell) => checked(trimmed(cell).replaceAll("\r\n", "\n"), unprintableFault),
  schema: { type: "string", minLength: 1 },
  example: "文字",
};

/** A code or registration number: half width, capitals, no spaces. */
export const code: Format = {
  name: "code",
  parse: (cell) => checked(plainCode(trimmed(cell)), (value) => unprintableFault(value) ?? lostDigitsFault(value)),
  schema: { type: "string", minLength: 1 },
  example: "110108000000001",
};

/** A code of a fixed shape, told in words when it is not met. */
export function patternCode(pattern: RegExp, example: string, zh: string, en: string): Format {
  return {
    ...code,
    parse: (cell) =>
      checked(plainCode(trimmed(cell)), (value) =>
        pattern.test(value) ? null : (lostDigitsFault(value) ?? fault("VALUE_MALFORMED", zh, en)),
      ),
    schema: { type: "string", pattern: pattern.source },
    example,
  };
}

export const documentNumber: Format = {
  name: "documentNumber",
  parse: (cell) => {
    const reading = readDocumentNumber(cell);
    return reading.fault ? { fault: reading.fault } : { value: reading.number };
  },
  schema: { type: "string", minLength: 1 },
  example: "京海市监罚〔2026〕12号",
};

/** Several document numbers in one cell, parted by ; or 、 */
export const documentNumbers: Format = listOf(documentNumber);

/** Names or codes of several persons in one cell, parted by ; , or 、 */
export const list: Format = listOf(text);

export const uscc: Format = {
  name: "uscc",
  parse: (cell) => {
    const reading = readUscc(cell);
    return "fault" in reading ? { fault: reading.fault } : { value: reading.uscc, warning: reading.warning };
  },
  schema: { type: "string", pattern: "^[0-9A-HJ-NPQRTUWXY]{2}[0-9]{6}[0-9A-HJ-NPQRTUWXY]{10}$" },
  example: "91110108MA9D00013X",
};

/** Several credit codes in one cell, parted by ; , or 、 */
export const usccs: Format = listOf(uscc);

export const area: Format = {
  name: "area",
  parse: (cell) => {
    const value = plainCode(trimmed(cell));
    if (!/^\d{6}$/.test(value)) return { fault: fault("VALUE_MALFORMED", "应为6位数字", "It must be 6 digits") };
    return readArea(value).known === "none" ? { value, warning: unknownArea } : { value };
  },
  schema: { type: "string", pattern: "^[0-9]{6}$" },
  example: "110108",
};
const unknownArea = fault("AREA_UNKNOWN", "请核对行政区划代码", "Check the area code");

/** A day. A time in the cell is dropped: the template asks for a day only. */
export const date: Format = {
  name: "date",
  parse: (cell) => {
    const reading = readDate(cell);
    if (reading.fault) return { fault: reading.fault };
    return reading.day === indefinite ? { fault: notIndefinite } : { value: reading.day };
  },
  schema: { type: "string", format: "date" },
  example: "2026/03/02",
};
const notIndefinite = fault("DATE_INDEFINITE", "请填实际日期", "Give the actual day");

/** A day, or `indefinite` for 长期 and 2099/12/31. */
export const dateOrIndefinite: Format = {
  name: "dateOrIndefinite",
  parse: (cell) => {
    const reading = readDate(cell);
    return reading.fault ? { fault: reading.fault } : { value: reading.day };
  },
  schema: { anyOf: [{ type: "string", format: "date" }, { enum: [indefinite] }] },
  example: "2099/12/31",
};

/** A moment as RFC 3339 with +08:00; a day where the department recorded no time. */
export const dateTime: Format = {
  name: "dateTime",
  parse: (cell) => {
    const reading = readDate(cell);
    if (reading.fault) return { fault: reading.fault };
    return reading.day === indefinite ? { fault: notIndefinite } : { value: reading.moment ?? reading.day };
  },
  schema: {
    anyOf: [
      { type: "string", format: "date" },
      { type: "string", format: "date-time" },
    ],
  },
  example: "2026-03-02 09:30:00",
};

/** Money, as an integer number of fen: in `unit` in a file, in fen when given by the name of the claim. */
export function amount(unit: AmountUnit): Format {
  return {
    name: unit === "万元" ? "amountInTenThousandYuan" : "amountInYuan",
    parse: (cell) => {
      const reading = readAmount(cell, unit);
      return reading.fault ? { fault: reading.fault } : { value: reading.fen };
    },
    parseClaim: wholeNumber(0, Number.MAX_SAFE_INTEGER).parse,
    schema: { type: "integer", minimum: 0, maximum: Number.MAX_SAFE_INTEGER },
    example: unit === "万元" ? "0.500000" : "5000.00",
  };
}

/** A whole number from `min` to `max`. */
export function wholeNumber(min: number, max: number): Format {
  const wrong = fault("VALUE_MALFORMED", `应为${min}至${max}的整数`, `It must be a whole number from ${min} to ${max}`);
  return {
    name: "wholeNumber",
    parse: (cell) => {
      const digits = plainCode(trimmed(cell)).replace(/\.0+$/, "");
      const value = /^\d{1,16}$/.test(digits) ? Number(digits) : NaN;
      return value >= min && value <= max ? { value } : { fault: wrong };
    },
    schema: { type: "integer", minimum: min, maximum: max },
    example: String(min),
  };
}

/** One value of a prescribed list, by its wording, its code or a variant; spaces and punctuation do not matter. */
export function oneOf(...values: readonly EnumValue[]): Format {
  const wordings = wordingsOf(values);
  return {
    name: "enum",
    parse: (cell) => enumValue(cell, wordings, values),
    schema: enumSchema(values),
    example: values[0]!.zh,
    values,
  };
}

/** Several values of a prescribed list, parted by ; and kept in the order given. */
export function someOf(...values: readonly EnumValue[]): Format {
  return { ...listOf(oneOf(...values), /[;；]/), values };
}

/** 是/否, as a boolean. */
export const yesNo: Format = {
  name: "yesNo",
  parse: (cell) => {
    const word = plainCode(trimmed(cell));
    if (/^(是|1|TRUE|Y|YES)$/.test(word)) return { value: true };
    if (/^(否|0|FALSE|N|NO)$/.test(word)) return { value: false };
    return { fault: fault("VALUE_NOT_IN_LIST", "请填“是”或“否”", "Give 是 (yes) or 否 (no)") };
  },
  schema: { type: "boolean" },
  example: "是",
};

/** 证件类型 in the wording of the 双公示 templates, read from either code list. */
export const certificateType: Format = oneOf(
  ...certificateTypes.map(({ code, zh, en, aliases }) => ({ zh, en, aliases: [code, ...aliases] })),
);

function listOf(item: Format, separator = /[;；,，、\n]/): Format {
  return {
    name: `${item.name}[]`,
    parse: (cell) => parseList(cell.split(separator), item),
    parseItems: (cells) => parseList(cells, item),
    schema: { type: "array", items: item.schema, minItems: 1 },
    example: item.example,
  };
}

function parseList(cells: readonly string[], item: Format): Parsed {
  const values: Json[] = [];
  for (const cell of cells) {
    if (trimmed(cell) === "") continue;
    const parsed = item.parse(cell);
    if (parsed.fault) return parsed;
    values.push(parsed.value);
  }
  return values.length > 0 ? { value: values } : { fault: emptyList };
}
const emptyList = fault("VALUE_MISSING", "至少填一项", "Give at least one");

function checked(value: string, faultOf: (value: string) => Fault | null): Parsed {
  const wrong = faultOf(value);
  return wrong ? { fault: wrong } : { value };
}

function enumValue(cell: string, wordings: ReadonlyMap<string, string>, values: readonly EnumValue[]): Parsed {
  const value = wordings.get(cell) ?? wordings.get(wordingKey(cell));
  if (value !== undefined) return { value };
  const said = values.includes(otherwise) ? other.exec(trimmed(cell))?.[1] : undefined;
  if (said !== undefined) return checked(`其他-${trimmed(said)}`, unprintableFault);
  const allowed = values.map(({ zh }) => (zh === otherwise.zh ? "其他-（须注明）" : zh)).join("、");
  return { fault: fault("VALUE_NOT_IN_LIST", `应为：${allowed}`, `It must be one of: ${allowed}`) };
}

function wordingsOf(values: readonly EnumValue[]): ReadonlyMap<string, string> {
  const closed = values.filter((value) => value !== otherwise);
  return new Map(closed.flatMap(({ zh, aliases = [] }) => [zh, ...aliases].map((word) => [wordingKey(word), zh])));
}

function wordingKey(word: string): string {
  return word
    .normalize("NFKC")
    .toUpperCase()
    .replace(/[\s、,;.()《》“”"'_-]+/g, "");
}

function enumSchema(values: readonly EnumValue[]): Format["schema"] {
  const closed = { enum: values.filter((value) => value !== otherwise).map(({ zh }) => zh) };
  return values.includes(otherwise) ? { anyOf: [closed, { type: "string", pattern: "^其他-." }] } : closed;
}
