import { z } from "zod";
import { IMPORT_STATES } from "./import-job.entity.ts";

const bilingual = { zh: z.string(), en: z.string() };

export const ImportAnswer = z
  .object({
    id: z.uuid(),
    department: z.string(),
    type: z.string().nullable(),
    fileName: z.string(),
    bytes: z.int(),
    dryRun: z.boolean().meta({ description: "Nothing is taken in: the counts say what would become of the rows" }),
    mapping: z.record(z.string(), z.string()).meta({ description: "Own headings of the file by what they mean" }),
    status: z.enum(IMPORT_STATES),
    rowsRead: z.int(),
    accepted: z.int(),
    duplicates: z.int().meta({ description: "Rows whose record was there already" }),
    rejected: z.int(),
    notes: z.array(z.object({ code: z.string(), ...bilingual })),
    failure: z
      .object({ column: z.string().nullable(), code: z.string(), ...bilingual, hint: z.object(bilingual) })
      .nullable()
      .meta({ description: "Why the file could not be read, or not to its end; the rows before stand" }),
    createdAt: z.iso.datetime(),
    finishedAt: z.iso.datetime().nullable(),
  })
  .meta({ id: "Import" });
export type ImportAnswer = z.infer<typeof ImportAnswer>;

export const ErrorFormat = z.object({ format: z.enum(["xlsx", "csv", "ndjson"]).default("xlsx") });
export type ErrorFormat = z.infer<typeof ErrorFormat>["format"];

export const ImportQuery = z.object({
  dryRun: z
    .enum(["true", "false"])
    .default("false")
    .meta({ description: "`true`: check the whole file and report on it, but take nothing in" }),
});
export type ImportQuery = z.infer<typeof ImportQuery>;

export const MappingName = z.string().regex(/^[\p{L}\p{N}][\p{L}\p{N}._ -]{0,63}$/u);

const heading = z.string().trim().min(1).max(200);

export const NewMapping = z
  .strictObject({
    type: z.string().max(64).meta({ description: "Record type whose columns the headings stand for" }),
    columns: z
      .record(heading, heading)
      .refine((columns) => Object.keys(columns).length <= 200, "At most 200 columns")
      .meta({ description: "Own heading → official heading, code or claim" }),
  })
  .meta({
    id: "NewMapping",
    example: {
      type: "enforcement.penalty/1",
      columns: { 决定书编号: "行政处罚决定书文号", 企业名称: "行政相对人名称" },
    },
  });
export type NewMapping = z.infer<typeof NewMapping>;

export const MappingAnswer = z
  .object({ name: z.string(), type: z.string(), columns: z.record(z.string(), z.string()) })
  .meta({ id: "Mapping" });
export type MappingAnswer = z.infer<typeof MappingAnswer>;
