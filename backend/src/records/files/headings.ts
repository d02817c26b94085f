import { columnsOf, columnKey, mapColumns, type ColumnMap } from "../types/columns.ts";
import type { Field, RecordType } from "../types/record-type.ts";
import { isLocalHeading } from "../types/local-fields.ts";
import { clipped, FileError, quotedList } from "./file-error.ts";
import { columnLetters } from "./xlsx/cell-reference.ts";

/** One column of a table. */
export interface TableColumn {
  /** The heading as it stands in the file, or its letters when it has none. */
  readonly name: string;
  /** Under which name its cells go to the validator, which may not know the file's own heading. */
  readonly key: string;
  readonly field: Field | null;
  /** Whether its cells belong to the record: those of a field, and the department's own. */
  readonly read: boolean;
}

/** What the heading row of a table says. */
export interface TableLayout {
  readonly type: RecordType;
  readonly columns: readonly TableColumn[];
}

/** Own headings of a department's export, each with the official heading, code or claim that it stands for. */
export type HeadingMapping = Readonly<Record<string, string>>;

interface Candidate {
  readonly index: number;
  readonly map: ColumnMap;
  readonly known: number;
}

/**
 * Finds the heading row among the first rows of a table, and the type it belongs to: the row and type with the most
 * columns known. Rows above it are titles and notes.
 * @throws FileError HEADINGS_NOT_FOUND, TYPE_AMBIGUOUS, COLUMN_MISSING (naming all), COLUMN_DUPLICATE (naming all)
 */
export function findHeadings(
  rows: readonly (readonly (string | undefined)[])[],
  types: readonly RecordType[],
  mapping: HeadingMapping,
): { readonly index: number; readonly layout: TableLayout } {
  const candidates = rows.flatMap((cells, index) => candidatesOf(cells, index, types, mapping));
  const [best, ...others] = candidates.sort(byFit);
  if (!best || best.known < 2) throw notFound(types);
  const rivals = others.filter((other) => isRival(best, other));
  if (rivals.length > 0) throw ambiguous([best, ...rivals]);
  if (best.map.duplicate.length > 0) throw duplicate(best.map.duplicate);
  if (best.map.missing.length > 0) throw missing(best.map);
  return { index: best.index, layout: layoutOf(rows[best.index]!, best.map) };
}

/** Whether some type knows a column of this name. */
export function isHeading(cell: string, types: readonly RecordType[], mapping: HeadingMapping): boolean {
  const key = columnKey(cell);
  if (key === "") return false;
  return types.some((type) => columnsOf(type).has(key)) || Object.keys(mapping).some((own) => columnKey(own) === key);
}

/** Whether a row names every column that some type needs. */
export function isHeadingRow(
  cells: readonly (string | undefined)[],
  types: readonly RecordType[],
  mapping: HeadingMapping,
): boolean {
  return candidatesOf(cells, 0, types, mapping).some(({ map, known }) => known > 1 && map.missing.length === 0);
}

/** Whether a row only says the headings once more, as the row of codes below the row of names does. */
export function repeatsHeadings(cells: readonly (string | undefined)[], { type }: TableLayout): boolean {
  const filled = cells.filter((cell) => cell !== undefined && cell.trim() !== "");
  const known = filled.filter((cell) => columnsOf(type).has(columnKey(cell!)));
  return known.length >= 2 && known.length * 2 > filled.length;
}

function candidatesOf(
  cells: readonly (string | undefined)[],
  index: number,
  types: readonly RecordType[],
  mapping: HeadingMapping,
): Candidate[] {
  const own = new Map(Object.entries(mapping).map(([heading, meaning]) => [columnKey(heading), meaning]));
  return types.map((type) => {
    const map = mapColumns(
      type,
      Array.from(cells, (cell) => meaningOf(cell ?? "", type, own)),
    );
    return { index, map, known: map.fields.filter((field) => field !== null).length };
  });
}

/** Another type for the same row with as many columns known, which what is missing does not rule out. */
function isRival(best: Candidate, other: Candidate): boolean {
  const fitsNoBetter = best.map.missing.length > 0 || other.map.missing.length === 0;
  return other.index === best.index && other.known === best.known && fitsNoBetter;
}

/** Most columns known first, then fewest missing, then the upper row. */
function byFit(a: Candidate, b: Candidate): number {
  return b.known - a.known || a.map.missing.length - b.map.missing.length || a.index - b.index;
}

const codeInBrackets = /[(（[【]\s*([A-Za-z]\w*)\s*[)）\]】]\W*$/;

/** The department's own heading by its mapping; a heading that carries its code, `备注(BZ)`, by the code. */
function meaningOf(heading: string, type: RecordType, own: ReadonlyMap<string, string>): string {
  const key = columnKey(heading);
  if (own.has(key)) return own.get(key)!;
  return columnsOf(type).has(key) ? heading : (codeInBrackets.exec(heading)?.[1] ?? heading);
}

function layoutOf(cells: readonly (string | undefined)[], map: ColumnMap): TableLayout {
  const known = columnsOf(map.type);
  const columns = map.fields.map((field, column) => {
    const name = clipped(cells[column]?.trim().replace(/\s+/g, " ") ?? "", 100) || columnLetters(column);
    const key = field !== null && known.get(columnKey(name)) !== field ? field.heading : name;
    return { name, key, field, read: field !== null || isLocalHeading(name) };
  });
  return { type: map.type, columns };
}

function notFound(types: readonly RecordType[]): FileError {
  const [zh, en] = labels(types);
  return new FileError(
    "HEADINGS_NOT_FOUND",
    `请使用模板的表头（${zh}），或其 XK_、CF_ 等代码`,
    `Use the headings of a template (${en}) or their codes`,
  );
}

function ambiguous(candidates: readonly Candidate[]): FileError {
  const [zh, en] = labels(candidates.map(({ map }) => map.type));
  return new FileError(
    "TYPE_AMBIGUOUS",
    `表头同时符合${zh}，请在导入时选择类型`,
    `The headings fit ${en}; choose the type`,
  );
}

function labels(types: readonly RecordType[]): [zh: string, en: string] {
  return [types.map(({ label }) => label.zh).join("、"), types.map(({ label }) => label.en).join(", ")];
}

function missing({ type, missing }: ColumnMap): FileError {
  const names = missing.map(({ heading, code }) => (code === null ? heading : `${heading}（${code}）`)).join("、");
  return new FileError("COLUMN_MISSING", `${type.label.zh}缺少：${names}`, `${type.label.en} lacks: ${names}`);
}

function duplicate(names: readonly string[]): FileError {
  const list = quotedList(names);
  return new FileError(
    "COLUMN_DUPLICATE",
    `${list}与另一列重复，请删除一列`,
    `${list} repeats another column; delete one`,
  );
}
