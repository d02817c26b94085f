import type { Place } from "../history/cursor.ts";
import type { Conditions } from "./search.schemas.ts";

/** A statement of SQL with its parameters. */
export interface Query {
  readonly text: string;
  readonly values: readonly unknown[];
}

/** What to look for, with everything that needs the database or a rule book already settled. */
export interface Search extends Omit<Conditions, "name" | "type" | "kind" | "department" | "area" | "level"> {
  /** The record types that may be found; the time-ordered walk goes through each one's own index. */
  readonly types: readonly string[];
  /** Departments whose records may be found; absent: all. */
  readonly departments?: readonly string[];
  /** Credit codes of enterprises; only what is about them may be found. */
  readonly about?: readonly string[];
  /** Part of a name, folded as the database folds names. */
  readonly name?: string;
  /** The subjects whose names hold it; absent when they are so many that walking through time finds them sooner. */
  readonly subjects?: readonly string[];
  readonly after?: Place;
  readonly limit: number;
}

const COLUMNS = `r.id, r.record_hash, r.type, r.kind, r.department, r.subject_type, r.subject_id, r.subject_name, r.number,
  r.fields, r.statement, r.personal, r.version, r.event_time, r.fields->>'eventTime' as event_day, coalesce(b.status, 'received') as status, b.block_time`;

const LATEST_FIRST = "order by r.event_time desc, r.id desc";

/** A name without what typists vary: width, case, spaces. The database's `folded_name` does the same. */
export function foldedName(name: string): string {
  return name.normalize("NFKC").toLowerCase().replace(/\s+/g, "");
}

/** The pattern of LIKE for texts that hold this one. */
export function containing(text: string): string {
  return `%${text.replace(/[\\%_]/g, "\\$&")}%`;
}

/** Collects parameters, so that a condition is written beside its value. */
class Parameters {
  readonly values: unknown[] = [];

  add(value: unknown): string {
    return `$${this.values.push(value)}`;
  }
}

/**
 * The one statement for a page, by the narrowest index that the conditions offer: a number or a subject is looked up;
 * all else is read in time order from the index of each type (with or without department), a page at most from each.
 *
 * Of many departments only those are read whose latest record is among the latest: where `limit` of them have a later one, none
 * of a department's belongs on the page. So a province with thousands of departments costs one look each and one page's records.
 */
export function searchQuery(search: Search): Query {
  const parameters = new Parameters();
  const narrow = narrowConditions(search, parameters);
  const common = commonConditions(search, parameters);
  const types = parameters.add(search.types);
  const limit = parameters.add(search.limit);
  const from = "from record r left join batch b on b.id = r.batch";
  if (narrow.length > 0) {
    const own = search.departments ? [`r.department = any(${parameters.add(search.departments)})`] : [];
    const where = [...narrow, `r.type = any(${types})`, ...own, ...common].join(" and ");
    return {
      text: `select ${COLUMNS} ${from} where ${where} ${LATEST_FIRST} limit ${limit}`,
      values: parameters.values,
    };
  }
  const where = ["r.type = t.type", ...(search.departments ? ["r.department = t.department"] : []), ...common].join(
    " and ",
  );
  const page = `select ${COLUMNS} ${from} where ${where} ${LATEST_FIRST} limit ${limit}`;
  const parts = search.departments
    ? `(with recursive part as (${typesOfDepartments(parameters.add(search.departments))})
        select t.type, t.department from part t cross join lateral (
          select r.event_time, r.id ${from} where ${where} ${LATEST_FIRST} limit 1
        ) r where t.type = any(${types}) ${LATEST_FIRST} limit ${limit}) t`
    : `unnest(${types}::text[]) as t(type)`;
  return {
    text: `select r.* from ${parts} cross join lateral (${page}) r ${LATEST_FIRST} limit ${limit}`,
    values: parameters.values,
  };
}

/** Each department with each type that it has records of, from one to the next in the index: most have few of all types. */
function typesOfDepartments(departments: string): string {
  const next = (after: string) => `(select min(r.type) from record r where r.department = d.department ${after})`;
  return `select d.department, ${next("")} as type from unnest(${departments}::text[]) as d(department)
    union all select d.department, ${next("and r.type > d.type")} from part d where d.type is not null`;
}

function narrowConditions({ number, subject, subjects, about, status }: Search, parameters: Parameters): string[] {
  const conditions: string[] = [];
  if (number !== undefined) {
    const given = parameters.add(number);
    conditions.push(`(r.number = ${given} or (r.other_numbers <> '{}' and r.other_numbers @> array[${given}]))`);
  }
  if (subject !== undefined) conditions.push(`r.subject_id = ${parameters.add(subject)} and r.subject_type = 'uscc'`);
  for (const codes of [subjects, about])
    if (codes !== undefined)
      conditions.push(`r.subject_id = any(${parameters.add(codes)}) and r.subject_type = 'uscc'`);
  if (status === "received") conditions.push("r.batch is null");
  if (status === "sealed" || status === "submitted")
    conditions.push(`r.batch in (select id from batch where status = ${parameters.add(status)})`);
  return conditions;
}

function commonConditions(search: Search, parameters: Parameters): string[] {
  const { name, from, to, status, after } = search;
  const conditions: string[] = [];
  if (name !== undefined) {
    const part = parameters.add(containing(name));
    // Looked up for each record that the walk passes. A join, or LIKE outside, would have the planner expect few and read all.
    conditions.push(`r.subject_type = 'uscc' and (select s.folded like ${part} from subject_name s
      where s.subject_id = r.subject_id and s.name = r.subject_name)`);
  }
  if (from !== undefined) conditions.push(`r.event_time >= ${parameters.add(`${from}T00:00:00+08:00`)}`);
  if (to !== undefined)
    conditions.push(`r.event_time < ${parameters.add(`${to}T00:00:00+08:00`)}::timestamptz + interval '1 day'`);
  if (status === "final") conditions.push("b.status = 'final'");
  if (after !== undefined)
    conditions.push(
      `(r.event_time, r.id) < (${parameters.add(after[0])}::timestamptz, ${parameters.add(after[1])}::uuid)`,
    );
  return conditions;
}
