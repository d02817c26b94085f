import { once } from "node:events";
import { createWriteStream, type WriteStream } from "node:fs";
import iconv from "iconv-lite";
import { dayNumber } from "../../backend/src/records/fields/dates.ts";
import { ZipFile } from "./zip.ts";

/** A cell as text, or a day that a workbook holds as a date. */
export type Cell = string | { readonly day: string };

/** A file that grows row by row and is never held in memory. */
export interface RowFile {
  /** Adds a row; the first is the headings. */
  readonly write: (row: readonly Cell[]) => Promise<void>;
  readonly close: () => Promise<void>;
}

const pieceLength = 65_536;

/** Collects short texts into pieces: encoding and system calls cost more than joining strings. */
function inPieces(put: (piece: string) => Promise<void>): {
  readonly add: (text: string) => Promise<void>;
  readonly flush: () => Promise<void>;
} {
  let piece = "";
  const flush = async () => {
    const full = piece;
    piece = "";
    if (full !== "") await put(full);
  };
  const add = async (text: string) => {
    piece += text;
    if (piece.length >= pieceLength) await flush();
  };
  return { add, flush };
}

/** Comma-separated, CRLF, GB18030: as Excel in Chinese saves it. */
export function csvFile(path: string): RowFile {
  const out = createWriteStream(path);
  const { add, flush } = inPieces((piece) => put(out, iconv.encode(piece, "gb18030")));
  return { write: (row) => add(`${row.map(csvCell).join(",")}\r\n`), close: () => flush().then(() => end(out)) };
}

function csvCell(cell: Cell): string {
  const text = typeof cell === "string" ? cell : cell.day.replaceAll("-", "/");
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** One JSON object a line, UTF-8: the first row names the members, empty cells are left out. */
export function ndjsonFile(path: string, type: string): RowFile {
  const out = createWriteStream(path);
  const { add, flush } = inPieces((piece) => put(out, Buffer.from(piece)));
  let names: readonly string[] | undefined;
  const write = async (row: readonly Cell[]) => {
    if (names === undefined) names = row.map(textOf);
    else await add(`${JSON.stringify({ type, ...members(names, row) })}\n`);
  };
  return { write, close: () => flush().then(() => end(out)) };
}

function members(names: readonly string[], row: readonly Cell[]): Record<string, string> {
  const filled = names.map((name, index) => [name, textOf(row[index]!)] as const).filter(([, text]) => text !== "");
  return Object.fromEntries(filled);
}

function textOf(cell: Cell): string {
  return typeof cell === "string" ? cell : cell.day;
}

async function put(out: WriteStream, bytes: Buffer): Promise<void> {
  if (!out.write(bytes)) await once(out, "drain");
}

async function end(out: WriteStream): Promise<void> {
  out.end();
  await once(out, "close");
}

const xml = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n';
const main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
const relationships = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
const packages = "http://schemas.openxmlformats.org/package/2006";
const sheetPart = "xl/worksheets/sheet1.xml";

/** A workbook with one sheet (ECMA-376 SpreadsheetML): texts inline, days as date serials. */
export async function xlsxFile(path: string, sheetName: string): Promise<RowFile> {
  const zip = new ZipFile(path);
  for (const [name, content] of workbookParts(sheetName)) await zip.add(name, xml + content);
  await zip.open(sheetPart);
  const { add, flush } = inPieces((piece) => zip.write(piece));
  await add(`${xml}<worksheet xmlns="${main}"><sheetData>`);
  let number = 0;
  const close = async () => {
    await add("</sheetData></worksheet>");
    await flush();
    await zip.close();
  };
  return { write: (row) => add(rowXml(row, ++number)), close };
}

function workbookParts(sheetName: string): readonly (readonly [name: string, content: string])[] {
  const sheet = `<sheets><sheet name="${escaped(sheetName)}" sheetId="1" r:id="rId1"/></sheets>`;
  const workbook = `<workbook xmlns="${main}" xmlns:r="${relationships}">${sheet}</workbook>`;
  const targets = [
    ["worksheet", "worksheets/sheet1.xml"],
    ["styles", "styles.xml"],
  ] as const;
  return [
    ["[Content_Types].xml", contentTypes()],
    ["_rels/.rels", relations([["officeDocument", "xl/workbook.xml"]])],
    ["xl/workbook.xml", workbook],
    ["xl/_rels/workbook.xml.rels", relations(targets)],
    ["xl/styles.xml", styles()],
  ];
}

function contentTypes(): string {
  const parts = [
    ["xl/workbook.xml", "sheet.main"],
    [sheetPart, "worksheet"],
    ["xl/styles.xml", "styles"],
  ] as const;
  const type = "application/vnd.openxmlformats-officedocument.spreadsheetml";
  const overrides = parts.map(([name, kind]) => `<Override PartName="/${name}" ContentType="${type}.${kind}+xml"/>`);
  const rels = '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>';
  const other = '<Default Extension="xml" ContentType="application/xml"/>';
  return `<Types xmlns="${packages}/content-types">${rels}${other}${overrides.join("")}</Types>`;
}

function relations(targets: readonly (readonly [type: string, target: string])[]): string {
  const links = targets.map(
    ([type, target], index) =>
      `<Relationship Id="rId${index + 1}" Type="${relationships}/${type}" Target="${target}"/>`,
  );
  return `<Relationships xmlns="${packages}/relationships">${links.join("")}</Relationships>`;
}

/** Cell style 1 is a day: number format 14, which Excel shows in the reader's own way. */
function styles(): string {
  const format = (number: number) => `<xf numFmtId="${number}" fontId="0" fillId="0" borderId="0" xfId="0"/>`;
  return [
    `<styleSheet xmlns="${main}"><fonts count="1"><font><sz val="11"/><name val="宋体"/></font></fonts>`,
    '<fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill></fills>',
    '<borders count="1"><border/></borders>',
    '<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>',
    `<cellXfs count="2">${format(0)}${format(14)}</cellXfs></styleSheet>`,
  ].join("");
}

function rowXml(row: readonly Cell[], number: number): string {
  return `<row r="${number}">${row.map((cell, column) => cellXml(cell, `${columnLetters(column)}${number}`)).join("")}</row>`;
}

function cellXml(cell: Cell, reference: string): string {
  if (cell === "") return "";
  if (typeof cell !== "string") return `<c r="${reference}" s="1"><v>${dayNumber(cell.day) + 25_569}</v></c>`;
  return `<c r="${reference}" t="inlineStr"><is><t xml:space="preserve">${escaped(cell)}</t></is></c>`;
}

function columnLetters(column: number): string {
  const last = String.fromCharCode(65 + (column % 26));
  return column < 26 ? last : columnLetters(Math.floor(column / 26) - 1) + last;
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
}
