import { z } from "zod";
import { RECORD_STATES } from "../anchoring/batch-state.ts";
import { territory } from "../regions/regions.schemas.ts";

const day = z.iso.date();

/** What a record may be looked for by; conditions are joined by “and”. */
export const Conditions = z.object({
  number: z.string().min(1).max(128).optional().meta({
    description: "Document number, or another number of the record such as that of the licence itself",
    example: "京市监罚〔2026〕101号",
  }),
  subject: z.string().max(18).optional().meta({ description: "Credit code of the subject" }),
  name: z.string().trim().min(2).max(100).optional().meta({
    description: "Part of an organisation's name, two characters or more; persons are not found by name",
    example: "海淀",
  }),
  department: z.string().max(18).optional().meta({ description: "Credit code of the deciding department" }),
  ...territory,
  type: z.string().max(64).optional().meta({ example: "enforcement.penalty/1" }),
  kind: z.coerce.number().int().min(1).max(5).optional(),
  from: day.optional().meta({ description: "First day of the acts, China time" }),
  to: day.optional().meta({ description: "Last day of the acts, China time" }),
  status: z.enum(RECORD_STATES).optional(),
});
export type Conditions = z.infer<typeof Conditions>;

export const SearchQuery = Conditions.extend({
  limit: z.coerce.number().int().min(1).max(200).default(50),
  cursor: z.string().max(256).optional().meta({ description: "`next` of the page before" }),
});
export type SearchQuery = z.infer<typeof SearchQuery>;

export const FoundRecord = z
  .object({
    id: z.uuid(),
    recordHash: z.string(),
    status: z.enum(RECORD_STATES),
    type: z.string(),
    kind: z.int(),
    department: z.string(),
    subject: z.object({ type: z.enum(["uscc", "person"]), id: z.string() }),
    subjectName: z.string(),
    number: z.string(),
    version: z.int(),
    eventTime: z.string(),
    anchoredAt: z.int().nullable().meta({ description: "Unix seconds, block time; null until final" }),
  })
  .meta({ id: "FoundRecord" });
export type FoundRecord = z.infer<typeof FoundRecord>;

export const SearchAnswer = z
  .object({
    records: z.array(FoundRecord).meta({ description: "Latest act first" }),
    next: z.string().nullable().meta({ description: "Cursor of the next page" }),
  })
  .meta({ id: "SearchResult" });
export type SearchAnswer = z.infer<typeof SearchAnswer>;
