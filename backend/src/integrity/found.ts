import type { IntegrityDifference } from "./integrity-difference.entity.ts";
import type { Difference, StoredRecord } from "./record-checks.ts";

/** A difference with the place where it lies, as far as it has one. */
export type Found = Difference &
  Partial<Pick<IntegrityDifference, "record" | "department" | "sequence" | "batchIndex" | "type" | "number">>;

/** A difference in a record. @param sequence that of its batch on the ledger, null while it is not anchored */
export function locate(difference: Difference, record: StoredRecord, sequence: number | null): Found {
  const { id, department, type, number, batchIndex } = record;
  return { ...difference, record: id, department, sequence, type, number, batchIndex };
}
