import { z } from "zod";

/** `refused`: the records do not allow it, and the reason says why. `failed`: something is wrong with what is stored. */
export const CERTIFICATE_STATES = ["waiting", "running", "done", "refused", "failed"] as const;
export type CertificateState = (typeof CERTIFICATE_STATES)[number];

const day = z.iso.date().meta({ example: "2026-01-01", description: "A day in China time" });
const kind = z.int().min(1).max(5);
const department = z.string().regex(/^[0-9A-HJ-NPQRTUWXY]{18}$/);

/** `public`: what the law publishes about such a subject; `none`: the bare statement; otherwise claims by their names. */
const shownFields = z.union([z.enum(["public", "all", "none"]), z.array(z.string().max(64)).max(100)]);

const disclose = z
  .strictObject({
    fields: shownFields.optional(),
    records: z
      .record(z.uuid(), z.union([z.literal("withheld"), shownFields]))
      .optional()
      .meta({ description: "Exceptions by record id; `withheld` shows nothing of a record but its hash" }),
  })
  .default({})
  .meta({
    description:
      "What the paper discloses of each record. Without it: what the law publishes (`history`, `record`), nothing (`clean-record`)",
  });

const subject = z.union([
  z.strictObject({ type: z.literal("uscc"), id: z.string().max(32) }),
  z.strictObject({ type: z.literal("person"), id: z.string().max(68) }),
]);

const period = z
  .strictObject({ from: day, to: day.optional() })
  .refine(({ from, to }) => to === undefined || from <= to, { path: ["to"], error: "to is before from" })
  .meta({ description: "Without `to`: up to the day of the newest final block" });

export const NewCertificate = z
  .discriminatedUnion("purpose", [
    z.strictObject({
      purpose: z.literal("history"),
      subject,
      kinds: z.array(kind).min(1).max(5).default([1, 2, 3, 4, 5]),
      period,
      disclose,
    }),
    z.strictObject({
      purpose: z.literal("clean-record"),
      subject,
      kinds: z.array(z.int().min(4).max(5)).min(1).max(2).default([4, 5]),
      period,
      departments: z
        .array(department)
        .min(1)
        .max(1000)
        .optional()
        .meta({ description: "Those that the certificate speaks about; without it all (docs/trust.md)" }),
      disclose,
    }),
    z.strictObject({
      purpose: z.literal("record"),
      subject,
      records: z.array(z.uuid()).min(1).max(100),
      disclose,
    }),
  ])
  .meta({ id: "NewCertificate" });
export type NewCertificate = z.infer<typeof NewCertificate>;
export type ShownFields = z.infer<typeof shownFields>;
export type Disclosure = z.infer<typeof disclose>;

export const CertificateAnswer = z
  .object({
    id: z.uuid(),
    code: z.string().meta({ description: "查验码: whoever holds it may fetch the certificate" }),
    purpose: z.enum(["history", "clean-record", "record"]),
    subject: z.object({ type: z.enum(["uscc", "person"]), id: z.string() }),
    status: z.enum(CERTIFICATE_STATES),
    done: z.int().meta({ description: "Streams and records gathered so far …" }),
    total: z.int().nullable().meta({ description: "… of so many; null until they are counted" }),
    refusal: z
      .object({ code: z.string(), zh: z.string(), en: z.string(), facts: z.record(z.string(), z.unknown()) })
      .nullable()
      .meta({ description: "Why it cannot be made, for `refused` and `failed`" }),
    createdAt: z.string(),
    finishedAt: z.string().nullable(),
  })
  .meta({ id: "CertificateJob" });
export type CertificateAnswer = z.infer<typeof CertificateAnswer>;

export const CertificateDocument = z
  .object({ format: z.literal("quanlian-certificate/1") })
  .catchall(z.unknown())
  .meta({ id: "Certificate", description: "docs/format.md §7" });
