import type { Department } from "../departments/department.entity.ts";
import type { ErrorCode } from "../errors.ts";
import type { ValidRecord } from "./types/record-type.ts";

/**
 * Why this department may not submit this record, or null. It is settled before anything is signed.
 * @param isSigned the department has signed it already
 */
export function admissionProblem(
  record: ValidRecord,
  department: Department | undefined,
  isSigned = false,
): ErrorCode | null {
  if (!department?.registeredAt) return "DEPARTMENT_UNKNOWN";
  if (((department.capabilities >> record.kind) & 1) === 0) return "DEPARTMENT_NOT_CAPABLE";
  if (department.keepsOwnKeys && !isSigned) return "KEYS_SELF_HELD";
  return department.stoppedBecause === null ? null : "DEPARTMENT_STOPPED";
}
