import iconv from "iconv-lite";
import { columnLetters } from "../../backend/src/records/files/xlsx/cell-reference.ts";
import { workbookBytes } from "../../backend/src/records/files/xlsx/write-workbook.ts";
import { zipBytes } from "../../backend/src/records/files/xlsx/zip-writer.ts";
import { recordTypes } from "../../backend/src/records/types/record-types.ts";

// Licences by the hundred thousand, written as they are needed, for measurements. The values mean nothing.

const type = recordTypes.get("approval.licence/1")!;
const headings = type.fields.map(({ heading }) => heading);
/** Columns that differ in every row; the others repeat. */
const varying = 10;

function licence(row: number): string[] {
  return type.fields.map(({ format, heading }, at) =>
    at < varying ? `${heading}${row}，此处为虚构的内容，只为占去与真实文本相当的长度，没有任何含义` : format.example,
  );
}

function* table(rows: number): Generator<string[]> {
  yield headings;
  for (let row = 1; row <= rows; row++) yield licence(row);
}

export function* csv(rows: number): Generator<string> {
  for (const cells of table(rows))
    yield `${cells.map((cell) => (cell.includes(",") ? `"${cell}"` : cell)).join(",")}\r\n`;
}

export function* gb18030(lines: Iterable<string>): Generator<Buffer> {
  for (const line of lines) yield iconv.encode(line, "gb18030");
}

export function* ndjson(rows: number): Generator<string> {
  for (let row = 1; row <= rows; row++) {
    const cells = licence(row);
    yield `${JSON.stringify({ type: type.type, fields: Object.fromEntries(headings.map((name, at) => [name, cells[at]])) })}\n`;
  }
}

/** A workbook as Excel writes it: all texts in one table of shared strings, numbered in the order of their first use. */
export function sharedStringsWorkbook(rows: number): AsyncGenerator<Buffer> {
  const repeated = headings.length + headings.length - varying;
  const index = (row: number, at: number) => {
    if (row === 0) return at;
    return at < varying ? repeated + (row - 1) * varying + at : headings.length + at - varying;
  };
  function* sheet(): Generator<string> {
    yield "<worksheet><sheetData>";
    for (let row = 0; row <= rows; row++) {
      const cells = headings.map(
        (_, at) => `<c r="${columnLetters(at)}${row + 1}" s="1" t="s"><v>${index(row, at)}</v></c>`,
      );
      yield `<row r="${row + 1}" spans="1:${headings.length}">${cells.join("")}</row>`;
    }
    yield "</sheetData></worksheet>";
  }
  function* strings(): Generator<string> {
    yield "<sst>";
    for (const text of [...headings, ...licence(1).slice(varying)]) yield `<si><t>${text}</t></si>`;
    for (let row = 1; row <= rows; row++)
      for (const text of licence(row).slice(0, varying)) yield `<si><t>${text}</t></si>`;
    yield "</sst>";
  }
  const relationship = (id: number, kind: string, target: string) =>
    `<Relationship Id="r${id}" Type="x/${kind}" Target="${target}"/>`;
  return zipBytes([
    {
      name: "_rels/.rels",
      content: [`<Relationships>${relationship(1, "officeDocument", "xl/workbook.xml")}</Relationships>`],
    },
    {
      name: "xl/workbook.xml",
      content: ['<workbook xmlns:r="r"><sheets><sheet name="一" r:id="r1"/></sheets></workbook>'],
    },
    {
      name: "xl/_rels/workbook.xml.rels",
      content: [
        `<Relationships>${relationship(1, "worksheet", "sheet1.xml")}${relationship(2, "sharedStrings", "strings.xml")}</Relationships>`,
      ],
    },
    { name: "xl/sheet1.xml", content: sheet() },
    { name: "xl/strings.xml", content: strings() },
  ]);
}

export function inlineStringsWorkbook(rows: number): AsyncGenerator<Buffer> {
  return workbookBytes({ name: "一", widths: [], frozenRows: 1, rows: written(rows) });
}

function* written(rows: number): Generator<{ cells: string[]; style: "value" }> {
  for (const cells of table(rows)) yield { cells, style: "value" };
}
