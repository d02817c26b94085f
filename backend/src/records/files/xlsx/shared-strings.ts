import type { FileHandle } from "node:fs/promises";
import type { Archive } from "./archive.ts";
import { RichText } from "./rich-text.ts";
import { StringTable } from "./string-table.ts";
import { readXml } from "./xml.ts";

/** Reads the table of shared strings into a file of its own; a workbook of inline strings has none. */
export async function readSharedStrings(
  archive: Archive,
  part: string | null,
  scratch: FileHandle,
  maxGap: number,
): Promise<StringTable> {
  const table = new StringTable(scratch);
  if (part === null || !archive.has(part)) return table;
  const item = new RichText();
  const handler = {
    open: (name: string) => item.open(name),
    text: (text: string) => item.write(text),
    close: (name: string) => {
      item.close(name);
      if (name === "si") table.add(item.take());
    },
  };
  await readXml(part, archive.read(part), handler, maxGap);
  return table;
}
