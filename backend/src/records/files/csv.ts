import { fault } from "../problems.ts";
import { FileError } from "./file-error.ts";
import type { RawRow } from "./file-row.ts";

export interface CsvContext {
  /** Characters of one row, line breaks in quotes included. */
  readonly maxRecord: number;
  /** Whether a cell is the heading of a known column: where most of them stand, the separator shows. */
  readonly isHeading: (cell: string) => boolean;
}

const quote = 0x22;
const lineFeed = 0x0a;
const carriageReturn = 0x0d;

/**
 * Reads comma-, tab- or semicolon-separated text: RFC 4180 with any kind of line break. Quotes inside an unquoted value
 * are part of it. A quoted value that goes on after its closing quote is kept as it stands, but its row has a fault,
 * since nobody can tell what was meant; the rows after it are read as usual.
 * @throws FileError QUOTE_NOT_CLOSED when a quoted value does not end within `maxRecord`
 */
export async function* readCsv(pieces: AsyncIterable<string>, context: CsvContext): AsyncGenerator<RawRow> {
  let reader: CsvReader | null = null;
  for await (const piece of pieces) {
    reader ??= new CsvReader(delimiterOf(piece, context.isHeading), context.maxRecord);
    yield* reader.push(piece);
  }
  if (reader) yield* reader.finish();
}

/** The character that divides some line at the top of the file into the most headings, else into the most cells. */
function delimiterOf(start: string, isHeading: CsvContext["isHeading"]): number {
  const lines = start.split(/[\r\n]+/, 50);
  const scores = [",", "\t", ";"].map((delimiter) => {
    const cells = lines.map((line) => line.split(delimiter));
    const headings = Math.max(...cells.map((line) => line.filter(isHeading).length));
    return { delimiter, headings, width: Math.max(...cells.map((line) => line.length)) };
  });
  const [best] = scores.sort((a, b) => b.headings - a.headings || b.width - a.width);
  return best!.delimiter.charCodeAt(0);
}

class CsvReader {
  readonly #delimiter: number;
  readonly #maxRecord: number;
  #text = "";
  #at = 0;
  #row = 0;
  #cells: string[] = [];
  #stray: number | null = null;

  constructor(delimiter: number, maxRecord: number) {
    this.#delimiter = delimiter;
    this.#maxRecord = maxRecord;
  }

  /** The rows that this piece completes. */
  *push(piece: string): Generator<RawRow> {
    this.#text = this.#text.slice(this.#at) + piece;
    this.#at = 0;
    yield* this.#records(false);
    if (this.#text.length - this.#at > this.#maxRecord) throw notClosed(this.#row + 1);
  }

  *finish(): Generator<RawRow> {
    yield* this.#records(true);
    if (this.#at < this.#text.length) throw notClosed(this.#row + 1);
  }

  *#records(last: boolean): Generator<RawRow> {
    for (let end = this.#record(last); end >= 0; end = this.#record(last)) {
      this.#at = end;
      yield this.#take();
    }
  }

  #take(): RawRow {
    const faults = this.#stray === null ? [] : [{ column: this.#stray, fault: strayQuote }];
    return { row: ++this.#row, cells: this.#cells, faults };
  }

  /** Reads the cells of one record. Where the next one begins, or -1 when this one is not complete yet. */
  #record(last: boolean): number {
    if (this.#at >= this.#text.length) return -1;
    this.#cells = [];
    this.#stray = null;
    let at = this.#at;
    for (;;) {
      const end = this.#text.charCodeAt(at) === quote ? this.#quoted(at, last) : this.#unquoted(at, at);
      if (end < 0 || (end >= this.#text.length - 1 && !last)) return -1;
      if (this.#text.charCodeAt(end) !== this.#delimiter) return this.#afterBreak(end);
      at = end + 1;
    }
  }

  #afterBreak(at: number): number {
    const pair = this.#text.charCodeAt(at) === carriageReturn && this.#text.charCodeAt(at + 1) === lineFeed;
    return Math.min(at + (pair ? 2 : 1), this.#text.length);
  }

  /** Reads to the end of the cell that begins at `start`; its text counts from there. */
  #unquoted(start: number, from: number): number {
    const text = this.#text;
    let at = from;
    while (at < text.length && !this.#endsCell(text.charCodeAt(at))) at++;
    this.#cells.push(text.slice(start, at));
    return at;
  }

  #quoted(start: number, last: boolean): number {
    let value = "";
    for (let from = start + 1; ;) {
      const close = this.#text.indexOf('"', from);
      if (close < 0 || (close + 1 === this.#text.length && !last)) return -1;
      value += this.#text.slice(from, close);
      const next = this.#text.charCodeAt(close + 1);
      if (next !== quote) return this.#closed(start, value, close + 1);
      value += '"';
      from = close + 2;
    }
  }

  #closed(start: number, value: string, at: number): number {
    if (at < this.#text.length && !this.#endsCell(this.#text.charCodeAt(at))) {
      this.#stray ??= this.#cells.length;
      return this.#unquoted(start, at);
    }
    this.#cells.push(value);
    return at;
  }

  #endsCell(code: number): boolean {
    return code === this.#delimiter || code === lineFeed || code === carriageReturn;
  }
}

const strayQuote = fault(
  "QUOTE_MISPLACED",
  "请将单元格内的英文双引号写成两个，或改用“”",
  "Write a quotation mark inside a quoted cell twice",
);

function notClosed(row: number): FileError {
  return new FileError(
    "QUOTE_NOT_CLOSED",
    `第${row}行有一个英文双引号没有闭合。请在 Excel 或 WPS 中另存为“CSV UTF-8”或“.xlsx”`,
    `A quotation mark in row ${row} is never closed. Save it as CSV UTF-8 or .xlsx in Excel or WPS`,
    row,
  );
}
