import { z } from "zod";
import { LEVELS } from "./area-level.ts";

/** Conditions on where the deciding department is. */
export const territory = {
  area: z
    .string()
    .regex(/^\d{2}(\d{2}){0,2}$/)
    .optional()
    .meta({
      description:
        "Area code of the deciding department (GB/T 2260), or its first digits; all that lies within is meant",
      example: "110000",
    }),
  level: z.enum(LEVELS).optional().meta({ description: "Only departments of this level" }),
};

export const RegionQuery = z.object({ level: territory.level });
export type RegionQuery = z.infer<typeof RegionQuery>;

export const RegionAnswer = z
  .object({
    area: z.string(),
    departments: z.array(
      z.object({
        uscc: z.string(),
        name: z.object({ zh: z.string(), en: z.string() }),
        area: z.string(),
        level: z.enum(LEVELS),
        anchored: z.record(z.string(), z.int()).meta({ description: "Records that are final on the chain, by kind" }),
      }),
    ),
  })
  .meta({ id: "Region" });
export type RegionAnswer = z.infer<typeof RegionAnswer>;

export const Origin = z
  .object({
    region: z
      .object({ zh: z.string(), en: z.string() })
      .nullable()
      .meta({ description: "Null when the trust list names its ledger no longer" }),
    chainId: z.int(),
    ledger: z.string(),
  })
  .meta({ id: "Origin" });

/** What the verifier makes of a receipt. */
export const judgement = {
  verdict: z
    .enum(["valid", "invalid", "undecided"])
    .meta({ description: "Of the receipt, now; `undecided` while its chain cannot be asked from here" }),
  code: z.string().meta({ description: "The code of the verdict (docs/format.md §11)" }),
};

export const ForeignRecord = z
  .object({
    id: z.uuid(),
    origin: Origin,
    recordHash: z.string(),
    type: z.string(),
    department: z.string(),
    ...judgement,
    anchoredAt: z.int().nullable(),
    disclosed: z.record(z.string(), z.unknown()),
    attachedAt: z.string(),
  })
  .meta({ id: "ForeignRecord" });
export type ForeignRecord = z.infer<typeof ForeignRecord>;

export const ForeignRecords = z.object({ records: z.array(ForeignRecord) }).meta({ id: "ForeignRecords" });
export type ForeignRecords = z.infer<typeof ForeignRecords>;
