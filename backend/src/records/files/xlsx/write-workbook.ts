import { columnLetters } from "./cell-reference.ts";
import { zipBytes, type ZipPart } from "./zip-writer.ts";

/** Headings are bold on grey; notes are grey; a title is a note in one long line. */
export type RowStyle = "value" | "heading" | "note" | "title";

export interface WrittenRow {
  readonly cells: readonly string[];
  readonly style: RowStyle;
}

/** A workbook of one sheet in which every cell is text, as codes and document numbers must be. */
export interface WrittenSheet {
  readonly name: string;
  /** Widths in characters, one a column. */
  readonly widths: readonly number[];
  /** Rows that stay in sight while the others scroll. */
  readonly frozenRows: number;
  readonly rows: Iterable<WrittenRow> | AsyncIterable<WrittenRow>;
  /** Columns whose cells below the frozen rows offer a list of values. */
  readonly choices?: readonly { readonly column: number; readonly values: readonly string[] }[];
}

const main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
const office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
const packages = "http://schemas.openxmlformats.org/package/2006";
const declaration = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n';

/**
 * Writes a sheet as xlsx (ECMA-376), row by row, in constant memory. Texts are inline strings, so a text such as
 * `=HYPERLINK(…)` is shown, never calculated, and an 18-digit code keeps its digits.
 */
export function workbookBytes(sheet: WrittenSheet): AsyncGenerator<Buffer> {
  return zipBytes([
    part("[Content_Types].xml", contentTypes),
    part("_rels/.rels", relationships("officeDocument", "xl/workbook.xml")),
    part("xl/_rels/workbook.xml.rels", relationships("worksheet", "worksheets/sheet1.xml", "styles", "styles.xml")),
    part("xl/workbook.xml", workbook(sheet.name)),
    part("xl/styles.xml", styles),
    { name: "xl/worksheets/sheet1.xml", content: worksheet(sheet) },
  ]);
}

function part(name: string, xml: string): ZipPart {
  return { name, content: [declaration + xml] };
}

const contentTypes =
  `<Types xmlns="${packages}/content-types">` +
  '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>' +
  ["workbook:sheet.main", "styles:styles", "worksheets/sheet1:worksheet"]
    .map((entry) => entry.split(":"))
    .map(
      ([path, type]) =>
        `<Override PartName="/xl/${path}.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.${type}+xml"/>`,
    )
    .join("") +
  "</Types>";

function relationships(...pairs: string[]): string {
  const one = (type: string, at: number) =>
    at % 2 === 0 ? `<Relationship Id="rId${at / 2 + 1}" Type="${office}/${type}" Target="${pairs[at + 1]}"/>` : "";
  return `<Relationships xmlns="${packages}/relationships">${pairs.map(one).join("")}</Relationships>`;
}

function workbook(name: string): string {
  return `<workbook xmlns="${main}" xmlns:r="${office}"><sheets><sheet name="${escaped(name)}" sheetId="1" r:id="rId1"/></sheets></workbook>`;
}

const styleIds: Readonly<Record<RowStyle, number>> = { value: 1, heading: 2, note: 3, title: 4 };

/** Number format 49 is Text: what somebody types over a value stays as typed, too. */
const styles =
  `<styleSheet xmlns="${main}">` +
  '<fonts count="3"><font><sz val="11"/><name val="宋体"/></font><font><b/><sz val="11"/><name val="宋体"/></font>' +
  '<font><sz val="10"/><color rgb="FF595959"/><name val="宋体"/></font></fonts>' +
  '<fills count="3"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill>' +
  '<fill><patternFill patternType="solid"><fgColor rgb="FFEDEDED"/></patternFill></fill></fills>' +
  '<borders count="1"><border/></borders><cellStyleXfs count="1"><xf/></cellStyleXfs>' +
  `<cellXfs count="5"><xf/>${cellFormat(0, 0)}${cellFormat(1, 2)}${cellFormat(2, 0)}${cellFormat(2, 0, false)}</cellXfs>` +
  '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>';

function cellFormat(font: number, fill: number, wrapped = true): string {
  const applied = 'applyNumberFormat="1" applyFont="1" applyFill="1" applyAlignment="1"';
  const alignment = `<alignment vertical="top" wrapText="${Number(wrapped)}"/>`;
  return `<xf numFmtId="49" fontId="${font}" fillId="${fill}" borderId="0" xfId="0" ${applied}>${alignment}</xf>`;
}

async function* worksheet({ widths, frozenRows, rows, choices = [] }: WrittenSheet): AsyncGenerator<string> {
  yield `${declaration}<worksheet xmlns="${main}">${frozen(frozenRows)}<cols>${widths.map(column).join("")}</cols><sheetData>`;
  let row = 0;
  for await (const { cells, style } of rows) {
    row++;
    yield `<row r="${row}">${cells.map((text, at) => cell(text, `${columnLetters(at)}${row}`, styleIds[style])).join("")}</row>`;
  }
  yield `</sheetData>${validations(choices, frozenRows + 1)}</worksheet>`;
}

function frozen(rows: number): string {
  return (
    '<sheetViews><sheetView workbookViewId="0">' +
    `<pane ySplit="${rows}" topLeftCell="A${rows + 1}" activePane="bottomLeft" state="frozen"/></sheetView></sheetViews>`
  );
}

/** Columns are formatted as Text down to the last row, so that new rows are text, too. */
function column(width: number, at: number): string {
  return `<col min="${at + 1}" max="${at + 1}" width="${width}" style="${styleIds.value}" customWidth="1"/>`;
}

function cell(text: string, reference: string, style: number): string {
  if (text === "") return `<c r="${reference}" s="${style}"/>`;
  return `<c r="${reference}" s="${style}" t="inlineStr"><is><t xml:space="preserve">${escaped(text)}</t></is></c>`;
}

/** Excel takes lists of up to 255 characters; longer ones are left out. */
function validations(choices: NonNullable<WrittenSheet["choices"]>, firstRow: number): string {
  const short = choices.filter(
    ({ values }) => values.join(",").length <= 255 && !values.some((value) => /[,"]/.test(value)),
  );
  const one = ({ column, values }: (typeof short)[number]) =>
    `<dataValidation type="list" allowBlank="1" sqref="${columnLetters(column)}${firstRow}:${columnLetters(column)}1048576">` +
    `<formula1>"${escaped(values.join(","))}"</formula1></dataValidation>`;
  return short.length === 0
    ? ""
    : `<dataValidations count="${short.length}">${short.map(one).join("")}</dataValidations>`;
}

/** Longest text of a cell (Excel's specification). */
const maxCharacters = 32_767;
// eslint-disable-next-line no-control-regex -- XML 1.0 §2.2: these cannot be written, not even as references
const unwritable = /[\u0000-\u0008\u000B\u000C\u000D\u000E-\u001F\uFFFE\uFFFF]|_(?=x[0-9A-Fa-f]{4}_)/g;
const markup: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };

/** Text as XML, with what XML cannot hold in Excel's _xHHHH_ form (18.18.98, ST_Xstring). */
function escaped(text: string): string {
  return text
    .toWellFormed()
    .slice(0, maxCharacters)
    .replace(unwritable, (character) => `_x${character.charCodeAt(0).toString(16).toUpperCase().padStart(4, "0")}_`)
    .replace(/[&<>"]/g, (character) => markup[character]!);
}
