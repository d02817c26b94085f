import type { EntityManager } from "typeorm";

// Each writes its messages in the transaction of what it tells, so that neither is there without the other. Payloads hold
// ids and hashes only: whoever receives them fetches the rest through the API, where the policy decides and the log is kept.

/** Whom an act of department `d` on record `r` concerns: it itself, the enterprise, and whoever supervises that kind there. */
const CONCERNED = `case e.owner
  when 'department' then e.code = r.department
  when 'enterprise' then r.subject_type = 'uscc' and e.code = r.subject_id
  when 'regulator' then r.kind = any(e.kinds) and d.area like rtrim_pairs.prefix || '%'
  else false end`;
/** 110000 covers all that begins with 11 (GB/T 2260). */
const COVERED = `cross join lateral (select regexp_replace(e.code, '(00)+$', '') as prefix) rtrim_pairs`;
const TIMESTAMP = `to_char(now() at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;

const message = (event: string, data: string) =>
  `json_build_object('type', ${event}, 'timestamp', ${TIMESTAMP}, 'data', ${data})::text`;
const hex = (column: string) => `'0x' || encode(${column}, 'hex')`;

const FINAL = `
insert into webhook_delivery (id, endpoint, event, payload)
select gen_random_uuid(), e.id, 'records.final', ${message(
  "'records.final'",
  `json_build_object('department', b.department, 'kind', b.kind, 'year', b.year, 'sequence', b.sequence,
    'root', ${hex("b.root")}, 'transactionHash', ${hex("b.transaction_hash")}, 'blockNumber', b.block_number,
    'records', json_agg(json_build_object('id', r.id, 'recordHash', ${hex("r.record_hash")}) order by r.batch_index))`,
)}
from webhook_endpoint e ${COVERED}
join batch b on b.id = any($1)
join department d on d.uscc = b.department
join record r on r.batch = b.id
where e.active and 'records.final' = any(e.events) and ${CONCERNED}
group by e.id, b.id`;

/** Batches have become final: one message a batch and endpoint, with those of its records that concern the endpoint. */
export async function announceFinal(batches: readonly string[], manager: EntityManager): Promise<void> {
  if (batches.length > 0) await manager.query(FINAL, [batches]);
}

const SUPERSEDED = `
insert into webhook_delivery (id, endpoint, event, payload)
select gen_random_uuid(), e.id, t.event, ${message(
  "t.event",
  `json_build_object('record', r.id, 'recordHash', ${hex("s.record_hash")}, 'department', s.department,
    'successor', s.id, 'successorHash', ${hex("s.successor")}, 'by', s.by, 'reason', s.reason)`,
)}
from supersession s
cross join lateral (select case s.reason when 3 then 'record.repaired' else 'record.superseded' end as event) t
join record r on r.record_hash = s.record_hash and r.department = s.department
join department d on d.uscc = s.department
join webhook_endpoint e on e.active and t.event = any(e.events) ${COVERED}
where s.id = any($1) and (${CONCERNED} or (e.owner = 'department' and e.code = s.by))`;

/** Records have been superseded, for good: by their successors' ids. */
export async function announceSuperseded(successors: readonly string[], manager: EntityManager): Promise<void> {
  if (successors.length > 0) await manager.query(SUPERSEDED, [successors]);
}

const FOUND = `
insert into webhook_delivery (id, endpoint, event, payload)
select gen_random_uuid(), e.id, 'finding', ${message(
  "'finding'",
  `json_build_object('finding', f.id, 'code', f.code, 'department', f.department, 'record', f.record)`,
)}
from finding f
left join department d on d.uscc = f.department
join webhook_endpoint e on e.active and 'finding' = any(e.events) ${COVERED}
where f.id = $1 and case e.owner
  when 'operator' then true
  when 'department' then e.code = f.department
  when 'regulator' then d.uscc is null or d.area like rtrim_pairs.prefix || '%'
  else false end`;

/** Something was found: told to operators, to the department, and to whoever supervises its area. */
export async function announceFinding(finding: string, manager: EntityManager): Promise<void> {
  await manager.query(FOUND, [finding]);
}
