import type { Archive } from "./archive.ts";
import { readXml, type Attributes } from "./xml.ts";

/**
 * Built-in number formats that show a date or a time: ECMA-376 part 1, 18.8.30, with the East Asian ones, which Chinese
 * Excel and WPS write without spelling them out.
 */
const builtIn: readonly (readonly [from: number, to: number])[] = [
  [14, 22],
  [27, 36],
  [45, 47],
  [50, 58],
];

/** Which cell styles (the `s` of a cell) show their number as a date or a time. */
export type DateStyles = ReadonlySet<number>;

export async function readDateStyles(archive: Archive, part: string | null, maxGap: number): Promise<DateStyles> {
  const styles = new Set<number>();
  if (part === null) return styles;
  const custom = new Map<number, boolean>();
  let inCellFormats = false;
  let count = 0;
  const open = (name: string, attributes: Attributes) => {
    if (name === "numFmt") custom.set(Number(attributes.numFmtId), isDateFormat(attributes.formatCode ?? ""));
    else if (name === "cellXfs") inCellFormats = true;
    else if (name === "xf" && inCellFormats) {
      const id = Number(attributes.numFmtId ?? 0);
      if (custom.get(id) ?? isBuiltIn(id)) styles.add(count);
      count++;
    }
  };
  const close = (name: string) => {
    if (name === "cellXfs") inCellFormats = false;
  };
  await readXml(part, archive.readSmall(part), { open, close, text: () => undefined }, maxGap);
  return styles;
}

function isBuiltIn(id: number): boolean {
  return builtIn.some(([from, to]) => id >= from && id <= to);
}

/** Whether a format code, without its literals, colours and conditions, still holds a part of a date or a time. */
export function isDateFormat(code: string): boolean {
  const bare = code
    .replace(/\\.|_.|\*.|"[^"]*"/gs, "")
    .replace(/\[(?!h+\]|m+\]|s+\])[^\]]*\]/gi, "")
    .replace(/General/gi, "");
  return /[ymdhs]|上午|下午/i.test(bare);
}
