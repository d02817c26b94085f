import type { Hex } from "./bytes.ts";
import type { Certificate, CertificateSupersession, Period } from "./certificate.ts";
import type { Statement } from "./statement.ts";
import { failed, passed, type Evidence, type Step } from "./verdict.ts";
import { dayOf } from "./words.ts";

/** A record in one of the subject's streams. */
export interface OwnRecord {
  readonly recordHash: Hex;
  /** What the certificate shows of it; null: nothing but the hash. */
  readonly shown: Statement | null;
  readonly supersession: CertificateSupersession | null;
}

/** Why a record does not speak against a clean record; `null`: it does, or it is not shown. */
type Excuse = "superseded" | "notAdverse" | "outsideScope" | "outsidePeriod" | null;

/** Step `conclusion`: does what the certificate is for follow from the records in the streams? */
export function checkConclusion(certificate: Certificate, own: readonly OwnRecord[]): Step {
  return certificate.purpose === "clean-record" ? concludeClean(certificate, own) : passed("conclusion", tally(own));
}

function tally(own: readonly OwnRecord[]): Evidence {
  const shown = own.filter((record) => record.shown).length;
  const superseded = own.filter((record) => record.supersession).length;
  return { records: own.length, shown, withheld: own.length - shown, superseded };
}

function concludeClean(certificate: Certificate, own: readonly OwnRecord[]): Step {
  const count = { superseded: 0, notAdverse: 0, outsideScope: 0, outsidePeriod: 0 };
  const withheld = own.find(({ shown }) => shown === null);
  if (withheld) return failed("conclusion", "RECORD_WITHHELD", { recordHash: withheld.recordHash });
  for (const record of own) {
    const excuse = excuseOf(record.shown!, record, certificate);
    if (excuse === null) return failed("conclusion", "NOT_CLEAN", particulars(record.shown!));
    count[excuse]++;
  }
  const { from, to } = certificate.period!;
  return passed("conclusion", { from, to, records: own.length, ...count });
}

/**
 * The bar is: enforcement of any type, and entries in a list of the dishonest (`credit.listing`). A corrected record counts
 * through its successor, which stands in a stream of its own; a withdrawn, repaired or annulled one does not count.
 */
function excuseOf(statement: Statement, { supersession }: OwnRecord, { scope, period }: Certificate): Excuse {
  if (supersession) return "superseded";
  if (statement.kind === 5 && !statement.type.startsWith("credit.listing/")) return "notAdverse";
  if (scope && !scope.departments.includes(statement.payload.iss)) return "outsideScope";
  return isOutside(statement, period!) ? "outsidePeriod" : null;
}

function isOutside(statement: Statement, { from, to }: Period): boolean {
  const day = dayOf(statement.fields.eventTime);
  return day !== null && (day < from || day > to);
}

function particulars({ recordHash, type, payload, fields }: Statement): Evidence {
  return { recordHash, type, department: payload.iss, eventTime: dayOf(fields.eventTime) };
}
