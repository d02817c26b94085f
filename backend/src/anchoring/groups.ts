import type { DataSource } from "typeorm";
import type { Group } from "./batching.ts";

/**
 * Every group of unsealed records, found by skipping from one (department, kind, year) to the next in the index, so
 * that a long backlog costs no more than a short one. A department that an alarm has stopped has none. Ages are by the
 * database's clock, which wrote the times too: a process whose own clock is wrong must not leave records waiting.
 */
const GROUPS = `
with recursive keys as (
  (select department, kind, year from record where batch is null order by department, kind, year limit 1)
  union all
  select n.department, n.kind, n.year from keys k cross join lateral (
    select department, kind, year from record
    where batch is null and (department, kind, year) > (k.department, k.kind, k.year)
    order by department, kind, year limit 1) n
)
select k.department, k.kind, k.year, w.waiting::int as waiting, extract(epoch from now() - w.oldest) * 1000 as age
from keys k join department d on d.uscc = k.department and d.stopped_because is null
cross join lateral (
  select count(*) as waiting, min(received_at) as oldest from (
    select received_at from record
    where batch is null and department = k.department and kind = k.kind and year = k.year order by id limit $1
  ) first) w`;

/** The groups that wait to be sealed, each counted no further than `size`. */
export async function unsealedGroups(dataSource: DataSource, size: number): Promise<Group[]> {
  const rows: (Omit<Group, "age"> & { age: string })[] = await dataSource.query(GROUPS, [size]);
  return rows.map((row) => ({ ...row, age: Number(row.age) }));
}
