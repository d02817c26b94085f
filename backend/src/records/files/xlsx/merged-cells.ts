import { fault, type Fault } from "../../problems.ts";
import type { CellFault, RawRow } from "../file-row.ts";
import { columnLetters } from "./cell-reference.ts";
import type { MergedRange } from "./merged-ranges.ts";

/** Columns of one range that are looked at; tables are narrower, merged titles may span the whole sheet. */
const maxColumns = 256;

/**
 * Adds a fault to each cell that lies in a merged range: only the first cell of a range has a value, so what the others
 * should say would be a guess. Both rows and ranges come in ascending order.
 */
export async function* withMergedCells(
  rows: AsyncIterable<RawRow>,
  ranges: readonly MergedRange[],
): AsyncGenerator<RawRow> {
  let next = 0;
  let open: MergedRange[] = [];
  for await (const row of rows) {
    while (next < ranges.length && ranges[next]!.top <= row.row) open.push(ranges[next++]!);
    if (open.length > 0) open = open.filter(({ bottom }) => bottom >= row.row);
    yield open.length === 0 ? row : { ...row, faults: [...row.faults, ...open.flatMap(faultsOf)] };
  }
}

function faultsOf(range: MergedRange): CellFault[] {
  const width = Math.min(range.right - range.left + 1, maxColumns);
  return Array.from({ length: Math.max(width, 0) }, (_, at) => ({ column: range.left + at, fault: merged(range) }));
}

function merged({ left, top, right, bottom }: MergedRange): Fault {
  const range = `${columnLetters(left)}${top}:${columnLetters(right)}${bottom}`;
  return fault("CELL_MERGED", `请取消合并${range}，逐格填写`, `Unmerge ${range} and fill in each cell`);
}
