import type { Hex, Subject } from "@quanlian/proof";
import type { ErrorCode } from "../errors.ts";
import type { ValidRecord } from "./types/record-type.ts";

/** Why a record takes the place of another; the numbers are the ledger's (contracts/IAuditLedger.sol). */
export const REASONS = { correction: 1, withdrawal: 2, repair: 3, annulment: 4 } as const;
export type Reason = keyof typeof REASONS;

/** The capability that lets a department (复议机关, 法院, 修复机构) supersede records of others. */
const REVIEW = 15;

/** A record on its way in, put in the place of one that is there. */
export interface Successor {
  readonly record: ValidRecord;
  readonly reason: Reason;
  /** Of its department, as in the registry: bit k is set when it holds capability k. */
  readonly capabilities: number;
}

/** The record whose place is taken. */
export interface Superseded {
  readonly department: string;
  readonly type: string;
  readonly number: string;
  readonly subject: Subject;
  /** What took its place already. */
  readonly successor: Hex | null;
}

/**
 * Why a record may not take another's place, or null. The ledger itself enforces who and how often; that it is about the same
 * subject, and that only a decision on repair repairs, is settled here, before anything is signed.
 */
export function supersessionProblem(successor: Successor, target: Superseded | undefined): ErrorCode | null {
  if (!target) return "SUPERSEDES_UNKNOWN";
  if (target.successor) return "ALREADY_SUPERSEDED";
  const { record, reason, capabilities } = successor;
  if (record.department !== target.department && ((capabilities >> REVIEW) & 1) === 0) return "REVIEW_REQUIRED";
  if (reason === "repair" && !record.type.startsWith("credit.repair/")) return "REASON_UNFIT";
  return isSameSubject(record, target) || isNextVersion(record, target) ? null : "SUPERSEDES_OTHER_SUBJECT";
}

function isSameSubject({ subject }: ValidRecord, target: Superseded): boolean {
  return subject.type === target.subject.type && subject.id === target.subject.id;
}

/** A record that named the wrong subject is put right under its own number. */
function isNextVersion({ department, type, number }: ValidRecord, target: Superseded): boolean {
  return department === target.department && type === target.type && number === target.number;
}
