import { z } from "zod";
import { standing, SupersededBy } from "../records/records.schemas.ts";
import { RECORD_STATES } from "../anchoring/batch-state.ts";
import { judgement, Origin, territory } from "../regions/regions.schemas.ts";

const day = z.iso.date().optional();

export const HistoryQuery = z.object({
  limit: z.coerce.number().int().min(1).max(200).default(50),
  cursor: z.string().max(256).optional(),
  kind: z.coerce.number().int().min(1).max(5).optional(),
  type: z.string().max(64).optional(),
  department: z.string().max(18).optional(),
  ...territory,
  from: day.meta({ description: "First day of the events, in China time" }),
  to: day.meta({ description: "Last day of the events" }),
  state: z
    .enum([...RECORD_STATES, "standing", "superseded"])
    .optional()
    .meta({ description: "How far the record is; or whether it is final and stands, or was superseded" }),
  asOf: day.meta({
    description:
      "Time travel: the records that had been anchored by the end of this day, and what had become of them by then",
  }),
  follow: z
    .enum(["true", "false"])
    .default("false")
    .meta({ description: "Also the records of those that the subject succeeded and of those that succeeded it" }),
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

const label = z.object({ zh: z.string(), en: z.string() });
export type RecordBrief = z.infer<typeof RecordBrief>;

export const LinkAnswer = z
  .object({
    rel: z.string(),
    label,
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
        version: z.int().nullable().meta({ description: "Null for a record of another region" }),
        label,
        subject: z.string().meta({ description: "USCC of the subject; another one only with `follow`" }),
        subjectName: z.string(),
        status: z.enum(RECORD_STATES),
        anchoredAt: z.int().nullable(),
        supersededBy: SupersededBy,
        ...standing,
        fields: z.record(z.string(), z.unknown()),
        links: z.array(LinkAnswer),
        origin: Origin.extend({ ...judgement, attachedAt: z.string() })
          .nullable()
          .meta({
            description:
              "Of a record of another region: where it comes from, and what the verifier says of its receipt now",
          }),
      }),
    ),
    next: z.string().nullable().meta({ description: "Cursor of the next page" }),
  })
  .meta({ id: "History" });
export type HistoryAnswer = z.infer<typeof HistoryAnswer>;

export const IdentityQuery = HistoryQuery.pick({ asOf: true });
export type IdentityQuery = z.infer<typeof IdentityQuery>;

export const IdentityAnswer = z
  .object({
    subject: z.object({ type: z.literal("uscc"), id: z.string() }),
    names: z
      .array(
        z.object({ name: z.string(), from: z.string().nullable(), to: z.string().nullable(), record: RecordBrief }),
      )
      .meta({ description: "In the order of time; each with the record of the register that says so" }),
    relatives: z
      .array(
        z.object({
          subject: z.string().meta({ description: "USCC" }),
          relation: z.enum(["predecessor", "successor"]),
          of: z.string().meta({ description: "USCC of the subject nearer by" }),
          change: z.string(),
          on: z.string(),
          record: RecordBrief,
        }),
      )
      .meta({ description: "The nearest first" }),
  })
  .meta({ id: "Identity" });
export type IdentityAnswer = z.infer<typeof IdentityAnswer>;

export const GraphQuery = z.object({
  limit: z.coerce.number().int().min(1).max(200).default(200),
  after: z.coerce
    .number()
    .int()
    .min(0)
    .max(10_000)
    .default(0)
    .meta({ description: "How many nodes are known already" }),
});
export type GraphQuery = z.infer<typeof GraphQuery>;

/** The pages together hold each node and each edge once; an edge comes with the later of its two nodes. */
export const GraphAnswer = z
  .object({
    nodes: z.array(RecordBrief.extend({ label })),
    edges: z.array(z.object({ from: z.uuid(), to: z.uuid(), rel: z.string(), label })),
    next: z.int().nullable().meta({ description: "`after` of the next page" }),
  })
  .meta({ id: "CaseGraph" });
export type GraphAnswer = z.infer<typeof GraphAnswer>;

export const BrokenLinksQuery = HistoryQuery.pick({ limit: true, cursor: true });
export type BrokenLinksQuery = z.infer<typeof BrokenLinksQuery>;

export const BrokenLinksAnswer = z
  .object({
    links: z.array(
      z.object({ record: RecordBrief, rel: z.string(), label, cited: LinkAnswer.shape.cited, receivedAt: z.string() }),
    ),
    next: z.string().nullable(),
  })
  .meta({ id: "BrokenLinks" });
export type BrokenLinksAnswer = z.infer<typeof BrokenLinksAnswer>;
