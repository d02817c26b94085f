import { ERRORS, type ErrorCode } from "../errors.ts";

/** A sentence in both languages of the service. */
export interface Bilingual {
  readonly zh: string;
  readonly en: string;
}

/** What is wrong with a value, before it is known in which column it stands: a code and what to do about it. */
export interface Fault {
  readonly code: ErrorCode;
  readonly hint: Bilingual;
}

/** What is wrong with one cell, or with the whole row when `column` is null, as the department is told. */
export interface Problem extends Bilingual {
  /** The heading as it stands in the department's own file, or the claim name when the record came as JSON. */
  readonly column: string | null;
  readonly code: ErrorCode;
  readonly hint: Bilingual;
}

export function fault(code: ErrorCode, zh: string, en: string): Fault {
  return { code, hint: { zh, en } };
}

export function problem(column: string | null, { code, hint }: Fault): Problem {
  return { column, code, zh: ERRORS[code].zh, en: ERRORS[code].en, hint };
}
