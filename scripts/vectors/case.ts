import type { Code } from "@quanlian/proof";

export interface VectorCase {
  readonly id: string;
  readonly note: string;
  readonly op: string;
  readonly input: Record<string, unknown>;
  readonly expected: Record<string, unknown>;
}

export interface VectorFile {
  readonly about: string;
  readonly defaults: Record<string, unknown>;
  readonly cases: readonly VectorCase[];
}

/** What `verify` must answer: the verdict follows from the code, the field is given where the form makes it normative. */
export function deciding(code: Code, step: string | null, field?: string): Record<string, unknown> {
  const verdict = code === "OK" ? "valid" : UNDECIDED.has(code) ? "undecided" : "invalid";
  return { verdict, step, code, ...(field !== undefined && { field }) };
}

export const VALID = deciding("OK", null);

const UNDECIDED: ReadonlySet<Code> = new Set([
  "CHAIN_NOT_CONSULTED",
  "CHAIN_NOT_TRUSTED",
  "CHAIN_UNREACHABLE",
  "WRONG_CHAIN",
  "STATE_UNAVAILABLE",
  "NOT_FINAL",
  "VALIDATORS_UNKNOWN",
  "SUITE_UNAVAILABLE",
  "VERSION_UNKNOWN",
  "NOT_CHECKED",
]);

/** A deep copy that may be changed. */
export function copy<T>(value: T): Mutable<T> {
  return structuredClone(value) as Mutable<T>;
}

export type Mutable<T> = T extends object ? { -readonly [K in keyof T]: Mutable<T[K]> } : T;

/** The hex with its last digit changed. */
export function otherHex<T extends string>(hex: T): T {
  return `${hex.slice(0, -1)}${hex.endsWith("0") ? "1" : "0"}` as T;
}
