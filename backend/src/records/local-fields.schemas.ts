import { z } from "zod";

export const Namespace = z
  .string()
  .regex(/^[a-z][a-z0-9-]{0,31}$/)
  .meta({ description: "Small letters, digits and hyphens" });

export const NewLocalSchema = z.record(z.string(), z.unknown()).meta({
  id: "LocalSchema",
  description: "JSON Schema (2020-12) of type object; `pattern` is not taken, `enum`, `format` and lengths are",
  example: {
    type: "object",
    properties: {
      楼宇编号: { type: "string", maxLength: 20 },
      从业人数: { type: "integer", minimum: 0 },
      夜间经营: { type: "boolean" },
    },
    required: ["楼宇编号"],
    additionalProperties: false,
  },
});

export const LocalFieldsAnswer = z
  .object({
    namespace: z.string(),
    schema: z.record(z.string(), z.unknown()),
    registeredAt: z.iso.datetime(),
  })
  .meta({ id: "LocalFields" });
export type LocalFieldsAnswer = z.infer<typeof LocalFieldsAnswer>;
