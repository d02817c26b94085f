import { posix } from "node:path";
import { clipped, damaged, FileError } from "../file-error.ts";
import { oldExcel } from "../recognise.ts";
import type { Archive } from "./archive.ts";
import { attribute, readXml, type Attributes } from "./xml.ts";

export interface Sheet {
  readonly name: string;
  readonly visible: boolean;
  readonly part: string;
}

/** Where a workbook keeps what is read of it. */
export interface Workbook {
  /** Worksheets in their order; charts and dialogs are left out. */
  readonly sheets: readonly Sheet[];
  /** Whether serials count from 1904 (workbooks that began on a Mac). */
  readonly date1904: boolean;
  readonly sharedStrings: string | null;
  readonly styles: string | null;
}

interface Relationship {
  readonly id: string;
  /** Last segment of the type's URI, which is the same in the transitional and the strict form. */
  readonly type: string;
  readonly target: string;
}

/** Finds the sheets by the relationships, as ECMA-376 part 2 prescribes; file names mean nothing. */
export async function openWorkbook(archive: Archive, maxGap: number): Promise<Workbook> {
  const part = await workbookPart(archive, maxGap);
  const related = await relationships(archive, part, maxGap);
  const { sheets, date1904 } = await readSheets(archive, part, maxGap);
  const target = (type: string) => related.find((relationship) => relationship.type === type)?.target ?? null;
  return {
    sheets: sheets.flatMap(({ id, ...sheet }) => {
      const found = related.find((relationship) => relationship.id === id);
      if (!found) throw sheetNotFound(sheet.name);
      return found.type === "worksheet" ? [{ ...sheet, part: found.target }] : [];
    }),
    date1904,
    sharedStrings: target("sharedStrings"),
    styles: target("styles"),
  };
}

function sheetNotFound(name: string): FileError {
  return damaged(`找不到工作表“${clipped(name)}”`, `The sheet “${clipped(name)}” cannot be found`);
}

async function workbookPart(archive: Archive, maxGap: number): Promise<string> {
  const roots = archive.has("_rels/.rels") ? await relationships(archive, "", maxGap) : [];
  const part = roots.find(({ type }) => type === "officeDocument")?.target ?? "xl/workbook.xml";
  if (part.toLowerCase().endsWith(".bin")) throw oldExcel();
  if (!archive.has(part) || archive.hasFolder("word") || archive.hasFolder("ppt")) throw notAWorkbook();
  return part;
}

function notAWorkbook(): FileError {
  return new FileError(
    "FILE_NOT_A_TABLE",
    "压缩包中没有 Excel 工作簿。请解压后逐个上传 .xlsx、.csv 或 .ndjson",
    "The archive holds no Excel workbook. Unpack it and upload each .xlsx, .csv or .ndjson",
  );
}

async function relationships(archive: Archive, part: string, maxGap: number): Promise<Relationship[]> {
  const folder = part.slice(0, part.lastIndexOf("/") + 1);
  const file = `${folder}_rels/${part.slice(folder.length)}.rels`;
  const found: Relationship[] = [];
  const open = (name: string, { Id = "", Type = "", Target = "" }: Attributes) => {
    if (name !== "Relationship") return;
    found.push({ id: Id, type: Type.slice(Type.lastIndexOf("/") + 1), target: resolve(folder, Target) });
  };
  await readXml(file, archive.readSmall(file), { open, close: ignore, text: ignore }, maxGap);
  return found;
}

const ignore = () => undefined;

/** A target is relative to its source's folder, or absolute (`/xl/worksheets/sheet1.xml`), as old Excel and WPS write it. */
function resolve(folder: string, target: string): string {
  return target.startsWith("/") ? target.slice(1) : posix.join(folder, target.replaceAll("\\", "/"));
}

interface SheetEntry {
  readonly id: string;
  readonly name: string;
  readonly visible: boolean;
}

async function readSheets(
  archive: Archive,
  part: string,
  maxGap: number,
): Promise<{ sheets: SheetEntry[]; date1904: boolean }> {
  const sheets: SheetEntry[] = [];
  let date1904 = false;
  const open = (name: string, attributes: Attributes) => {
    if (name === "workbookPr") date1904 = /^(1|true|on)$/.test(attributes.date1904 ?? "");
    if (name !== "sheet") return;
    const state = attributes.state ?? "visible";
    sheets.push({ id: attribute(attributes, "id") ?? "", name: attributes.name ?? "", visible: state === "visible" });
  };
  await readXml(part, archive.readSmall(part), { open, close: ignore, text: ignore }, maxGap);
  return { sheets, date1904 };
}
