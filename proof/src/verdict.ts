import type { Code } from "./codes.ts";
import type { Json } from "./json.ts";

/** What a step compared and saw: flat, so that it prints as lines. */
export type Evidence = Record<string, string | number | boolean | null>;

/** One thing that was checked. */
export interface Step {
  readonly step: StepName;
  readonly outcome: "passed" | "failed" | "unknown";
  readonly code: Code;
  /** The claim or member that is wrong, when one can be named. */
  readonly field?: string;
  readonly evidence: Evidence;
}

/** In the order in which they are taken; docs/format.md §10 says what each one demands. */
export type StepName =
  | "document"
  | "trust"
  | "statement"
  | "signature"
  | "batch"
  | "clocks"
  | "chain"
  | "finality"
  | "anchor"
  | "key"
  | "supersession"
  | "coverage"
  | "stream"
  | "head"
  | "record"
  | "conclusion"
  | "receipt"
  | "certificate";

/** The three clocks of a record; a court presumes integrity only from `anchoredAt`. */
export interface Clocks {
  /** When the act happened, as the department states it; null when not disclosed. */
  readonly eventTime: string | null;
  /** When the department says it signed, Unix seconds. */
  readonly signedAt: number | null;
  /** Block time, Unix seconds; null until the chain has confirmed it. */
  readonly anchoredAt: number | null;
}

/**
 * The answer of `verify`. `valid`: every step passed. `invalid`: at least one failed. `undecided`: none failed, but at least
 * one could not be taken, and says why.
 */
export interface Verdict {
  readonly verdict: "valid" | "invalid" | "undecided";
  /** The `format` member of the document, or null when it could not be read. */
  readonly format: string | null;
  readonly steps: readonly Step[];
  readonly clocks: Clocks;
  /** The claims that the document discloses, by name; unproven while the verdict is not `valid`. */
  readonly disclosed: Readonly<Record<string, Json>>;
}

export function passed(step: StepName, evidence: Evidence = {}): Step {
  return { step, outcome: "passed", code: "OK", evidence };
}

export function failed(step: StepName, code: Code, evidence: Evidence = {}, field?: string): Step {
  return { step, outcome: "failed", code, ...(field !== undefined && { field }), evidence };
}

export function unknown(step: StepName, code: Code, evidence: Evidence = {}): Step {
  return { step, outcome: "unknown", code, evidence };
}

export const NO_CLOCKS: Clocks = { eventTime: null, signedAt: null, anchoredAt: null };

export function conclude(
  format: string | null,
  steps: readonly Step[],
  { clocks = NO_CLOCKS, disclosed = {} }: Partial<Pick<Verdict, "clocks" | "disclosed">> = {},
): Verdict {
  const has = (outcome: Step["outcome"]) => steps.some((step) => step.outcome === outcome);
  const verdict = has("failed") ? "invalid" : has("unknown") ? "undecided" : "valid";
  return { verdict, format, steps, clocks, disclosed };
}

/** The step that decides: the first failed one, else the first that could not be taken; null when all passed. */
export function decidingStep(verdict: Verdict): Step | null {
  const first = (outcome: Step["outcome"]) => verdict.steps.find((step) => step.outcome === outcome);
  return first("failed") ?? first("unknown") ?? null;
}
