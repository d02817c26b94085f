import { storedZip, type StoredPart } from "./stored-zip.ts";

const main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
const office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";

export interface RawSheet {
  readonly name: string;
  readonly state?: "hidden" | "veryHidden";
  /** What stands between <worksheet> and </worksheet>, or the whole part when it begins with <?xml. */
  readonly xml: string;
}

export interface RawWorkbook {
  readonly sheets: readonly RawSheet[];
  /** Contents of <sst>. */
  readonly sharedStrings?: string;
  /** Contents of <styleSheet>. */
  readonly styles?: string;
  readonly date1904?: boolean;
  /** Changes to the finished parts. */
  readonly change?: (parts: StoredPart[]) => StoredPart[];
}

/** A workbook whose XML the test writes itself. */
export function rawWorkbook({
  sheets,
  sharedStrings,
  styles,
  date1904,
  change = (parts) => parts,
}: RawWorkbook): Buffer {
  const extra = [
    ...(sharedStrings === undefined
      ? []
      : [{ type: "sharedStrings", xml: `<sst xmlns="${main}">${sharedStrings}</sst>` }]),
    ...(styles === undefined ? [] : [{ type: "styles", xml: `<styleSheet xmlns="${main}">${styles}</styleSheet>` }]),
  ];
  const list = sheets.map(
    ({ name, state = "visible" }, at) =>
      `<sheet name="${name}" sheetId="${at + 1}" state="${state}" r:id="rId${at + 1}"/>`,
  );
  return storedZip(
    change([
      part("[Content_Types].xml", '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>'),
      part("_rels/.rels", relationships([["officeDocument", "xl/workbook.xml"]])),
      part(
        "xl/workbook.xml",
        `<workbook xmlns="${main}" xmlns:r="${office}"><workbookPr date1904="${date1904 ? 1 : 0}"/><sheets>${list.join("")}</sheets></workbook>`,
      ),
      part(
        "xl/_rels/workbook.xml.rels",
        relationships([
          ...sheets.map((_, at): [string, string] => ["worksheet", `worksheets/sheet${at + 1}.xml`]),
          ...extra.map(({ type }): [string, string] => [type, `${type}.xml`]),
        ]),
      ),
      ...extra.map(({ type, xml }) => part(`xl/${type}.xml`, xml)),
      ...sheets.map(({ xml }, at) => part(`xl/worksheets/sheet${at + 1}.xml`, worksheet(xml))),
    ]),
  );
}

function worksheet(xml: string): string {
  return xml.startsWith("<?xml") ? xml : `<worksheet xmlns="${main}">${xml}</worksheet>`;
}

function part(name: string, xml: string): StoredPart {
  return { name, data: xml.startsWith("<?xml") ? xml : `<?xml version="1.0" encoding="UTF-8"?>\n${xml}` };
}

function relationships(pairs: readonly (readonly [type: string, target: string])[]): string {
  const one = ([type, target]: readonly [string, string], at: number) =>
    `<Relationship Id="rId${at + 1}" Type="${office}/${type}" Target="${target}"/>`;
  return `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">${pairs.map(one).join("")}</Relationships>`;
}

export function escapeXml(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

/** A table as sheetData with inline strings; `cell` may write a cell differently. */
export function sheetData(
  rows: readonly (readonly string[])[],
  cell: (text: string, reference: string) => string = inlineCell,
  firstRow = 1,
): string {
  const written = rows.map((cells, at) => {
    const row = at + firstRow;
    return `<row r="${row}">${cells.map((text, column) => (text === "" ? "" : cell(text, `${letters(column)}${row}`))).join("")}</row>`;
  });
  return `<sheetData>${written.join("")}</sheetData>`;
}

export function inlineCell(text: string, reference: string): string {
  return `<c r="${reference}" t="inlineStr"><is><t>${escapeXml(text)}</t></is></c>`;
}

export function letters(column: number): string {
  return column < 26 ? String.fromCharCode(65 + column) : letters(Math.floor(column / 26) - 1) + letters(column % 26);
}
