import { fault, problem, type Fault, type Problem } from "../problems.ts";
import type { RecordType } from "../types/record-type.ts";
import { FileError, tooLarge } from "./file-error.ts";
import type { CellFault, FileNote, FileRow, RawRow } from "./file-row.ts";
import {
  findHeadings,
  isHeading,
  isHeadingRow,
  repeatsHeadings,
  type HeadingMapping,
  type TableLayout,
} from "./headings.ts";
import type { FileLimits } from "./limits.ts";
import { columnLetters } from "./xlsx/cell-reference.ts";

/** How the rows of a table are to be understood. */
export interface TableContext {
  readonly types: readonly RecordType[];
  readonly mapping: HeadingMapping;
  readonly limits: FileLimits;
  /** Whether a row must have as many cells as the headings: so in text, where a lost separator shifts the values. */
  readonly even: boolean;
  readonly tell: (note: FileNote) => void;
}

/**
 * Makes rows of records out of the rows of a table: finds the headings below titles and notes, passes over blank rows,
 * repeated headings and footers (合计, 填表人 …), and points each fault at its column. What is passed over is told.
 * @throws FileError about the headings; FILE_EMPTY when there is no row below them; TOO_LARGE
 */
export async function* readTable(rows: AsyncIterable<RawRow>, context: TableContext): AsyncGenerator<FileRow> {
  const { types, mapping, tell } = context;
  const filled = filledRows(rows);
  try {
    const top = await topRows(filled, context);
    if (top.length === 0) throw empty("文件中没有任何内容", "The file holds nothing");
    const { index, layout } = findHeadings(
      top.map(({ cells }) => cells),
      types,
      mapping,
    );
    tellHeadings(top, index, layout, tell);
    const reader = new RowReader(layout, context);
    for (const row of top.slice(index + 1)) yield* reader.read(row);
    for await (const row of filled) yield* reader.read(row);
    if (reader.count === 0) throw empty("表头下没有数据行", "There is no row below the headings");
  } finally {
    await filled.return(undefined);
  }
}

async function* filledRows(rows: AsyncIterable<RawRow>): AsyncGenerator<RawRow> {
  for await (const row of rows) if (row.cells.some(isFilled)) yield row;
}

function isFilled(cell: string | undefined): cell is string {
  return cell !== undefined && cell !== "" && cell.trim() !== "";
}

/** The rows down to the first one that says all that a type needs, else as many as may stand above the headings. */
async function topRows(rows: AsyncGenerator<RawRow>, { types, mapping, limits }: TableContext): Promise<RawRow[]> {
  const top: RawRow[] = [];
  while (top.length <= limits.rowsAboveHeadings) {
    const next = await rows.next();
    if (next.done) break;
    if (next.value.cells.length > limits.columns) throw tooManyColumns(next.value, limits.columns);
    top.push(next.value);
    if (isHeadingRow(next.value.cells, types, mapping)) break;
  }
  return top;
}

/** Columns that number the rows, and those of our own error report, which may be corrected and uploaded again. */
const ownColumns = new Set(["序号", "行号", "列", "错误代码", "问题", "怎么改"]);

function tellHeadings(top: readonly RawRow[], index: number, layout: TableLayout, tell: TableContext["tell"]): void {
  if (index > 0) {
    const last = top[index]!.row - 1;
    tell({
      code: "ROWS_ABOVE_HEADINGS",
      zh: `表头在第${last + 1}行，以上未读取`,
      en: `The headings are in row ${last + 1}`,
    });
  }
  for (const { name, read } of layout.columns) {
    if (read || ownColumns.has(name)) continue;
    tell({ code: "COLUMN_IGNORED", zh: `“${name}”列不属于该类记录，未读取`, en: `The column “${name}” was not read` });
  }
}

class RowReader {
  count = 0;
  readonly #layout: TableLayout;
  readonly #context: TableContext;
  readonly #required: readonly number[];
  readonly #numberColumn: number;

  constructor(layout: TableLayout, context: TableContext) {
    this.#layout = layout;
    this.#context = context;
    const { columns } = layout;
    this.#required = [...columns.keys()].filter((at) => columns[at]!.field?.presence === "required");
    this.#numberColumn = columns.findIndex(({ field }) => field?.claim === "number");
  }

  /** The record that a row holds, or nothing when it holds none. */
  *read(row: RawRow): Generator<FileRow> {
    if (this.#isHeadingRow(row))
      return this.#tellSkipped("HEADING_ROW_REPEATED", row, "重复的表头", "repeats the headings");
    if (this.#isFooter(row)) return this.#tellSkipped("FOOTER_SKIPPED", row, "表尾或合计", "is a footer or a total");
    const { rows } = this.#context.limits;
    if (++this.count > rows) throw tooLarge(`数据超过${rows}行`, `There are more than ${rows} rows`);
    yield { row: row.row, type: this.#layout.type.type, cells: this.#cells(row), problems: this.#problems(row) };
  }

  #cells(row: RawRow): Readonly<Record<string, string>> {
    const cells: Record<string, string> = {};
    const { columns } = this.#layout;
    for (let at = 0; at < columns.length; at++) {
      const cell = row.cells[at];
      if (isFilled(cell) && columns[at]!.read) cells[columns[at]!.key] = cell;
    }
    return cells;
  }

  #problems(row: RawRow): readonly Problem[] {
    const faults = [...row.faults.filter(({ column }) => this.#isRead(column)), ...this.#strayCells(row)];
    if (faults.length === 0) return none;
    return faults.map(({ column, fault }) => problem(this.#columnName(column), fault));
  }

  /** What stands in a column that is not read cannot make a record wrong: a formula that numbers the rows, say. */
  #isRead(column: number | null): boolean {
    return column === null || (this.#layout.columns[column]?.read ?? false);
  }

  #columnName(column: number | null): string | null {
    return column === null ? null : (this.#layout.columns[column]?.name ?? columnLetters(column));
  }

  #strayCells({ cells }: RawRow): readonly CellFault[] {
    const { columns } = this.#layout;
    const beyond = cells.findIndex((cell, at) => at >= columns.length && isFilled(cell));
    if (this.#context.even && (beyond >= 0 || cells.length < columns.length)) {
      return [{ column: null, fault: uneven(cells.length, columns.length, columns[cells.length]?.name) }];
    }
    return beyond < 0 ? none : [{ column: beyond, fault: withoutHeading }];
  }

  #isHeadingRow({ cells }: RawRow): boolean {
    const number = cells[this.#numberColumn];
    return isFilled(number) && isHeading(number, [this.#layout.type], {}) && repeatsHeadings(cells, this.#layout);
  }

  /**
   * A word of a footer in the first cell, no document number, and less than half of what every record needs: no record
   * looks like that.
   */
  #isFooter({ cells }: RawRow): boolean {
    const first = cells.findIndex(isFilled);
    if (!footer.test(cells[first]!.replace(/\s/g, ""))) return false;
    if (isFilled(cells[this.#numberColumn]) && first !== this.#numberColumn) return false;
    return this.#required.filter((at) => isFilled(cells[at])).length * 2 < this.#required.length;
  }

  #tellSkipped(code: FileNote["code"], { row }: RawRow, zh: string, en: string): void {
    this.#context.tell({ code, zh: `第${row}行是${zh}，未读取`, en: `Row ${row} ${en}; it was not read` });
  }
}

const none: readonly never[] = [];

const footer =
  /^(合计|总计|小计|共计|累计|本页|填[表报]|制表|审[核批]|复核|报送|联系|单位负责人|负责人|备注|说明|注[:：]|以上|以下空白)/;

const withoutHeading = fault(
  "CELL_WITHOUT_HEADING",
  "请移到有表头的列，或删除该内容",
  "Move it to a column that has a heading, or delete it",
);

function uneven(cells: number, columns: number, firstMissing: string | undefined): Fault {
  const zh = firstMissing === undefined ? "多出的内容没有表头" : `从“${firstMissing}”起缺失`;
  const en = firstMissing === undefined ? "the surplus has no heading" : `it ends before “${firstMissing}”`;
  return fault(
    "ROW_UNEVEN",
    `该行${cells}格，表头${columns}格，${zh}。请检查分隔符、引号和换行`,
    `The row has ${cells} cells, the headings ${columns}: ${en}. Check separators, quotes and line breaks`,
  );
}

function tooManyColumns({ row, cells }: RawRow, limit: number): FileError {
  const [zh, en] = [
    `第${row}行有${cells.length}格，最多${limit}格`,
    `Row ${row} has ${cells.length} cells; the limit is ${limit}`,
  ];
  return new FileError("TOO_LARGE", zh, en, row);
}

function empty(zh: string, en: string): FileError {
  return new FileError("FILE_EMPTY", zh, en);
}
