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
