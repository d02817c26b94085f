import { licenceChange } from "./approval-change.ts";
import { licence } from "./approval-licence.ts";
import { registration } from "./approval-registration.ts";
import { layoutsOf } from "./columns.ts";
import { commitment } from "./credit-commitment.ts";
import { honour } from "./credit-honour.ts";
import { listing } from "./credit-listing.ts";
import { objection } from "./credit-objection.ts";
import { repair } from "./credit-repair.ts";
import { coercion } from "./enforcement-coercion.ts";
import { filing } from "./enforcement-filing.ts";
import { penalty } from "./enforcement-penalty.ts";
import { transfer } from "./enforcement-transfer.ts";
import type { RecordType } from "./record-type.ts";
import { accessLog } from "./service-access-log.ts";
import { serviceCase } from "./service-case.ts";
import { serviceEvaluation } from "./service-evaluation.ts";
import { inspection } from "./supervision-inspection.ts";
import { plan } from "./supervision-plan.ts";
import { rectification } from "./supervision-rectification.ts";

const all: readonly RecordType[] = [
  ...[licence, licenceChange, registration],
  ...[serviceCase, serviceEvaluation, accessLog],
  ...[plan, inspection, rectification],
  ...[filing, penalty, coercion, transfer],
  ...[commitment, listing, honour, repair, objection],
];

/** Every record type, by its name. Adding a type is one file beside this one and one line here. */
export const recordTypes: ReadonlyMap<string, RecordType> = new Map(all.map((type) => [type.type, type]));

const commonClaims = ["subject", "subjectName", "number", "eventTime", "links", "local"] as const;

/**
 * The names of all claims that statements of this type may hold: the `fieldNames` of `issueStatement`. A claim that a
 * record lacks becomes a decoy, so that a statement does not tell which values are missing.
 */
export function claimsOf(type: RecordType): readonly string[] {
  const known = claims.get(type);
  if (known) return known;
  const fields = layoutsOf(type).flatMap((layout) => layout.fields);
  const own = fields.filter(({ consumed }) => consumed === undefined).map(({ claim }) => claim);
  const all = [...new Set([...commonClaims, ...own])];
  claims.set(type, all);
  return all;
}

const claims = new WeakMap<RecordType, readonly string[]>();
