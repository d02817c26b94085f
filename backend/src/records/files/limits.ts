/**
 * What one file may cost before it is refused. A reader's memory depends on these and on
 * constants of the code, never on the size of the file.
 */
export interface FileLimits {
  /** Bytes as uploaded, compressed or not. */
  readonly uploadBytes: number;
  /** Bytes after decompression: of a gzip's content, or of one part of a workbook. */
  readonly contentBytes: number;
  /** How many times larger than its compressed form content may be; looked at once it exceeds `ratioFreeBytes`. */
  readonly ratio: number;
  readonly ratioFreeBytes: number;
  /** Bytes of a part that is kept in memory: lists of sheets, styles. */
  readonly smallPartBytes: number;
  /** Shared strings of a workbook; four bytes each are kept in memory. */
  readonly sharedStrings: number;
  /** Parts of a workbook; a real one has some dozens. */
  readonly zipEntries: number;
  /** Bytes of one line of text; of a sheet, characters of one row and bytes between two tags. */
  readonly lineBytes: number;
  /** Data rows. */
  readonly rows: number;
  /** Columns of a table, and members of a JSON line. */
  readonly columns: number;
  /** Rows that may stand above the headings (titles, notes on how to fill in the table). */
  readonly rowsAboveHeadings: number;
  /** Merged ranges of a sheet. */
  readonly mergedRanges: number;
  /** Nesting of one JSON line. */
  readonly jsonDepth: number;
}

export const defaultLimits: FileLimits = {
  uploadBytes: 4 * 1024 ** 3 - 1,
  contentBytes: 4 * 1024 ** 3 - 1,
  ratio: 200,
  ratioFreeBytes: 16 * 1024 ** 2,
  smallPartBytes: 32 * 1024 ** 2,
  sharedStrings: 20_000_000,
  zipEntries: 1_000,
  lineBytes: 1024 ** 2,
  rows: 2_000_000,
  columns: 1_000,
  rowsAboveHeadings: 20,
  mergedRanges: 100_000,
  jsonDepth: 8,
};
