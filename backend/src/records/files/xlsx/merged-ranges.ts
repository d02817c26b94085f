import { tooLarge } from "../file-error.ts";
import { columnOf } from "./cell-reference.ts";

/** A merged range: rows from 1, columns from 0, both ends included. */
export interface MergedRange {
  readonly top: number;
  readonly bottom: number;
  readonly left: number;
  readonly right: number;
}

const seamBytes = 256;
const mergeCell = /<(?:\w+:)?mergeCell\s[^>]*?\bref\s*=\s*["']([A-Z]+)(\d+):([A-Z]+)(\d+)["'][^>]*>/g;

/**
 * Finds the merged ranges, in the order of their first row. A worksheet lists them after its rows, so this is a pass
 * of its own over the part, which at the same time proves that the part is undamaged before any row of it is used. It
 * looks at bytes only; the rows are not parsed.
 */
export async function readMergedRanges(chunks: AsyncIterable<Buffer>, limit: number): Promise<MergedRange[]> {
  const ranges: MergedRange[] = [];
  let inTail = false;
  let seam: Buffer = Buffer.alloc(0);
  for await (const chunk of chunks) {
    const window = Buffer.concat([seam, chunk]);
    const end: number = inTail ? 0 : endOfRows(window);
    inTail = end >= 0;
    if (inTail) seam = collect(window.subarray(end), ranges, limit);
    else seam = window.subarray(-seamBytes);
  }
  return ranges.sort((a, b) => a.top - b.top);
}

/** Where the closing tag of sheetData stands, whatever its prefix, or -1. */
function endOfRows(window: Buffer): number {
  for (let at = window.indexOf("sheetData>"); at >= 0; at = window.indexOf("sheetData>", at + 1)) {
    if (window[window.lastIndexOf("<", at) + 1] === "/".charCodeAt(0)) return at;
  }
  return -1;
}

/** Adds the ranges of this piece; what follows the last one is looked at again with the next piece. */
function collect(piece: Buffer, ranges: MergedRange[], limit: number): Buffer {
  const text = piece.toString("latin1");
  let done = 0;
  for (const { 0: tag, 1: left, 2: top, 3: right, 4: bottom, index } of text.matchAll(mergeCell)) {
    ranges.push({ left: columnOf(left!), top: Number(top), right: columnOf(right!), bottom: Number(bottom) });
    if (ranges.length > limit) throw tooLarge("合并单元格过多", "The sheet has too many merged cells");
    done = index + tag.length;
  }
  return piece.subarray(Math.max(done, piece.length - seamBytes));
}
