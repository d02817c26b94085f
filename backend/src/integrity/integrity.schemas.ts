import { z } from "zod";
import { LAYERS } from "./integrity-difference.entity.ts";
import { PHASES } from "./integrity-run.entity.ts";

const text = z.string().nullable();

export const RunAnswer = z
  .object({
    id: z.uuid(),
    status: z.enum(["running", "done"]),
    phase: z.enum(PHASES),
    asOfBlock: z.int().nullable(),
    records: z.int(),
    batches: z.int(),
    buckets: z.int(),
    headsCompared: z.boolean().meta({ description: "False when the node had pruned the state of the heads" }),
    differences: z.int(),
    startedAt: z.iso.datetime(),
    finishedAt: z.iso.datetime().nullable(),
    found: z
      .array(
        z.object({
          layer: z.enum(LAYERS),
          field: text,
          record: z.uuid().nullable(),
          department: text,
          sequence: z.int().nullable(),
          batchIndex: z.int().nullable(),
          type: text,
          number: text,
          stored: text.meta({ description: "Personal values are masked" }),
          expected: text,
          firstFound: z.iso.datetime().meta({ description: "When a run first found this" }),
          lastRight: z.iso
            .datetime()
            .nullable()
            .meta({ description: "Beginning of the last run before that, which did not find it" }),
        }),
      )
      .meta({ description: "The first differences, in the order in which they were found" }),
  })
  .meta({ id: "IntegrityRun" });
export type RunAnswer = z.infer<typeof RunAnswer>;
