import { z } from "zod";
import { NewRecord } from "../records/records.schemas.ts";
import { SUBMISSION_STATES } from "./submission-state.ts";
import type { Submission } from "./submissions.ts";

const LONGEST_REASON = 500;

/** The answer to whoever submits something that waits for a second person. */
export const SubmissionReference = z
  .object({ submission: z.uuid(), state: z.enum(SUBMISSION_STATES) })
  .meta({ id: "SubmissionReference", description: "Not a record yet: a second person must approve it first" });
export type SubmissionReference = z.infer<typeof SubmissionReference>;

export const SubmissionAnswer = z
  .object({
    id: z.uuid(),
    department: z.string(),
    state: z.enum(SUBMISSION_STATES),
    submittedBy: z.string(),
    submittedAt: z.iso.datetime(),
    decidedBy: z.string().nullable(),
    decidedAt: z.iso.datetime().nullable(),
    reason: z.string().nullable().meta({ description: "Why it was refused" }),
    content: NewRecord.nullable().meta({ description: "As it was sent; null for imports, and once it is a record" }),
    import: z.uuid().nullable().meta({ description: "The import that waits as a whole" }),
    record: z.uuid().nullable().meta({ description: "What it has become" }),
  })
  .meta({ id: "Submission" });
export type SubmissionAnswer = z.infer<typeof SubmissionAnswer>;

export const SubmissionsAnswer = z.object({ submissions: z.array(SubmissionAnswer) }).meta({ id: "Submissions" });

export const RefusalReason = z
  .strictObject({ reason: z.string().trim().min(1).max(LONGEST_REASON) })
  .meta({ id: "RefusalReason" });
export type RefusalReason = z.infer<typeof RefusalReason>;

export const ReviewRule = z.strictObject({ required: z.boolean() }).meta({ id: "ReviewRule" });
export type ReviewRule = z.infer<typeof ReviewRule>;

export function submissionAnswer({ content, submittedAt, decidedAt, ...rest }: Submission): SubmissionAnswer {
  return {
    ...rest,
    submittedAt: submittedAt.toISOString(),
    decidedAt: decidedAt?.toISOString() ?? null,
    content: content && "record" in content ? content.record : null,
    import: content && "import" in content ? content.import : null,
  };
}
