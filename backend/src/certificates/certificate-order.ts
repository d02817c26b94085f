import type { Kind, Period, Subject } from "@quanlian/proof";
import { Refusal } from "../http/refusal.ts";
import { readSubject } from "../records/types/subject-of.ts";
import type { Disclosure, NewCertificate } from "./certificates.schemas.ts";

/** What a certificate is to say, settled when it is asked for. */
export interface CertificateOrder {
  readonly purpose: "history" | "clean-record" | "record";
  readonly subject: Subject;
  /** Ascending; empty for `record`. */
  readonly kinds: readonly Kind[];
  /** Null for `record`. */
  readonly period: Period | null;
  /** Of a clean record: the departments that it speaks about, ascending; null: all. */
  readonly departments: readonly string[] | null;
  /** Of `record`: ids of the records to show. */
  readonly records: readonly string[];
  readonly disclose: Disclosure;
}

/**
 * @param coveredTo the day up to which the chain can speak: that of the newest final block
 * @throws Refusal SUBJECT_INVALID, PERIOD_NOT_COVERED
 */
export function orderOf(asked: NewCertificate, coveredTo: string): CertificateOrder {
  const reading = readSubject(asked.subject);
  if (reading.fault) throw new Refusal("SUBJECT_INVALID");
  const { purpose, disclose } = asked;
  const said = { purpose, subject: reading.subject, disclose };
  if (asked.purpose === "record")
    return { ...said, kinds: [], period: null, departments: null, records: distinct(asked.records) };
  const kinds = distinct(asked.kinds) as Kind[];
  const period = periodOf({ to: coveredTo, ...asked.period }, coveredTo);
  const departments = asked.purpose === "clean-record" && asked.departments ? distinct(asked.departments) : null;
  return { ...said, kinds, period, departments, records: [] };
}

function periodOf({ from, to }: { readonly from: string; readonly to: string }, coveredTo: string): Period {
  if (from > to || to > coveredTo) throw new Refusal("PERIOD_NOT_COVERED", { facts: { coveredTo } });
  return { from, to };
}

function distinct<T extends string | number>(values: readonly T[]): T[] {
  return [...new Set(values)].sort((a, b) => (a < b ? -1 : 1));
}
