import { hash } from "node:crypto";
import type { EntityManager } from "typeorm";
import type { Link, ValidRecord } from "./types/record-type.ts";

/** Group of the advisory locks on document numbers, and how many there are; the last one is for those that may close a ring. */
const NUMBER_LOCKS = 7_204;
const LOCKS = 512;
const CLOSING_LOCK = LOCKS;

/** A record that cites, directly or through others, one that is on its way in. */
interface Citing {
  readonly index: number;
  readonly hash: string;
  readonly department: string;
  readonly subject_type: string;
  readonly subject_id: string;
  readonly numbers: readonly string[];
}

/**
 * Which of these records would close a ring of citations: what they cite already cites them, directly or through others.
 * Only numbers can do that; a hash cannot be cited before it exists. The caller has called {@link lockCitations}.
 */
export async function closingRings(records: readonly ValidRecord[], manager: EntityManager): Promise<Set<number>> {
  const citing = records.map((record, index) => ({ record, index })).filter(({ record }) => record.links.length > 0);
  if (citing.length === 0) return new Set();
  const found: Citing[] = await manager.query(UPSTREAM, [
    citing.map(({ index }) => index),
    citing.map(({ record }) => record.department),
    citing.map(({ record }) => record.subject.type),
    citing.map(({ record }) => record.subject.id),
    citing.map(({ record: { number, otherNumbers } }) => JSON.stringify([number, ...otherNumbers])),
  ]);
  return closingAmong(
    citing,
    Map.groupBy(found, ({ index }) => index),
  );
}

interface Incoming {
  readonly record: ValidRecord;
  readonly index: number;
}

/** In their order: each is judged by what is stored and by those before it that are let in. */
function closingAmong(citing: readonly Incoming[], stored: ReadonlyMap<number, readonly Citing[]>): Set<number> {
  const closing = new Set<number>();
  const citers = citersByName(citing);
  for (const incoming of citing) {
    const isAdmitted = ({ index }: Incoming) => index < incoming.index && !closing.has(index);
    if (upstreamOf(incoming, isAdmitted, citers, stored).some((upstream) => isCited(upstream, incoming.record)))
      closing.add(incoming.index);
  }
  return closing;
}

/** Which of these records cite a number or a hash: in a large set hardly any is cited by another, and all pairs would be many. */
function citersByName(citing: readonly Incoming[]): ReadonlyMap<string, readonly Incoming[]> {
  const citers = new Map<string, Incoming[]>();
  for (const incoming of citing)
    for (const name of incoming.record.links.flatMap(({ record, number }) => [record, number])) {
      if (name === undefined) continue;
      const known = citers.get(name);
      if (known) known.push(incoming);
      else citers.set(name, [incoming]);
    }
  return citers;
}

/** Everything that cites this record, directly or through others, stored or on its way in. */
function upstreamOf(
  start: Incoming,
  isAdmitted: (incoming: Incoming) => boolean,
  citers: ReadonlyMap<string, readonly Incoming[]>,
  stored: ReadonlyMap<number, readonly Citing[]>,
): Citing[] {
  const taken = new Set<Incoming>();
  const reached = [asCiting(start), ...(stored.get(start.index) ?? [])];
  for (const target of reached)
    for (const other of [target.hash, ...target.numbers].flatMap((name) => citers.get(name) ?? []))
      if (!taken.has(other) && isAdmitted(other) && isCited(target, other.record)) {
        taken.add(other);
        reached.push(asCiting(other), ...(stored.get(other.index) ?? []));
      }
  return reached.slice(1);
}

/** It has no hash yet, so that nothing cites it by one. */
function asCiting({ index, record: { department, subject, number, otherNumbers } }: Incoming): Citing {
  const numbers = [number, ...otherNumbers];
  return { index, hash: "", department, subject_type: subject.type, subject_id: subject.id, numbers };
}

/**
 * Keeps rings from being closed by transactions that do not see each other; called once, before a transaction writes anything.
 * Until its end it holds the numbers that its citing records bear and cite: of two records next to each other in a ring, the later
 * transaction sees the earlier. In any ring some transaction is later than both its neighbours, so that it finds itself cited already: such
 * ones, which are rare, wait for each other. The last of them sees the whole ring. The locks are taken in one order, so that nobody waits in a circle.
 */
export async function lockCitations(all: readonly ValidRecord[], manager: EntityManager): Promise<void> {
  const citing = all.filter(({ links }) => links.length > 0);
  if (citing.length === 0) return;
  const borne = citing.flatMap(({ number, otherNumbers }) => [number, ...otherNumbers]);
  const cited = citing.flatMap(({ links }) => links.flatMap(({ number }) => number ?? []));
  const locks = [...new Set([...borne, ...cited].map(lockOf))].sort((a, b) => a - b);
  await manager.query(`select pg_advisory_xact_lock($1, lock) from unnest($2::int[]) as l(lock)`, [
    NUMBER_LOCKS,
    locks,
  ]);
  const [{ found }]: [{ found: boolean }] = await manager.query(
    `select exists (select from record_link where target_number = any($1)) as found`,
    [borne],
  );
  if (found) await manager.query(`select pg_advisory_xact_lock($1, $2)`, [NUMBER_LOCKS, CLOSING_LOCK]);
}

function lockOf(number: string): number {
  return hash("sha256", number, "buffer").readUInt16BE() % LOCKS;
}

function isCited(upstream: Citing, { links, subject }: ValidRecord): boolean {
  const isOfSubject = upstream.subject_type === subject.type && upstream.subject_id === subject.id;
  const isAnswer = ({ record, department, number }: Link) =>
    record === upstream.hash ||
    (number !== undefined &&
      upstream.numbers.includes(number) &&
      (department === undefined ? isOfSubject : department === upstream.department));
  return links.some(isAnswer);
}

/** Each step looks records up by their ids, fenced with `offset 0`: hashed joins would read the whole table for every call. */
const UPSTREAM = `
with recursive incoming as (
  select i.index, i.department, i.subject_type, i.subject_id, array(select jsonb_array_elements_text(i.numbers)) as numbers
  from unnest($1::int[], $2::text[], $3::text[], $4::text[], $5::jsonb[])
    as i(index, department, subject_type, subject_id, numbers)
), upstream as (
  select i.index, t.id from incoming i
  cross join lateral (
    select record, target_department from record_link where target_number = any(i.numbers) offset 0
  ) l
  cross join lateral (select id, subject_type, subject_id from record where id = l.record offset 0) t
  where case when l.target_department is null
    then (t.subject_type, t.subject_id) = (i.subject_type, i.subject_id) else l.target_department = i.department end
  union
  select u.index, t.id from upstream u
  cross join lateral (select * from record where id = u.id offset 0) r
  cross join lateral (
    select record, null as target_department, true as by_hash from record_link where target_hash = r.record_hash
    union all
    select record, target_department, false from record_link
    where target_number = any(array_append(r.other_numbers, r.number))
    offset 0
  ) l
  cross join lateral (select id, subject_type, subject_id from record where id = l.record offset 0) t
  where l.by_hash or case when l.target_department is null
    then (t.subject_type, t.subject_id) = (r.subject_type, r.subject_id) else l.target_department = r.department end
)
select distinct u.index, '0x' || encode(r.record_hash, 'hex') as hash, r.department, r.subject_type, r.subject_id,
  array_append(r.other_numbers, r.number) as numbers
from upstream u
cross join lateral (select * from record where id = u.id offset 0) r`;
