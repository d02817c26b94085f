import { z } from "zod";
import { ERASURE_REASONS } from "./erasure.entity.ts";

export const NewErasure = z
  .strictObject({
    reason: z.enum(ERASURE_REASONS).meta({
      description: "个人信息保护法 art. 47 (1) to (5): 目的已实现, 保存期限届满, 撤回同意, 违法处理, 法律另有规定",
    }),
  })
  .meta({ id: "NewErasure" });
export type NewErasure = z.infer<typeof NewErasure>;

export const ErasureAnswer = z
  .object({
    record: z.uuid(),
    reason: z.enum(ERASURE_REASONS),
    actor: z.string().meta({ description: "Who erased it" }),
    erasedAt: z.iso.datetime(),
  })
  .meta({ id: "Erasure", description: "The note that is left; nothing of the content is" });
export type ErasureAnswer = z.infer<typeof ErasureAnswer>;
