import { setImmediate as nextTurn } from "node:timers/promises";
import PDFDocument from "pdfkit";
import { create as qrCode } from "qrcode";
import type { Bilingual } from "../../records/problems.ts";
import type { Paper, PaperRecord } from "./paper.ts";
import { LABELS } from "./paper-words.ts";
import { BOLD, legible, namesCharacters, REGULAR } from "./typeface.ts";

type Pdf = InstanceType<typeof PDFDocument>;

const [LEFT, TOP, WIDTH, BOTTOM] = [56, 36, 483, 782];
const [INK, GREY, RED] = ["#1a1a1a", "#5f6368", "#a8071a"];
const COLUMNS = [62, 96, 132, 133, 60] as const;
const LABEL_WIDTH = 162;
const QR_SIZE = 108;
const HEADING_HEIGHT = 24;
const LINE_GAP = 1.5;
/** Lines of the table between two turns of the event loop. */
const LINES_AT_ONCE = 25;

/** Where the next thing is printed, and whether a character had to be named by its code. */
interface Sheet {
  readonly pdf: Pdf;
  y: number;
  named: boolean;
}

/** Prints a paper as PDF (A4). Nothing but the paper decides its bytes: no clock, no random number, no machine. */
export async function printPaper(paper: Paper): Promise<Buffer> {
  const date = new Date(paper.issuedAt * 1000);
  const info = { Title: `${paper.title.zh} ${paper.title.en}`, Creator: "Quanlian", CreationDate: date, ModDate: date };
  const pdf = new PDFDocument({ size: "A4", margin: 0, bufferPages: true, info, lang: "zh-CN" });
  const parts: Buffer[] = [];
  pdf.on("data", (part: Buffer) => parts.push(part));
  const ended = new Promise((resolve) => pdf.on("end", resolve));
  pdf.registerFont("regular", REGULAR).registerFont("bold", BOLD);
  const sheet: Sheet = { pdf, y: TOP, named: false };
  printHead(sheet, paper);
  printFacts(sheet, paper.facts);
  printSection(sheet, LABELS.proven, paper.statements, 11);
  await printRecords(sheet, paper.records);
  printSection(sheet, LABELS.limits, paper.limits, 9);
  printVerification(sheet, paper);
  if (sheet.named)
    write(
      sheet,
      "〔U+…〕：字库未收此字，以 Unicode 编码代替。 A character that this typeface lacks, by its code point.",
      { size: 8, colour: GREY },
    );
  printFeet(pdf, paper);
  pdf.end();
  await ended;
  return Buffer.concat(parts);
}

interface Style {
  readonly size?: number;
  readonly bold?: boolean;
  readonly colour?: string;
  readonly x?: number;
  readonly width?: number;
  readonly align?: "center" | "left" | "right";
}

function setStyle(pdf: Pdf, { size = 10, bold = false, colour = INK }: Style): void {
  pdf
    .font(bold ? "bold" : "regular")
    .fontSize(size)
    .fillColor(colour);
}

/** Prints a paragraph at the left edge, or where told, and moves down; begins a new page when it does not fit. */
function write(sheet: Sheet, text: string, style: Style = {}): void {
  const readable = read(sheet, text);
  const height = heightOf(sheet, readable, style);
  makeRoom(sheet, Math.min(height, BOTTOM - TOP));
  setStyle(sheet.pdf, style);
  const { x = LEFT, width = WIDTH, align = "left" } = style;
  sheet.pdf.text(readable, x, sheet.y, { width, align, lineGap: LINE_GAP });
  sheet.y += height;
}

/** What a paragraph takes, with the space below it. */
function heightOf({ pdf }: Sheet, readable: string, style: Style): number {
  setStyle(pdf, style);
  return pdf.heightOfString(readable, { width: style.width ?? WIDTH, lineGap: LINE_GAP }) + 3;
}

function read(sheet: Sheet, text: string): string {
  const readable = legible(text);
  sheet.named ||= readable !== text && namesCharacters(readable);
  return readable;
}

function makeRoom(sheet: Sheet, height: number): boolean {
  if (sheet.y + height <= BOTTOM) return false;
  sheet.pdf.addPage();
  sheet.y = TOP;
  return true;
}

function rule(sheet: Sheet, colour: string, weight: number): void {
  const { pdf, y } = sheet;
  pdf
    .moveTo(LEFT, y)
    .lineTo(LEFT + WIDTH, y)
    .lineWidth(weight)
    .strokeColor(colour)
    .stroke();
  sheet.y += 8;
}

function printHead(sheet: Sheet, { letterhead, title }: Paper): void {
  write(sheet, letterhead.zh, { size: 15, bold: true, colour: RED, align: "center" });
  write(sheet, letterhead.en, { size: 8, colour: RED, align: "center" });
  sheet.y += 2;
  rule(sheet, RED, 1.5);
  sheet.y += 4;
  write(sheet, title.zh, { size: 20, bold: true, align: "center" });
  write(sheet, title.en, { size: 10, colour: GREY, align: "center" });
  sheet.y += 6;
}

function printFacts(sheet: Sheet, facts: Paper["facts"]): void {
  const value = { size: 9, x: LEFT + LABEL_WIDTH, width: WIDTH - LABEL_WIDTH };
  const name = { size: 9, colour: GREY, width: LABEL_WIDTH - 6 };
  for (const { label, value: said } of facts) {
    const [left, right] = [`${label.zh} ${label.en}`, read(sheet, said)];
    const height = Math.max(heightOf(sheet, left, name), heightOf(sheet, right, value));
    makeRoom(sheet, height);
    const top = sheet.y;
    write(sheet, left, name);
    sheet.y = top;
    write(sheet, said, value);
    sheet.y = top + height;
  }
  sheet.y += 6;
}

function printSection(sheet: Sheet, heading: Bilingual, paragraphs: readonly Bilingual[], size: number): void {
  printHeading(sheet, heading);
  for (const { zh, en } of paragraphs) {
    write(sheet, zh, { size });
    write(sheet, en, { size: size - 2, colour: GREY });
  }
  sheet.y += 6;
}

function printHeading(sheet: Sheet, { zh, en }: Bilingual): void {
  makeRoom(sheet, 60);
  write(sheet, `${zh} ${en}`, { size: 10.5, bold: true, colour: RED });
}

async function printRecords(sheet: Sheet, records: readonly PaperRecord[]): Promise<void> {
  if (records.length === 0) return;
  printHeading(sheet, LABELS.records);
  printTableHead(sheet);
  for (const [i, record] of records.entries()) {
    printRecord(sheet, record);
    if (i % LINES_AT_ONCE === LINES_AT_ONCE - 1) await nextTurn();
  }
  sheet.y += 10;
}

function printTableHead(sheet: Sheet): void {
  const { day, type, number, department, state } = LABELS;
  printCells(
    sheet,
    [day, type, number, department, state].map(({ zh, en }) => `${zh} ${en}`),
    { size: 8, colour: GREY },
  );
}

function printRecord(sheet: Sheet, { day, type, number, department, state, fields }: PaperRecord): void {
  printCells(sheet, [day, both(type), number, department, both(state)], { size: 8.5 });
  for (const { label, value } of fields)
    write(sheet, `${label.zh}：${value}`, { size: 8.5, x: LEFT + COLUMNS[0], width: WIDTH - COLUMNS[0] });
}

function both({ zh, en }: Bilingual): string {
  return en === "" || en === zh ? zh : `${zh}\n${en}`;
}

/** One line of the table; on a new page the headings come first. */
function printCells(sheet: Sheet, cells: readonly string[], style: Style): void {
  const readable = cells.map((cell) =>
    cell
      .split("\n")
      .map((line) => read(sheet, line))
      .join("\n"),
  );
  setStyle(sheet.pdf, style);
  const heights = readable.map((cell, i) => sheet.pdf.heightOfString(cell, { width: COLUMNS[i]! - 6 }));
  const height = Math.min(Math.max(...heights), BOTTOM - TOP - 40);
  if (makeRoom(sheet, height + 8)) printTableHead(sheet);
  setStyle(sheet.pdf, style);
  let x = LEFT;
  for (const [i, cell] of readable.entries()) {
    sheet.pdf.text(cell, x, sheet.y, { width: COLUMNS[i]! - 6, height });
    x += COLUMNS[i]!;
  }
  sheet.y += height + 4;
  rule(sheet, "#d0d0d0", 0.5);
  sheet.y -= 4;
}

function printVerification(sheet: Sheet, { verification }: Paper): void {
  const column = { x: LEFT + QR_SIZE + 14, width: WIDTH - QR_SIZE - 14 };
  const lines: [text: string, style: Style][] = [
    [verification.address, { ...column, size: 8.5, bold: true }],
    ...verification.steps.flatMap(({ zh, en }, i): [string, Style][] => [
      [`${i + 1}. ${zh}`, { ...column, size: 8.5 }],
      [en, { ...column, size: 7, colour: GREY }],
    ]),
  ];
  const height = lines.reduce((sum, [text, style]) => sum + heightOf(sheet, text, style), 0);
  makeRoom(sheet, HEADING_HEIGHT + Math.max(height, QR_SIZE));
  printHeading(sheet, LABELS.verify);
  const top = sheet.y;
  printQr(sheet.pdf, verification.address, LEFT, top);
  for (const [text, style] of lines) write(sheet, text, style);
  sheet.y = Math.max(sheet.y, top + QR_SIZE);
}

/** Drawn as squares, with the four empty modules around it that readers need. */
function printQr(pdf: Pdf, text: string, left: number, top: number): void {
  const { modules } = qrCode(text, { errorCorrectionLevel: "M" });
  const side = QR_SIZE / (modules.size + 8);
  for (let row = 0; row < modules.size; row++)
    for (let column = 0; column < modules.size; column++)
      if (modules.get(row, column)) pdf.rect(left + (column + 4) * side, top + (row + 4) * side, side, side);
  pdf.fill("#000000");
}

function printFeet(pdf: Pdf, { verification, fingerprint }: Paper): void {
  const { count } = pdf.bufferedPageRange();
  for (let page = 0; page < count; page++) {
    pdf.switchToPage(page);
    setStyle(pdf, { size: 8, colour: GREY });
    const left = `${verification.code} · SHA-256 ${fingerprint.slice(0, 16)}…`;
    pdf.text(left, LEFT, 800, { width: WIDTH / 2 + 80, lineBreak: false });
    const right = `第 ${page + 1} 页，共 ${count} 页 · Page ${page + 1} of ${count}`;
    pdf.text(right, LEFT, 800, { width: WIDTH, align: "right", lineBreak: false });
  }
}
