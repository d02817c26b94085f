import type { RecordState } from "../anchoring/batch-state.ts";
import type { Grant, Resource } from "../access/policy.ts";
import { todayInChina } from "./china-time.ts";
import type { Audience } from "./types/mask.ts";
import type { Day } from "./fields/dates.ts";
import { isPublished, lastPublicDay, type PublicationFacts, repairDay } from "./types/publication.ts";
import type { Json } from "./types/record-type.ts";
import { recordTypes } from "./types/record-types.ts";

/** Whether a record `c` is an objection without a result; one that another version took the place of no longer counts. */
const OPEN_OBJECTION = `c.type = 'credit.objection/1' and c.fields->>'objectionResult' is null
  and not exists (select from supersession n where n.record_hash = c.record_hash and n.department = c.department)`;

/** Whether a credit record `c` is about record `r`, which its link `l` cites. */
const IS_ABOUT = `(l.target_hash = r.record_hash or l.target_number = any(array_append(r.other_numbers, r.number)))
      and l.rel = case c.type when 'credit.repair/1' then 'repair-of' when 'credit.objection/1' then 'objection-to' end
      and coalesce(l.target_department, r.department) = r.department
      and (c.subject_type, c.subject_id) = (r.subject_type, r.subject_id)`;

/**
 * Whether an objection was open at a moment of the past, by what was final on the chain by then: of an objection, its first
 * content, and the version with its result. @param before SQL for Unix seconds of block time
 */
export function wasObjected(before: string): string {
  return `exists (select from record_link l join record c on c.id = l.record join batch cb on cb.id = c.batch
    where ${IS_ABOUT} and c.type = 'credit.objection/1' and c.fields->>'objectionResult' is null
      and cb.status = 'final' and cb.block_time < ${before}
      and not exists (select from supersession n where n.record_hash = c.record_hash and n.department = c.department
        and n.status = 'final' and n.block_time < ${before}))`;
}

/** What the policy needs of a record, as the columns of a query over `record r` that ends with {@link RESOURCE_JOINS}. */
export const RESOURCE_COLUMNS = `r.department, d.area, r.kind, r.type, r.subject_type, r.subject_id, r.fields,
  coalesce(length(r.personal) = 0, false) as is_erased,
  coalesce(b.status, 'received') as status, s.successor is not null as is_superseded, about.repaired_at,
  coalesce(about.is_objected, false) as is_objected`;

/**
 * What credit records say about it. A repair counts when the department that decided the record has granted it (谁认定、谁修复)
 * and it is final. An objection is open from the moment at which it is put on record until a later version of it states a result.
 */
export const RESOURCE_JOINS = `
  join department d on d.uscc = r.department
  left join batch b on b.id = r.batch
  left join supersession s on s.record_hash = r.record_hash and s.department = r.department and s.status = 'final'
  left join lateral (
    select min(cb.block_time) filter (where c.type = 'credit.repair/1' and c.department = r.department
        and cb.status = 'final' and c.fields->>'repairDecision' = '准予修复') as repaired_at,
      bool_or(${OPEN_OBJECTION}) as is_objected
    from record_link l join record c on c.id = l.record left join batch cb on cb.id = c.batch
    where ${IS_ABOUT}
  ) about on true`;

export interface ResourceRow {
  readonly department: string;
  readonly area: string;
  readonly kind: number;
  readonly type: string;
  readonly subject_type: "uscc" | "person";
  readonly subject_id: string;
  readonly fields: Readonly<Record<string, Json>>;
  readonly status: RecordState;
  readonly is_erased: boolean;
  readonly is_superseded: boolean;
  /** Block time, Unix seconds. */
  readonly repaired_at: string | null;
  readonly is_objected: boolean;
}

export function resourceOf(row: ResourceRow): Resource {
  const type = recordTypes.get(row.type);
  return {
    department: row.department,
    area: row.area,
    kind: row.kind,
    ...(row.subject_type === "uscc" && { subject: row.subject_id }),
    published: type !== undefined && !row.is_erased && isPublished(type, factsOf(row), todayInChina()),
  };
}

function factsOf(row: ResourceRow): PublicationFacts {
  return {
    ...{ department: row.department, area: row.area, subjectType: row.subject_type, fields: row.fields },
    isFinal: row.status === "final",
    isSuperseded: row.is_superseded,
    isRepaired: row.repaired_at !== null,
  };
}

/** How a record stands with the public, and whether every display of it must carry the mark of an objection (异议标注). */
export interface Standing {
  readonly publication: {
    readonly published: boolean;
    /** The last day of publication, or `indefinite`; null: it is not published at all. */
    readonly until: Day | null;
    /** Of a record of dishonesty, the first day on which its repair may be granted. */
    readonly repairableFrom: Day | null;
  };
  readonly objected: boolean;
}

/** @param then what is otherwise on the day that is asked about */
export function standingOf(
  row: ResourceRow,
  day: Day,
  { isObjected = row.is_objected, ...then }: Partial<PublicationFacts> & { readonly isObjected?: boolean } = {},
): Standing {
  const type = recordTypes.get(row.type)!;
  const facts = { ...factsOf(row), ...then };
  const published = isPublished(type, facts, day);
  const until = lastPublicDay(type, facts, day);
  const repairableFrom = repairDay(type, facts, day);
  return { publication: { published, until, repairableFrom }, objected: isObjected };
}

/** How much of a record whoever has this grant may see. */
export function audienceOf({ role }: Grant): Audience {
  switch (role) {
    case "department-officer":
    case "department-reviewer":
    case "department-system":
      return "department";
    case "regulator":
    case "enterprise":
      return role;
    default:
      return "public";
  }
}
