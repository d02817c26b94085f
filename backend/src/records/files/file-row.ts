import type { Bilingual, Fault, Problem } from "../problems.ts";
import type { Json } from "../types/record-type.ts";

/**
 * One row of a file that may become a record. `row` is the row as a spreadsheet shows it (of a text file: the record's
 * ordinal, blank lines included; of NDJSON: the line). `cells` holds what stands in the row by the heading as the
 * file writes it, without empty cells: texts from tables, JSON values from NDJSON.
 */
export interface FileRow {
  readonly row: number;
  /** The record type; null where a line does not say it in a way that can be read. */
  readonly type: string | null;
  readonly cells: Readonly<Record<string, Json>>;
  /** What is wrong with the row before anybody looks at its values; such a row is not to be taken in. */
  readonly problems: readonly Problem[];
}

/** What a reader met and passed over, so that nothing is left out in silence. */
export interface FileNote extends Bilingual {
  readonly code:
    | "ROWS_ABOVE_HEADINGS"
    | "HEADING_ROW_REPEATED"
    | "FOOTER_SKIPPED"
    | "COLUMN_IGNORED"
    | "SHEET_HIDDEN"
    | "ROWS_HIDDEN"
    | "COLUMNS_HIDDEN"
    | "NAME_DIFFERS";
}

/** A row of a table before its headings are known. */
export interface RawRow {
  readonly row: number;
  /** By column, from 0; holes and empty strings are empty cells. */
  readonly cells: readonly (string | undefined)[];
  readonly faults: readonly CellFault[];
}

/** What is wrong with a cell, or with the row when `column` is null. */
export interface CellFault {
  readonly column: number | null;
  readonly fault: Fault;
}
