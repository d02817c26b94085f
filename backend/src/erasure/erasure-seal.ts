import type { SealedColumn } from "../database/row-seals.ts";
import type { Erasure } from "./erasure.entity.ts";

/** The table's name in its seals. */
export const ERASURE = "erasure";

export function sealedErasure({ record, department, actor, reason, erasedAt }: Omit<Erasure, "seal">): SealedColumn[] {
  return [
    ["record", record],
    ["department", department],
    ["actor", actor],
    ["reason", reason],
    ["erased_at", erasedAt.toISOString()],
  ];
}
