import { z } from "zod";
import { ERRORS, type ErrorCode } from "../errors.ts";
import type { Refusal } from "./refusal.ts";

/** Their number is in the hands of whoever wrote the request: a megabyte of it must not be answered with eight. */
const MAX_LISTED = 100;

const bilingual = z.object({ zh: z.string(), en: z.string() });

/** RFC 9457 problem details, as every refused request is answered. */
export const ProblemDocument = z
  .object({
    type: z.string().meta({ example: "urn:quanlian:error:NUMBER_CONFLICT" }),
    title: z.string(),
    status: z.int(),
    code: z.enum(Object.keys(ERRORS) as [ErrorCode, ...ErrorCode[]]),
    zh: z.string(),
    en: z.string(),
    problems: z
      .array(
        z.object({ column: z.string().nullable(), code: z.string(), zh: z.string(), en: z.string(), hint: bilingual }),
      )
      .optional(),
    facts: z.record(z.string(), z.unknown()).optional(),
  })
  .meta({ id: "Problem", description: "Why a request was refused (RFC 9457); `code` is from one closed list" });
export type ProblemDocument = z.infer<typeof ProblemDocument>;

export function problemDocument({ code, details }: Refusal): ProblemDocument {
  const { status, zh, en } = ERRORS[code];
  return {
    type: `urn:quanlian:error:${code}`,
    title: en,
    status,
    code,
    zh,
    en,
    ...(details.problems && { problems: details.problems.slice(0, MAX_LISTED).map((problem) => ({ ...problem })) }),
    ...(details.facts && { facts: { ...details.facts } }),
  };
}
