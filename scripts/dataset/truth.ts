/** Where something was planted: `row` counts from 1 with the headings (of NDJSON: the line). */
export interface Place {
  readonly file: string;
  readonly row: number;
}

/** What a dataset holds and what was planted in it, so that whoever reads it can be checked against it. */
export interface Truth {
  readonly seed: string;
  readonly enterprises: number;
  readonly period: { readonly from: string; readonly until: string };
  readonly files: readonly {
    readonly file: string;
    readonly type: string;
    readonly department: string;
    readonly rows: number;
  }[];
  /** What becomes of the rows when the files are imported in the order given. */
  readonly expected: {
    readonly rows: number;
    readonly accepted: number;
    readonly duplicates: number;
    readonly conflicts: number;
    readonly rejected: number;
  };
  /** Rows that must be refused, with the column (by its name in the file) and the code of what is wrong. */
  readonly rejected: readonly (Place & { readonly column: string; readonly code: string })[];
  /** Rows that say again what an earlier row of the same file said. */
  readonly duplicates: readonly (Place & { readonly firstRow: number; readonly number: string })[];
  /** Rows that give a document number of an earlier row to different content. */
  readonly conflicts: readonly (Place & {
    readonly firstRow: number;
    readonly number: string;
    readonly department: string;
    readonly field: string;
  })[];
  /** Accepted records that cite a number which no record carries. */
  readonly brokenLinks: readonly (Place & { readonly rel: string; readonly from: string; readonly number: string })[];
  /** Accepted records whose dates break a time limit, or lie on a day off. */
  readonly late: readonly (Place & {
    readonly number: string;
    readonly what: "CASE_OVERDUE" | "REPORTED_LATE" | "DECIDED_ON_DAY_OFF";
    readonly due: string | null;
    readonly actual: string;
  })[];
  /** The subject with all five kinds, in order of time. */
  readonly chain: {
    readonly uscc: string;
    readonly name: string;
    readonly records: readonly { readonly type: string; readonly department: string; readonly number: string }[];
  };
}
