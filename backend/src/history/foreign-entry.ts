import type { Json as Content } from "@quanlian/proof";
import type { Access } from "../access/access.ts";
import { endOfDay, todayInChina } from "../records/china-time.ts";
import { audienceOf, resourceOf, type ResourceRow, type Standing, standingOf } from "../records/record-resource.ts";
import { fieldsFor } from "../records/types/mask.ts";
import type { RecordType } from "../records/types/record-type.ts";
import { recordTypes } from "../records/types/record-types.ts";
import { validateRecord } from "../records/types/validate.ts";
import { evidenceOf, judgementOf, type JudgedRecord, originOf } from "../regions/foreign-records.service.ts";
import type { HistoryAnswer, HistoryQuery } from "./history.schemas.ts";
import { liesWithin } from "../regions/area-level.ts";
import { labelOf } from "./labels.ts";

type Entry = HistoryAnswer["records"][number];
type Fields = Readonly<Record<string, Content>>;

/** What the verifier has found out about a record of another region, in the words of our own records. */
interface Known {
  readonly kind: number;
  readonly type: string;
  readonly department: string;
  readonly area: string;
  readonly fields: Fields;
  /** An older receipt may not disclose it: then the day on which it was signed. */
  readonly eventTime: string;
  /** Every step of the verifier passed, but that it may have been superseded since. */
  readonly isProven: boolean;
  /** As the other ledger tells it. */
  readonly supersededBy: Entry["supersededBy"];
}

/**
 * A record of another region as an entry of a history (跨地区), or null: the asker does not see it or did not ask for it.
 * Who sees it is decided as of our own: by its department, its area, and whether the law publishes it. Published is only what is
 * proven and discloses all that our own types state; of anything else the enterprise that brought it sees what its receipt
 * discloses, and nobody else sees anything.
 */
export function foreignEntry(judged: JudgedRecord, query: HistoryQuery, access: Access): Entry | null {
  const known = knownOf(judged);
  const day = query.asOf ?? todayInChina();
  const supersededBy = query.asOf === undefined || isBefore(known, query.asOf) ? known.supersededBy : null;
  if (!isAskedFor(known, supersededBy, query)) return null;
  const type = typeOf(known);
  const row = resourceRowOf(judged.row.subjectId, known);
  const { department, area, kind, subject_id: subject } = row;
  const grant = access.grantFor(type ? resourceOf(row) : { department, area, kind, subject });
  if (!grant) return null;
  const audience = audienceOf(grant);
  if (!type && audience !== "enterprise") return null;
  const fields = type ? fieldsFor(audience, type, known.fields) : known.fields;
  const { recordHash } = evidenceOf(judged.verdict);
  return {
    ...{ id: judged.row.id, kind, type: known.type, department, number: textOf(fields.number), version: null },
    ...{ eventTime: known.eventTime, recordHash: String(recordHash), label: labelOf(known.type) },
    ...{ subject, subjectName: textOf(fields.subjectName), status: "final", supersededBy, fields, links: [] },
    anchoredAt: judged.verdict.clocks.anchoredAt,
    ...(type ? standingOf(row, day, { isSuperseded: supersededBy !== null }) : UNPUBLISHED),
    origin: {
      ...originOf(judged.receipt, judged.chain),
      ...judgementOf(judged.verdict),
      attachedAt: judged.row.attachedAt.toISOString(),
    },
  };
}

const UNPUBLISHED: Standing = {
  publication: { published: false, until: null, repairableFrom: null },
  objected: false,
};

function knownOf({ receipt, verdict }: JudgedRecord): Known {
  const { department, kind } = receipt.batch;
  const superseded = verdict.steps.find(({ code }) => code === "SUPERSEDED")?.evidence;
  return {
    ...{
      kind,
      type: String(evidenceOf(verdict).type),
      department,
      area: areaOf(department),
      fields: verdict.disclosed,
    },
    eventTime: verdict.clocks.eventTime ?? todayInChina(verdict.clocks.signedAt! * 1000),
    isProven: verdict.steps.every(({ outcome, code }) => outcome === "passed" || code === "SUPERSEDED"),
    supersededBy: superseded
      ? {
          ...{ record: String(superseded.successor), by: String(superseded.by) },
          ...{ reason: Number(superseded.reason), at: Number(superseded.at) },
        }
      : null,
  };
}

/** The area of the authority with which it is registered stands in a department's credit code (GB 32100-2015, digits 3 to 8). */
function areaOf(department: string): string {
  return department.slice(2, 8);
}

function isBefore({ supersededBy }: Known, day: string): boolean {
  return supersededBy !== null && supersededBy.at * 1000 < endOfDay(day).getTime();
}

function isAskedFor(known: Known, supersededBy: Entry["supersededBy"], query: HistoryQuery): boolean {
  const { kind, type, department, state } = query;
  const isInState =
    state === undefined ||
    (known.isProven && (state === "final" || state === (supersededBy ? "superseded" : "standing")));
  return (
    isInState &&
    (kind ?? known.kind) === known.kind &&
    (type ?? known.type) === known.type &&
    (department ?? known.department) === known.department &&
    liesWithin(known.area, query)
  );
}

/** Our own type, when what the receipt discloses is a whole record of it. */
function typeOf({ type: name, department, fields: { local: _, ...fields } }: Known): RecordType | undefined {
  const type = recordTypes.get(name);
  return type && validateRecord(type, fields, { department }).ok ? type : undefined;
}

function resourceRowOf(
  subject: string,
  { department, area, kind, type, fields, isProven, supersededBy }: Known,
): ResourceRow {
  return {
    ...{ department, area, kind, type, subject_type: "uscc", subject_id: subject, fields },
    ...{ status: isProven ? "final" : "submitted", is_superseded: supersededBy !== null },
    ...{ is_erased: false, repaired_at: null, is_objected: false },
  };
}

/** What an older receipt does not disclose is as if masked. */
function textOf(value: Content | undefined): string {
  return typeof value === "string" ? value : "***";
}
