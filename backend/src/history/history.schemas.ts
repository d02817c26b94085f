import { z } from "zod";
import { SupersededBy } from "../records/records.schemas.ts";
import { RECORD_STATES } from "../anchoring/batch-state.ts";

export const HistoryQuery = z.object({
  limit: z.coerce.number().int().min(1).max(200).default(50),
  cursor: z.string().max(256).optional(),
  kind: z.coerce.number().int().min(1).max(5).optional(),
});
export type HistoryQuery = z.infer<typeof HistoryQuery>;

export const RecordBrief = z
  .object({
    id: z.uuid(),
    kind: z.int(),
    type: z.string(),
    department: z.string(),
    number: z.string(),
    version: z.int(),
    eventTime: z.string(),
    recordHash: z.string(),
  })
  .meta({ id: "RecordBrief" });
export type RecordBrief = z.infer<typeof RecordBrief>;

export const LinkAnswer = z
  .object({
    rel: z.string(),
    direction: z.enum(["cites", "citedBy"]),
    cited: z
      .object({ record: z.string().optional(), department: z.string().optional(), number: z.string().optional() })
      .meta({ description: "The citation as it stands in the citing statement" }),
    records: z.array(RecordBrief).meta({ description: "The other end; empty when nothing answers the citation" }),
  })
  .meta({ id: "Link" });
export type LinkAnswer = z.infer<typeof LinkAnswer>;

export const HistoryAnswer = z
  .object({
    subject: z.object({ type: z.literal("uscc"), id: z.string() }),
    records: z.array(
      RecordBrief.extend({
        subjectName: z.string(),
        status: z.enum(RECORD_STATES),
        anchoredAt: z.int().nullable(),
        supersededBy: SupersededBy,
        fields: z.record(z.string(), z.unknown()),
        links: z.array(LinkAnswer),
      }),
    ),
    next: z.string().nullable().meta({ description: "Cursor of the next page" }),
  })
  .meta({ id: "History" });
export type HistoryAnswer = z.infer<typeof HistoryAnswer>;
