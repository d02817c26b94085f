import { columnsOf, columnKey, mapColumns, type ColumnMap } from "../types/columns.ts";
import type { Field, RecordType } from "../types/record-type.ts";
import { FileError } from "./file-error.ts";
import { columnLetters } from "./xlsx/cell-reference.ts";

/** One column of a table. */
export interface TableColumn {
  /** The heading as it stands in the file, or its letters when it has none. */
  readonly name: string;
  /** Under which name its cells go to the validator, which may not know the file's own heading. */
  readonly key: string;
  readonly field: Field | null;
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
  const own = new Map(Object.entries(mapping).map(([heading, meaning]) => [columnKey(heading), meaning]));
  const candidates = rows.flatMap((cells, index) => candidatesOf(cells, index, types, own));
  const [best, next] = candidates.sort(byFit);
  if (!best || best.known < 2) throw notFound(types);
  if (next && next.index === best.index && byFit(best, next) === 0) throw ambiguous([best, next]);
  if (best.map.duplicate.length > 0) throw duplicate(best.map.duplicate);
  if (best.map.missing.length > 0) throw missing(best.map);
  return { index: best.index, layout: layoutOf(rows[best.index]!, best.map) };
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
  own: ReadonlyMap<string, string>,
): Candidate[] {
  const headings = Array.from(cells, (cell) => meaningOf(cell ?? "", own));
  return types.map((type) => {
    const map = mapColumns(type, headings);
    return { index, map, known: map.fields.filter((field) => field !== null).length };
  });
}

/** Most columns known first, then fewest missing, then the upper row. */
function byFit(a: Candidate, b: Candidate): number {
  return b.known - a.known || a.map.missing.length - b.map.missing.length || a.index - b.index;
}

/** A heading may carry its code beside its name, `行政相对人名称(XK_XDR_MC)`: then the code says what it is. */
function meaningOf(heading: string, own: ReadonlyMap<string, string>): string {
  return (
    own.get(columnKey(heading)) ?? /^.*[^A-Z_](?<code>(?:XK|CF)_[A-Z_]+)\W*$/su.exec(heading)?.groups!.code ?? heading
  );
}

function layoutOf(cells: readonly (string | undefined)[], map: ColumnMap): TableLayout {
  const known = columnsOf(map.type);
  const columns = map.fields.map((field, column) => {
    const name = cells[column]?.trim().replace(/\s+/g, " ") || columnLetters(column);
    const key = field !== null && known.get(columnKey(name)) !== field ? field.heading : name;
    return { name, key, field };
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
  const list = names.map((name) => `“${name}”`).join("、");
  return new FileError(
    "COLUMN_DUPLICATE",
    `${list}与另一列重复，请删除一列`,
    `${list} repeats another column; delete one`,
  );
}
