import { Readable } from "node:stream";
import type { Problem } from "../problems.ts";
import { columnKey, columnsOf } from "../types/columns.ts";
import type { Field, Json, RecordType } from "../types/record-type.ts";
import { recordTypes } from "../types/record-types.ts";
import type { FileRow } from "./file-row.ts";
import { BYTE_ORDER_MARK, csvLine } from "./write-csv.ts";
import { workbookBytes, type WrittenRow } from "./xlsx/write-workbook.ts";

/** A row that was not taken in, with everything that is wrong with it, from the reader or from the validator. */
export type RejectedRow = FileRow;

export type ReportFormat = "xlsx" | "csv";

const own = ["行号", "列", "错误代码", "问题", "怎么改"];
const rawContent = "原始内容";

/**
 * The file that a department gets back: one line for each bad row with its number, the columns, codes and problems, what
 * to do, and then the row as it was, under the official headings. As xlsx it can be corrected and uploaded again as it
 * is: readers pass over the first five columns. As csv it is for looking at: spreadsheets round long codes of a csv.
 */
export function writeErrorReport(rows: AsyncIterable<RejectedRow>, format: ReportFormat): Readable {
  return Readable.from(format === "xlsx" ? reportWorkbook(rows) : reportCsv(rows), { objectMode: false });
}

function reportWorkbook(rows: AsyncIterable<RejectedRow>): AsyncGenerator<Buffer> {
  const widths = [8, 24, 24, 40, 40, ...new Array<number>(40).fill(20)];
  return workbookBytes({ name: "未导入的行", widths, frozenRows: 1, rows: styled(reportRows(rows)) });
}

async function* styled(rows: AsyncIterable<readonly string[]>): AsyncGenerator<WrittenRow> {
  let style: WrittenRow["style"] = "heading";
  for await (const cells of rows) {
    yield { cells, style };
    style = "value";
  }
}

async function* reportCsv(rows: AsyncIterable<RejectedRow>): AsyncGenerator<string> {
  yield BYTE_ORDER_MARK;
  for await (const cells of reportRows(rows)) yield csvLine(cells);
}

/** The headings, then the rows. Which columns the rows have is decided by the type of the first one. */
async function* reportRows(rows: AsyncIterable<RejectedRow>): AsyncGenerator<readonly string[]> {
  let type: RecordType | null | undefined;
  for await (const row of rows) {
    if (type === undefined) {
      type = recordTypes.get(row.type ?? "") ?? null;
      yield [...own, ...headingsOf(type)];
    }
    yield [...explained(row), ...(row.type !== null && row.type === type?.type ? values(row, type) : raw(row, type))];
  }
  if (type === undefined) yield own;
}

function headingsOf(type: RecordType | null): readonly string[] {
  return [...(type?.fields ?? []).map(({ heading }) => heading), rawContent];
}

function explained({ row, problems }: RejectedRow): readonly string[] {
  const each = (text: (problem: Problem) => string) => {
    const lines = problems.map(text);
    return lines.length > 1 ? lines.map((line, at) => `${at + 1}. ${line}`).join("\n") : lines.join("");
  };
  return [
    String(row),
    each(({ column }) => column ?? "整行"),
    each(({ code }) => code),
    each(({ zh }) => zh),
    each(({ hint }) => hint.zh),
  ];
}

function values({ cells }: RejectedRow, type: RecordType): readonly string[] {
  const byField = new Map<Field, Json>();
  const left: Record<string, Json> = {};
  for (const [name, value] of Object.entries(cells)) {
    const field = columnsOf(type).get(columnKey(name));
    if (field === undefined || isClaimInOwnUnit(name, field)) left[name] = value;
    else byField.set(field, value);
  }
  const rest = Object.keys(left).length > 0 ? JSON.stringify(left) : "";
  return [...type.fields.map((field) => shown(byField.get(field))), rest];
}

/** An amount given under its claim's name is in fen, so it must not stand below a heading that says 万元. */
function isClaimInOwnUnit(name: string, { claim, format }: Field): boolean {
  return name === claim && format.parseClaim !== undefined;
}

/** Rows of another type than the report's columns, and rows whose type is unknown. */
function raw({ cells }: RejectedRow, type: RecordType | null | undefined): readonly string[] {
  const content = Object.keys(cells).length > 0 ? JSON.stringify(cells) : "";
  return [...(type?.fields ?? []).map(() => ""), content];
}

function shown(value: Json | undefined): string {
  if (value === undefined || value === null) return "";
  if (Array.isArray(value) && value.every((item) => typeof item === "string")) return value.join(";");
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}
