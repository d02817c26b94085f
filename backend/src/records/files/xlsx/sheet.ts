import { fault, type Fault } from "../../problems.ts";
import { clipped, damaged, tooLarge, type FileError } from "../file-error.ts";
import type { CellFault, RawRow } from "../file-row.ts";
import { columnLetters, columnOf } from "./cell-reference.ts";
import type { DateStyles } from "./date-formats.ts";
import { RichText } from "./rich-text.ts";
import { serialText } from "./serial.ts";
import type { StringTable } from "./string-table.ts";
import type { Attributes, XmlHandler } from "./xml.ts";

/** What a sheet's cells refer to. */
export interface CellContext {
  readonly strings: StringTable;
  readonly dateStyles: DateStyles;
  readonly date1904: boolean;
}

const maxRow = 1_048_576;
const maxColumn = 16_384;

/**
 * Turns a worksheet's XML into rows, which gather until somebody takes them. Values are what the person at
 * the spreadsheet saw: numbers with the 15 digits that a spreadsheet shows, dates as days. A number that a formula
 * computed is refused: its stored result may be stale, and nobody typed it.
 */
export class SheetReader implements XmlHandler {
  hiddenRows = 0;
  readonly hiddenColumns: { readonly from: number; readonly to: number }[] = [];

  #rows: RawRow[] = [];
  readonly #context: CellContext;
  readonly #maxCharacters: number;
  readonly #inline = new RichText();
  #inData = false;
  #inValue = false;
  #row = 0;
  #cells: string[] = [];
  #faults: CellFault[] = [];
  #characters = 0;
  #column = -1;
  #type = "n";
  #style = 0;
  #value = "";
  #formula = false;

  /** @param maxCharacters of one row */
  constructor(context: CellContext, maxCharacters: number) {
    this.#context = context;
    this.#maxCharacters = maxCharacters;
  }

  /** The rows that were completed since the last call. */
  takeRows(): readonly RawRow[] {
    const rows = this.#rows;
    this.#rows = [];
    return rows;
  }

  open(name: string, attributes: Attributes): void {
    if (!this.#inData) this.#openOutside(name, attributes);
    else if (name === "c") this.#openCell(attributes);
    else if (name === "v") this.#inValue = true;
    else if (name === "row") this.#openRow(attributes);
    else if (name === "f") this.#formula = true;
    else this.#inline.open(name);
  }

  close(name: string): void {
    if (!this.#inData) return;
    if (name === "c") this.#closeCell();
    else if (name === "v") this.#inValue = false;
    else if (name === "row") this.#closeRow();
    else if (name === "sheetData") this.#inData = false;
    else this.#inline.close(name);
  }

  text(text: string): void {
    if (this.#inValue) this.#value += text;
    else if (this.#inData) this.#inline.write(text);
  }

  #openOutside(name: string, { hidden, min, max }: Attributes): void {
    if (name === "sheetData") this.#inData = true;
    if (name === "col" && isOn(hidden)) this.#hide(Number(min) - 1, Number(max) - 1);
  }

  #hide(from: number, to: number): void {
    const isColumn = (value: number) => Number.isInteger(value) && value >= 0 && value < maxColumn;
    if (isColumn(from) && isColumn(to) && this.hiddenColumns.length < maxColumn) this.hiddenColumns.push({ from, to });
  }

  /** The number of a row, and the place of a cell, may be left out; then it is the next one. */
  #openRow({ r, hidden }: Attributes): void {
    const row = r === undefined ? this.#row + 1 : Number(r);
    if (!(row > this.#row && row <= maxRow)) throw misplaced(`第${clipped(r ?? "")}行`, `Row ${clipped(r ?? "")}`);
    this.#row = row;
    this.#column = -1;
    this.#characters = 0;
    if (isOn(hidden)) this.hiddenRows++;
  }

  #openCell({ r, t = "n", s = "0" }: Attributes): void {
    const column = r === undefined ? this.#column + 1 : columnOf(r);
    if (!(column > this.#column && column < maxColumn))
      throw misplaced(`单元格${clipped(r ?? "")}`, `Cell ${clipped(r ?? "")}`);
    this.#column = column;
    this.#type = t;
    this.#style = Number(s);
    this.#value = "";
    this.#formula = false;
  }

  #closeCell(): void {
    const inline = this.#inline.take();
    if (this.#formula) this.#refuse(formula(this.#name()));
    else if (this.#type === "inlineStr") this.#keep(inline);
    else if (this.#value !== "") this.#keepValue();
  }

  #keepValue(): void {
    switch (this.#type) {
      case "s":
        return this.#keep(this.#sharedString());
      case "n":
        return this.#keepNumber();
      case "b":
        return this.#keep(this.#value === "1" ? "TRUE" : "FALSE");
      case "e":
        return this.#refuse(cellError(this.#name(), clipped(this.#value)));
      default:
        return this.#keep(this.#value);
    }
  }

  #sharedString(): string {
    const index = Number(this.#value);
    if (!(Number.isInteger(index) && index >= 0 && index < this.#context.strings.count))
      throw unknownString(this.#name());
    return this.#context.strings.get(index);
  }

  #keepNumber(): void {
    const number = Number(this.#value);
    if (this.#context.dateStyles.has(this.#style)) this.#keepDate(number);
    else if (!Number.isFinite(number)) throw misplaced(`单元格${this.#name()}`, `Cell ${this.#name()}`);
    else if (Math.abs(number) >= 1e15) this.#refuse(lostDigits(this.#name()));
    else this.#keep(String(Number(number.toPrecision(15))));
  }

  #keepDate(serial: number): void {
    const text = serialText(serial, this.#context.date1904);
    if (text === null) this.#refuse(noSuchDay(this.#name(), clipped(this.#value)));
    else this.#keep(text);
  }

  #keep(text: string): void {
    this.#cells[this.#column] = text;
    this.#characters += text.length;
    if (this.#characters > this.#maxCharacters) throw tooLarge(`第${this.#row}行过长`, `Row ${this.#row} is too long`);
  }

  #refuse(found: Fault): void {
    if (this.#value !== "") this.#keep(this.#value);
    this.#faults.push({ column: this.#column, fault: found });
  }

  #closeRow(): void {
    if (this.#cells.length > 0 || this.#faults.length > 0) {
      this.#rows.push({ row: this.#row, cells: this.#cells, faults: this.#faults });
    }
    this.#cells = [];
    this.#faults = [];
  }

  #name(): string {
    return `${columnLetters(this.#column)}${this.#row}`;
  }
}

function isOn(value: string | undefined): boolean {
  return value === "1" || value === "true";
}

function misplaced(zh: string, en: string): FileError {
  return damaged(`${zh}的位置或内容不正确`, `${en} is misplaced or malformed`);
}

function unknownString(cell: string): FileError {
  return damaged(`单元格${cell}的文字缺失`, `The text of cell ${cell} is missing`);
}

function formula(cell: string): Fault {
  return fault("CELL_FORMULA", `请将${cell}“选择性粘贴”为数值`, `Paste ${cell} as a value`);
}

function cellError(cell: string, shown: string): Fault {
  return fault("CELL_ERROR", `${cell}显示${shown}，请改为实际内容`, `${cell} shows ${shown}; enter what it should say`);
}

function lostDigits(cell: string): Fault {
  return fault(
    "VALUE_LOST_DIGITS",
    `${cell}是15位以上的数字，末位已丢失。请将该列设为“文本”格式后重新填写`,
    `${cell} is a number of more than 15 digits, so its last ones are lost. Set the column's format to Text and enter it again`,
  );
}

function noSuchDay(cell: string, serial: string): Fault {
  return fault(
    "DATE_IMPOSSIBLE",
    `${cell}的日期序号${serial}不对应任何一天`,
    `The serial ${serial} in ${cell} is no day`,
  );
}
