import { trimmed } from "../fields/text.ts";
import { fault, problem, type Fault, type Problem } from "../problems.ts";
import { fieldNamed } from "./columns.ts";
import type { Field, Parsed, RecordType } from "./record-type.ts";

/** The values of one record as they came in, by the type's fields, each with the name under which it came. */
export interface Cells {
  readonly raw: readonly unknown[];
  /** The file's heading or the JSON member; undefined where the record has none for this field. */
  readonly names: readonly (string | undefined)[];
  /** What to call a field that came under no name. */
  readonly nameOf: (field: Field) => string;
}

/** Sorts the members of a record given by name to the type's fields. */
export function cellsByName(
  type: RecordType,
  input: Readonly<Record<string, unknown>>,
): { readonly cells: Cells; readonly problems: readonly Problem[] } {
  const raw: unknown[] = [];
  const names: (string | undefined)[] = [];
  const problems: Problem[] = [];
  let claims = false;
  for (const [name, value] of Object.entries(input)) {
    const field = fieldNamed(type, name);
    const index = field === undefined ? -1 : type.fields.indexOf(field);
    if (index < 0) problems.push(problem(name, unknownColumn));
    else if (names[index] !== undefined) problems.push(problem(name, duplicateColumn));
    else [raw[index], names[index]] = [value, name];
    claims ||= field?.claim === name;
  }
  return { cells: { raw, names, nameOf: ({ claim, heading }) => (claims ? claim : heading) }, problems };
}

/** What a cell says for a field: nothing (undefined), a value, or what is wrong with it. */
export function readCell(field: Field, raw: unknown, name: string | undefined): Parsed | undefined {
  if (Array.isArray(raw)) return readItems(field, raw);
  if (raw === undefined || raw === null) return undefined;
  const cell = cellText(raw);
  if (cell === undefined) return { fault: notText };
  if (cell === "" || trimmed(cell) === "") return undefined;
  const { parse, parseClaim } = field.format;
  return bounded(field, (name === field.claim && parseClaim ? parseClaim : parse)(cell));
}

function readItems(field: Field, items: readonly unknown[]): Parsed | undefined {
  const { parseItems } = field.format;
  if (items.length === 0) return undefined;
  const cells = items.map(cellText);
  if (parseItems === undefined || cells.includes(undefined)) return { fault: notText };
  return bounded(field, parseItems(cells as string[]));
}

function cellText(raw: unknown): string | undefined {
  if (typeof raw === "string") return raw;
  return typeof raw === "number" || typeof raw === "boolean" ? String(raw) : undefined;
}

function bounded({ maxLength }: Field, parsed: Parsed): Parsed {
  if (maxLength === null || parsed.fault) return parsed;
  const { value } = parsed;
  const texts = typeof value === "string" ? [value] : Array.isArray(value) ? value : [];
  return texts.some((text) => tooLong(text, maxLength)) ? { fault: lengthFault(maxLength) } : parsed;
}

function tooLong(text: unknown, maxLength: number): boolean {
  return typeof text === "string" && text.length > maxLength && [...text].length > maxLength;
}

function lengthFault(maxLength: number): Fault {
  return fault("VALUE_TOO_LONG", `最多${maxLength}个字`, `At most ${maxLength} characters`);
}

const notText = fault(
  "VALUE_NOT_TEXT",
  "请填文字或数字；多个值用数组",
  "Give a text or a number; an array where several are allowed",
);
const unknownColumn = fault("COLUMN_UNKNOWN", "请对照模板检查名称", "Compare the name with the template");
const duplicateColumn = fault("COLUMN_DUPLICATE", "同一项只保留一个", "Keep only one of them");
