import { tooLarge } from "../file-error.ts";
import type { FileLimits } from "../limits.ts";
import type { ScratchFile } from "../scratch-file.ts";
import type { Archive } from "./archive.ts";
import { RichText } from "./rich-text.ts";
import { StringTable } from "./string-table.ts";
import { readXml } from "./xml.ts";

/** Reads the table of shared strings into a file of its own; a workbook of inline strings has none. */
export async function readSharedStrings(
  archive: Archive,
  part: string | null,
  scratch: ScratchFile,
  limits: FileLimits,
): Promise<StringTable> {
  const table = new StringTable(scratch);
  if (part === null || !archive.has(part)) return table;
  const item = new RichText();
  const handler = {
    open: (name: string) => item.open(name),
    text: (text: string) => item.write(text),
    close: (name: string) => {
      item.close(name);
      if (name !== "si") return;
      if (table.count === limits.sharedStrings) throw tooLarge("文字过多", "The workbook holds too many texts");
      table.add(item.take());
    },
  };
  await readXml(part, archive.read(part), handler, limits.lineBytes);
  return table;
}
