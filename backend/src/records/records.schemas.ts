import { z } from "zod";
import { ProblemDocument } from "../http/problem.ts";
import { SUBMISSION_STATES } from "../review/submission-state.ts";
import { RECORD_STATES } from "../anchoring/batch-state.ts";

const hash = z.string().meta({ pattern: "^0x[0-9a-f]{64}$" });

const reason = z.enum(["correction", "withdrawal", "repair", "annulment"]);

export const NewRecord = z
  .strictObject({
    type: z.string().max(64).meta({ example: "enforcement.penalty/1" }),
    department: z.string().max(18).optional().meta({ description: "USCC, when the fields do not name it" }),
    fields: z.record(z.string(), z.unknown()).meta({
      description:
        "By claim name, official Chinese heading or column code of the type; `subject` and `links` as in a statement",
    }),
    supersedes: z
      .strictObject({
        record: z.string().regex(/^0x[0-9a-f]{64}$/),
        reason,
      })
      .optional()
      .meta({
        description:
          "The record whose place this one takes, and why: 更正, 撤销, 信用修复, 复议/判决. By its own department, or one with REVIEW",
      }),
  })
  .meta({ id: "NewRecord" });
export type NewRecord = z.infer<typeof NewRecord>;

export const NewStatement = z
  .strictObject({
    statement: z.string().min(1).meta({ description: "SD-JWT with all its disclosures, docs/format.md §2" }),
    reason: reason
      .optional()
      .meta({ description: "Why it takes the place of the record that its link `supersedes` cites" }),
  })
  .meta({ id: "NewStatement" });
export type NewStatement = z.infer<typeof NewStatement>;

/** How a record was superseded, once that is final on the chain. */
export const SupersededBy = z
  .object({
    record: hash,
    by: z.string().meta({ description: "The department that superseded it" }),
    reason: z.int().meta({ description: "1 更正, 2 撤销, 3 信用修复, 4 复议/判决" }),
    at: z.int(),
  })
  .nullable()
  .meta({ description: "Null while the record stands; `at` in Unix seconds, block time" });

/** Where a record stands with the public, by the dated rules of publication, and with whoever objects to it. */
export const standing = {
  publication: z
    .object({
      published: z.boolean(),
      until: z
        .string()
        .nullable()
        .meta({ description: "Last day of publication, or `indefinite`; null: the law does not publish it" }),
      repairableFrom: z
        .string()
        .nullable()
        .meta({ description: "Of a record of dishonesty: the first day on which its repair may be granted" }),
    })
    .meta({ description: "By the rules of 信用修复; of history with `asOf`, as of that day" }),
  objected: z.boolean().meta({ description: "An objection is open: whoever shows the record shows that (异议标注)" }),
};

export const RecordReference = z
  .object({ id: z.uuid(), recordHash: hash, status: z.enum(RECORD_STATES) })
  .meta({ id: "RecordReference" });
export type RecordReference = z.infer<typeof RecordReference>;

/** What became of one line. */
export const LineAnswer = z
  .union([
    RecordReference.extend({
      line: z.int(),
      created: z.boolean().meta({ description: "False when the same record was there already" }),
    }),
    z
      .object({ line: z.int(), submission: z.uuid(), state: z.enum(SUBMISSION_STATES) })
      .meta({ description: "It waits for a second person" }),
    z.object({ line: z.int(), problem: ProblemDocument }),
  ])
  .meta({ id: "LineAnswer", description: "To the line of this number, counted from 1 with the blank ones" });
export type LineAnswer = z.infer<typeof LineAnswer>;

export const RecordAnswer = RecordReference.extend({
  type: z.string(),
  kind: z.int(),
  department: z.string(),
  subject: z.object({ type: z.enum(["uscc", "person"]), id: z.string() }),
  subjectName: z.string(),
  number: z.string(),
  version: z.int(),
  eventTime: z.string(),
  signedAt: z.int().meta({ description: "Unix seconds" }),
  anchoredAt: z.int().nullable().meta({ description: "Unix seconds, block time; null until final" }),
  batch: z.object({ sequence: z.int(), index: z.int() }).nullable(),
  supersededBy: SupersededBy,
  ...standing,
  fields: z.record(z.string(), z.unknown()),
}).meta({ id: "Record" });
export type RecordAnswer = z.infer<typeof RecordAnswer>;

export const ReceiptAnswer = z
  .object({ format: z.literal("quanlian-receipt/1") })
  .catchall(z.unknown())
  .meta({ id: "Receipt", description: "docs/format.md §6" });
