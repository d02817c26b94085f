import { licence } from "./approval-licence.ts";
import { commitment } from "./credit-commitment.ts";
import { penalty } from "./enforcement-penalty.ts";
import type { RecordType } from "./record-type.ts";
import { serviceCase } from "./service-case.ts";
import { inspection } from "./supervision-inspection.ts";
import { plan } from "./supervision-plan.ts";

/** Every record type, by its name. Adding a type is one file beside this one and one line here. */
export const recordTypes: ReadonlyMap<string, RecordType> = new Map(
  [licence, serviceCase, plan, inspection, penalty, commitment].map((type) => [type.type, type]),
);

const commonClaims = ["subject", "subjectName", "number", "eventTime", "links"] as const;

/**
 * The names of all claims that statements of this type may hold: the `fieldNames` of `issueStatement`. A claim that a
 * record lacks becomes a decoy, so that a statement does not tell which values are missing.
 */
export function claimsOf(type: RecordType): readonly string[] {
  const own = type.fields.filter(({ consumed }) => consumed === undefined).map(({ claim }) => claim);
  return [...new Set([...commonClaims, ...own])];
}
