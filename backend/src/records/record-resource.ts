import type { RecordState } from "../anchoring/batch-state.ts";
import type { Grant, Resource } from "../access/policy.ts";
import { todayInChina } from "./china-time.ts";
import type { Audience } from "./types/mask.ts";
import { isPublished } from "./types/publication.ts";
import type { Json } from "./types/record-type.ts";
import { recordTypes } from "./types/record-types.ts";

/** What the policy needs of a record, as the columns of a query over `record r` that ends with {@link RESOURCE_JOINS}. */
export const RESOURCE_COLUMNS = `r.department, d.area, r.kind, r.type, r.subject_type, r.subject_id, r.fields,
  coalesce(b.status, 'received') as status, s.successor is not null as is_superseded, repair.id is not null as is_repaired`;

/** A repair counts when the department that decided the record has granted it (谁认定、谁修复) and it is final. */
export const RESOURCE_JOINS = `
  join department d on d.uscc = r.department
  left join batch b on b.id = r.batch
  left join supersession s on s.record_hash = r.record_hash and s.department = r.department and s.status = 'final'
  left join lateral (
    select c.id from record_link l join record c on c.id = l.record join batch cb on cb.id = c.batch
    where (l.target_hash = r.record_hash or l.target_number = any(array_append(r.other_numbers, r.number)))
      and l.rel = 'repair-of' and c.type = 'credit.repair/1' and cb.status = 'final'
      and c.department = r.department and (c.subject_type, c.subject_id) = (r.subject_type, r.subject_id)
      and c.fields->>'repairDecision' = '准予修复'
    limit 1
  ) repair on true`;

export interface ResourceRow {
  readonly department: string;
  readonly area: string;
  readonly kind: number;
  readonly type: string;
  readonly subject_type: "uscc" | "person";
  readonly subject_id: string;
  readonly fields: Readonly<Record<string, Json>>;
  readonly status: RecordState;
  readonly is_superseded: boolean;
  readonly is_repaired: boolean;
}

export function resourceOf(row: ResourceRow): Resource {
  const type = recordTypes.get(row.type);
  const facts = {
    subjectType: row.subject_type,
    isFinal: row.status === "final",
    isSuperseded: row.is_superseded,
    isRepaired: row.is_repaired,
    fields: row.fields,
  };
  return {
    department: row.department,
    area: row.area,
    kind: row.kind,
    ...(row.subject_type === "uscc" && { subject: row.subject_id }),
    published: type !== undefined && isPublished(type, facts, todayInChina()),
  };
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
