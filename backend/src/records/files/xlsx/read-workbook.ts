import { FileError, quotedList } from "../file-error.ts";
import type { FileNote, RawRow } from "../file-row.ts";
import type { FileLimits } from "../limits.ts";
import { ScratchFile } from "../scratch-file.ts";
import type { Spool } from "../spool.ts";
import { Archive } from "./archive.ts";
import { columnLetters } from "./cell-reference.ts";
import { readDateStyles } from "./date-formats.ts";
import { readMergedRanges } from "./merged-ranges.ts";
import { withMergedCells } from "./merged-cells.ts";
import { readSharedStrings } from "./shared-strings.ts";
import { SheetReader, type CellContext } from "./sheet.ts";
import { openWorkbook, type Sheet } from "./workbook.ts";
import { XmlReader } from "./xml.ts";

/**
 * Reads the rows of a workbook's one visible sheet that holds anything. Everything that concerns the file as a whole is
 * found before the first row: a damaged part, a second sheet, a bomb.
 */
export async function* readWorkbook(
  spool: Spool,
  limits: FileLimits,
  directory: string,
  tell: (note: FileNote) => void,
): AsyncGenerator<RawRow> {
  const scratch = await ScratchFile.open(directory);
  try {
    const archive = await Archive.open(spool, limits);
    const maxGap = limits.lineBytes;
    const workbook = await openWorkbook(archive, maxGap);
    const sheet = await onlySheet(archive, workbook.sheets, maxGap, tell);
    const merged = await readMergedRanges(archive.read(sheet.part), limits.mergedRanges);
    const strings = await readSharedStrings(archive, workbook.sharedStrings, scratch, limits);
    const dateStyles = await readDateStyles(archive, workbook.styles, maxGap);
    const context = { strings, dateStyles, date1904: workbook.date1904 };
    yield* withMergedCells(readSheet(archive, sheet, context, maxGap, tell), merged);
  } finally {
    await scratch.close();
  }
}

async function* readSheet(
  archive: Archive,
  sheet: Sheet,
  context: CellContext,
  maxGap: number,
  tell: (note: FileNote) => void,
): AsyncGenerator<RawRow> {
  const reader = new SheetReader(context, maxGap);
  const xml = new XmlReader(sheet.part, reader, maxGap);
  for await (const chunk of archive.read(sheet.part)) {
    xml.write(chunk);
    yield* reader.takeRows();
  }
  xml.end();
  tellHidden(reader, tell);
}

async function onlySheet(
  archive: Archive,
  sheets: readonly Sheet[],
  maxGap: number,
  tell: (note: FileNote) => void,
): Promise<Sheet> {
  for (const { name } of sheets.filter(({ visible }) => !visible)) {
    const shown = quotedList([name]);
    tell({ code: "SHEET_HIDDEN", zh: `未读取隐藏的工作表${shown}`, en: `The hidden sheet ${shown} was not read` });
  }
  const filled: Sheet[] = [];
  for (const sheet of sheets.filter(({ visible }) => visible)) {
    if (await holdsAnything(archive, sheet, maxGap)) filled.push(sheet);
  }
  const [first, second] = filled;
  if (!first) throw new FileError("FILE_EMPTY", "没有可见的、有内容的工作表", "No visible sheet holds anything");
  if (second) throw sheetsAmbiguous(filled.map(({ name }) => name));
  return first;
}

/** Looks only as far as the first cell with a value. */
async function holdsAnything(archive: Archive, sheet: Sheet, maxGap: number): Promise<boolean> {
  const seen = { inValue: false, value: false };
  const isValue = (name: string) => name === "v" || name === "t";
  const xml = new XmlReader(
    sheet.part,
    {
      open: (name) => (seen.inValue ||= isValue(name)),
      close: (name) => (seen.inValue &&= !isValue(name)),
      text: (text) => (seen.value ||= seen.inValue && text.trim() !== ""),
    },
    maxGap,
  );
  for await (const chunk of archive.read(sheet.part)) {
    xml.write(chunk);
    if (seen.value) return true;
  }
  xml.end();
  return seen.value;
}

function sheetsAmbiguous(names: readonly string[]): FileError {
  const list = quotedList(names);
  return new FileError(
    "SHEETS_AMBIGUOUS",
    `${list}都有内容。请只保留一张，其余的分别上传`,
    `${list} all hold data. Keep one of them and upload the others separately`,
  );
}

function tellHidden({ hiddenRows, hiddenColumns }: SheetReader, tell: (note: FileNote) => void): void {
  if (hiddenRows > 0) {
    tell({ code: "ROWS_HIDDEN", zh: `${hiddenRows}个隐藏行也已读取`, en: `${hiddenRows} hidden rows were read, too` });
  }
  for (const { from, to } of hiddenColumns) {
    const range = from === to ? columnLetters(from) : `${columnLetters(from)}–${columnLetters(to)}`;
    tell({ code: "COLUMNS_HIDDEN", zh: `隐藏列${range}也已读取`, en: `The hidden columns ${range} were read, too` });
  }
}
