import type { Hex } from "@quanlian/proof";
import { Injectable } from "@nestjs/common";
import { DataSource } from "typeorm";
import type { Access } from "../access/access.ts";
import { Resources } from "../access/resources.ts";
import { toHex } from "../database/bytea.ts";
import { plannedQuery } from "../database/planned-query.ts";
import { readCursor, writeCursor } from "./cursor.ts";
import type { BrokenLinksAnswer, BrokenLinksQuery, LinkAnswer, RecordBrief } from "./history.schemas.ts";
import { relationLabel } from "./labels.ts";

/** A record as both ends of a link show it. */
const BRIEF = `'id', t.id, 'kind', t.kind, 'type', t.type, 'department', t.department, 'number', t.number,
  'version', t.version, 'eventTime', t.fields->>'eventTime', 'recordHash', '0x' || encode(t.record_hash, 'hex')`;

/**
 * Which records answer a citation `l` that stands in record `c`: the one with the cited hash; or, by number, those of the
 * cited department, else those about the same subject, that carry it as their own or among their other numbers. Of
 * several versions the latest answers.
 */
const ANSWERS = `
  select t.* from record t where t.record_hash = l.target_hash
  union all
  (select distinct on (t.department, t.type, t.number) t.* from (
     select * from record where number = l.target_number
     union
     select * from record where other_numbers <> '{}' and other_numbers @> array[l.target_number]
   ) t
   where t.id <> c.id and case when l.target_department is null
     then (t.subject_type, t.subject_id) = (c.subject_type, c.subject_id) else t.department = l.target_department end
   order by t.department, t.type, t.number, t.version desc)`;

/** What each of these records cites. */
const OUTGOING = `
select l.record, l.rel, l.target_hash, l.target_department, l.target_number, coalesce(a.records, '[]') as records
 from record_link l join record c on c.id = l.record
 cross join lateral (select json_agg(json_build_object(${BRIEF})) as records from (${ANSWERS}) t) a
 where l.record = any($1) order by l.record, l.position`;

/** The other way round: citations whose answer is one of these records. */
const INCOMING = `
select r.id as record, l.rel, l.target_hash, l.target_department, l.target_number,
   json_build_array(json_build_object(${BRIEF})) as records
 from record r
 cross join lateral (
   select * from record_link where target_hash = r.record_hash
   union all
   select * from record_link where target_number = any(array_append(r.other_numbers, r.number))
 ) l
 join record t on t.id = l.record
 where r.id = any($1) and t.id <> r.id and (l.target_hash is not null or case when l.target_department is null
   then (t.subject_type, t.subject_id) = (r.subject_type, r.subject_id) else r.department = l.target_department end)
 order by r.id, t.event_time, t.id`;

interface Citation {
  readonly rel: string;
  readonly target_hash: Buffer | null;
  readonly target_department: string | null;
  readonly target_number: string | null;
}

interface Row extends Citation {
  readonly record: string;
  readonly records: RecordBrief[];
}

interface BrokenRow extends Citation {
  readonly brief: RecordBrief;
  readonly received_at: Date;
}

interface LinkOf {
  readonly record: string;
  readonly link: LinkAnswer;
}

/** Resolves citations both ways. Links lie inside the statements; nothing about their resolution is stored. */
@Injectable()
export class Links {
  constructor(
    private readonly dataSource: DataSource,
    private readonly resources: Resources,
  ) {}

  /** The links of many records, by record: what each cites, then what cites it, with the ends that the asker may see. */
  async of(ids: readonly string[], access: Access): Promise<ReadonlyMap<string, LinkAnswer[]>> {
    const [outgoing, incoming] = await Promise.all([this.#outgoing(ids), this.#incoming(ids)]);
    const links = [
      ...outgoing.map((row) => ({ record: row.record, link: toLink(row, "cites") })),
      ...incoming.map((row) => ({ record: row.record, link: toLink(row, "citedBy") })),
    ];
    const grouped = Map.groupBy(await this.#seen(links, access), ({ record }) => record);
    return new Map([...grouped].map(([record, group]) => [record, group.map(({ link }) => link)]));
  }

  /** A citation stands in a record that is seen anyway; that an unseen record cites it is not told. */
  async #seen(links: readonly LinkOf[], access: Access): Promise<LinkOf[]> {
    const ends = links.flatMap(({ link }) => link.records.map(({ id }) => id));
    const resources = await this.resources.findAll("record", ends);
    const isSeen = ({ id }: RecordBrief) => access.grantFor(resources.get(id)!) !== null;
    return links
      .map(({ record, link }) => ({ record, link: { ...link, records: link.records.filter(isSeen) } }))
      .filter(({ link: { direction, records } }) => direction === "cites" || records.length > 0);
  }

  /** Citations in records of a department that nothing answers, the oldest first. @throws Refusal CURSOR_INVALID */
  async broken(department: string, { limit, cursor }: BrokenLinksQuery): Promise<BrokenLinksAnswer> {
    const place = cursor === undefined ? [null, null] : readCursor(cursor);
    const rows: BrokenRow[] = await this.dataSource.query(
      `select l.rel, l.target_hash, l.target_department, l.target_number, c.received_at,
         (select json_build_object(${BRIEF}) from record t where t.id = c.id) as brief
       from record c join record_link l on l.record = c.id
       where c.department = $1 and ($2::timestamptz is null or (c.received_at, c.id) > ($2, $3::uuid))
         and not exists (${ANSWERS})
       order by c.received_at, c.id, l.position limit $4`,
      [department, ...place, limit + 1],
    );
    const whole = rows.length <= limit ? rows : wholeRecords(rows);
    const last = whole.at(-1);
    return {
      links: whole.map((row) => ({
        ...{ record: row.brief, rel: row.rel, label: relationLabel(row.rel), cited: citedIn(row) },
        receivedAt: row.received_at.toISOString(),
      })),
      next: whole.length < rows.length && last ? writeCursor([last.received_at.toISOString(), last.brief.id]) : null,
    };
  }

  #outgoing(ids: readonly string[]): Promise<Row[]> {
    return plannedQuery(this.dataSource, OUTGOING, [ids]);
  }

  #incoming(ids: readonly string[]): Promise<Row[]> {
    return plannedQuery(this.dataSource, INCOMING, [ids]);
  }
}

/** Without the last record, whose other links may lie on the next page; a page of one record alone is kept. */
function wholeRecords(rows: readonly BrokenRow[]): readonly BrokenRow[] {
  const last = rows.at(-1)!.brief.id;
  const before = rows.filter(({ brief }) => brief.id !== last);
  return before.length > 0 ? before : rows;
}

function toLink(row: Row, direction: LinkAnswer["direction"]): LinkAnswer {
  return { rel: row.rel, label: relationLabel(row.rel), direction, cited: citedIn(row), records: row.records };
}

function citedIn({ target_hash, target_department, target_number }: Citation): LinkAnswer["cited"] {
  const record: Hex | null = target_hash && toHex(target_hash);
  return {
    ...(record && { record }),
    ...(target_department !== null && { department: target_department }),
    ...(target_number !== null && { number: target_number }),
  };
}
