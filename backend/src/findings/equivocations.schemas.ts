import { z } from "zod";

const hash = z.string().meta({ pattern: "^0x[0-9a-f]{64}$" });

export const EquivocationsAnswer = z
  .object({
    equivocations: z.array(
      z.object({
        id: z.uuid(),
        stored: hash.meta({ description: "Record hash of what was on record" }),
        offered: hash.meta({ description: "Record hash of what was offered under the same number, and refused" }),
        foundAt: z.string(),
      }),
    ),
  })
  .meta({ id: "Equivocations" });
export type EquivocationsAnswer = z.infer<typeof EquivocationsAnswer>;

export const EquivocationAnswer = z
  .object({ format: z.literal("quanlian-equivocation/1") })
  .catchall(z.unknown())
  .meta({ id: "Equivocation", description: "docs/format.md §7.5" });
