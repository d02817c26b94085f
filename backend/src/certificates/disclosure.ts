import { claimsFor } from "../records/types/mask.ts";
import type { Json } from "../records/types/record-type.ts";
import { recordTypes } from "../records/types/record-types.ts";
import type { CertificateOrder } from "./certificate-order.ts";
import type { ShownFields } from "./certificates.schemas.ts";

/** What must be known of a record to settle what of it is shown. */
export interface Disclosable {
  readonly id: string;
  readonly type: string;
  readonly kind: number;
  readonly department: string;
  readonly fields: Readonly<Record<string, Json>>;
}

/** The claims of a record that its certificate discloses, or null: the record is shown by its hash alone. */
export function claimsToShow(
  record: Disclosable,
  isSuperseded: boolean,
  order: CertificateOrder,
): readonly string[] | null {
  const chosen = order.disclose.records?.[record.id] ?? ordinarily(record, order);
  const shown = chosen === "withheld" ? null : claimsOf(chosen, record);
  const needed = claimsNeeded(record, isSuperseded, order);
  return needed === null ? shown : [...new Set([...(shown ?? []), ...needed])];
}

/** A record outside the period is only there because streams are whole years: by itself it shows no more than its date. */
function ordinarily(record: Disclosable, order: CertificateOrder): ShownFields {
  if (isOutside(record, order)) return ["eventTime"];
  return order.disclose.fields ?? (order.purpose === "clean-record" ? "none" : "public");
}

/**
 * What the conclusion rests on (docs/format.md §7.3): a single record names its subject; of a clean record nothing may be
 * withheld, and what is excused by its date shows it. Null: nothing.
 */
function claimsNeeded(record: Disclosable, isSuperseded: boolean, order: CertificateOrder): readonly string[] | null {
  if (order.purpose === "record") return ["subject"];
  if (order.purpose === "history") return null;
  const isExcused = isSuperseded || !isAdverse(record) || order.departments?.includes(record.department) === false;
  return !isExcused && isOutside(record, order) ? ["eventTime"] : [];
}

/** Enforcement of any type, and entries in a list of the dishonest. */
function isAdverse({ kind, type }: Disclosable): boolean {
  return kind === 4 || type.startsWith("credit.listing/");
}

function isOutside({ fields }: Disclosable, { period }: CertificateOrder): boolean {
  const day = (fields.eventTime as string).slice(0, 10);
  return period !== null && (day < period.from || day > period.to);
}

/** Nobody can put on a paper what the subject itself does not get to see in clear. */
function claimsOf(chosen: ShownFields, { type, fields }: Disclosable): readonly string[] {
  if (chosen === "none") return [];
  const recordType = recordTypes.get(type)!;
  if (chosen === "public") return claimsFor("public", recordType, fields);
  const seen = claimsFor("enterprise", recordType, fields);
  return chosen === "all" ? seen : chosen.filter((claim) => seen.includes(claim));
}
