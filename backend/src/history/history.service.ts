import { Injectable } from "@nestjs/common";
import { DataSource } from "typeorm";
import type { Access } from "../access/access.ts";
import { toHex } from "../database/bytea.ts";
import { plannedQuery } from "../database/planned-query.ts";
import { DepartmentsService } from "../departments/departments.service.ts";
import { Refusal } from "../http/refusal.ts";
import { PersonalFields, type StoredParts } from "../personal/personal-fields.ts";
import { endOfDay, instantOf, todayInChina } from "../records/china-time.ts";
import { readUscc } from "../records/fields/uscc.ts";
import {
  audienceOf,
  RESOURCE_COLUMNS,
  RESOURCE_JOINS,
  resourceOf,
  type ResourceRow,
  type Standing,
  standingOf,
  wasObjected,
} from "../records/record-resource.ts";
import { type Audience, fieldsFor } from "../records/types/mask.ts";
import { recordTypes } from "../records/types/record-types.ts";
import { liesWithin } from "../regions/area-level.ts";
import { type Brought, ForeignRecordsService, type JudgedRecord } from "../regions/foreign-records.service.ts";
import { type Place, readCursor, writeCursor } from "./cursor.ts";
import type { HistoryAnswer, HistoryQuery, LinkAnswer } from "./history.schemas.ts";
import { foreignEntry } from "./foreign-entry.ts";
import { Identity } from "./identity.ts";
import { labelOf } from "./labels.ts";
import { Links } from "./links.ts";

interface Row extends ResourceRow, StoredParts {
  readonly number: string;
  readonly version: number;
  readonly event_time: Date;
  readonly record_hash: Buffer;
  readonly block_time: string | null;
  readonly successor: Buffer | null;
  readonly by: string | null;
  readonly reason: number | null;
  readonly superseded_at: string | null;
  /** On the day that is asked about. */
  readonly was_objected: boolean;
}

/** A record and in which capacity the asker sees it. */
interface Own {
  readonly row: Row;
  readonly audience: Audience;
}

type Entry = HistoryAnswer["records"][number];

/** What a page shows next: a record of our own, still to be opened, or one of another region. */
type Seen = { readonly place: Place } & ({ readonly own: Own } | { readonly entry: Entry });

/** Everything on record about an enterprise, of all kinds, in the order in which it happened, as far as the asker may see it. */
@Injectable()
export class History {
  constructor(
    private readonly dataSource: DataSource,
    private readonly links: Links,
    private readonly personal: PersonalFields,
    private readonly identities: Identity,
    private readonly departments: DepartmentsService,
    private readonly foreign: ForeignRecordsService,
  ) {}

  /** @throws Refusal SUBJECT_INVALID, CURSOR_INVALID, CONTENT_UNREADABLE, KMS_UNAVAILABLE */
  async of(code: string, query: HistoryQuery, access: Access): Promise<HistoryAnswer> {
    const subject = readUscc(code);
    if ("fault" in subject) throw new Refusal("SUBJECT_INVALID");
    const { limit, asOf } = query;
    const subjects =
      query.follow === "true" ? await this.identities.lineage(subject.uscc, asOf, access) : [subject.uscc];
    const seen = await this.#seen(subjects, query, access);
    const page = seen.slice(0, limit);
    const entries = await this.#entries(page, asOf, access);
    return {
      subject: { type: "uscc", id: subject.uscc },
      records: page.map((one) => ("entry" in one ? one.entry : entries.get(one.own.row.id)!)),
      next: seen.length > limit ? writeCursor(page.at(-1)!.place) : null,
    };
  }

  /** One more than a page. Reads on past what the asker may not see, so that a short page never tells that there is something. */
  async #seen(subjects: readonly string[], query: HistoryQuery, access: Access): Promise<Seen[]> {
    const wanted = query.limit + 1;
    const [only] = subjects;
    const [whose, sql] = subjects.length === 1 ? [only!, ONE] : [subjects, SEVERAL];
    const departments = await this.#departmentsOf(query);
    const brought = await this.#brought(subjects, query);
    const seen: Seen[] = [];
    for (let place = query.cursor === undefined ? null : readCursor(query.cursor); ;) {
      const rows = await plannedQuery<Row>(this.dataSource, sql, parametersOf(whose, departments, place, query));
      const next = [...rows, ...brought.filter(isAfter(place))].toSorted(inOrder).slice(0, wanted);
      const judged = await this.foreign.judged(next.flatMap((one) => ("at" in one ? one.id : [])));
      for (const one of next) {
        const shown = "at" in one ? foreignOf(judged.get(one.id), query, access) : ownOf(one, access);
        if (shown) seen.push({ place: placeOf(one), ...("row" in shown ? { own: shown } : { entry: shown }) });
      }
      if (next.length < wanted || seen.length >= wanted) return seen.slice(0, wanted);
      place = placeOf(next.at(-1)!);
    }
  }

  /** Records of other regions within the period: known here from when they were brought. They are few. */
  async #brought(subjects: readonly string[], { from, to, asOf }: HistoryQuery): Promise<readonly Brought[]> {
    const all = await this.foreign.brought(subjects, asOf === undefined ? null : endOfDay(asOf));
    return all.filter(
      ({ at }) => (from === undefined || at >= new Date(instantOf(from))) && (to === undefined || at < endOfDay(to)),
    );
  }

  async #entries(page: readonly Seen[], asOf: string | undefined, access: Access): Promise<ReadonlyMap<string, Entry>> {
    const own = await this.#opened(page.flatMap((one) => ("own" in one ? one.own : [])));
    const links = await this.#links(own, access);
    return new Map(
      own.map((one) => {
        const { id } = one.row;
        return [id, { ...toAnswer(one), ...standingThen(one.row, asOf), links: links.get(id) ?? [], origin: null }];
      }),
    );
  }

  /** The departments whose records are asked for; null: of all. */
  async #departmentsOf({ department, area, level }: HistoryQuery): Promise<readonly string[] | null> {
    if (area === undefined && level === undefined) return department === undefined ? null : [department];
    const within = (await this.departments.all()).filter((one) => liesWithin(one.area, { area, level }));
    return within.map(({ uscc }) => uscc).filter((uscc) => (department ?? uscc) === uscc);
  }

  /** Of an erased record the open fields are left: the history of an enterprise stays whole. */
  async #opened(page: readonly Own[]): Promise<Own[]> {
    const rows = await this.personal.open(page.map(({ row }) => row));
    return rows.map((row, i) => ({ row, audience: page[i]!.audience }));
  }

  /** The public is not shown who cites whom. */
  #links(page: readonly Own[], access: Access): Promise<ReadonlyMap<string, LinkAnswer[]>> {
    const known = page.filter(({ audience }) => audience !== "public");
    return this.links.of(
      known.map(({ row }) => row.id),
      access,
    );
  }
}

/** Walks the index of the subject's records by event time; everything else is looked up by key. */
const historyOf = (whose: string) => `
select ${RESOURCE_COLUMNS}, r.id, r.statement, r.personal, r.number, r.version, r.event_time, r.record_hash, b.block_time,
  then_s.successor, then_s.by, then_s.reason, then_s.block_time as superseded_at,
  case when $11::bigint is null then coalesce(about.is_objected, false) else ${wasObjected("$11")} end as was_objected
from record r ${RESOURCE_JOINS}
left join supersession then_s on then_s.id = s.id and ($11::bigint is null or s.block_time < $11)
where r.subject_id ${whose} and r.subject_type = 'uscc' and ($2::smallint is null or r.kind = $2)
  and ($3::timestamptz is null or (r.event_time, r.id) > ($3, $4::uuid))
  and ($6::text is null or r.type = $6) and ($7::text[] is null or r.department = any($7))
  and ($8::timestamptz is null or r.event_time >= $8) and ($9::timestamptz is null or r.event_time < $9)
  and ($11::bigint is null or (b.status = 'final' and b.block_time < $11))
  and case $10::text when 'superseded' then then_s.id is not null
    when 'standing' then b.status = 'final' and then_s.id is null
    else $10 is null or coalesce(b.status, 'received') = $10 end
order by r.event_time, r.id limit $5`;

/** One subject's records lie in the index in their order; several are merged. */
const ONE = historyOf("= $1");
const SEVERAL = historyOf("= any($1)");

function parametersOf(
  whose: string | readonly string[],
  departments: readonly string[] | null,
  place: Place | null,
  query: HistoryQuery,
): unknown[] {
  const { limit, kind, type, from, to, state, asOf } = query;
  return [
    ...[whose, kind ?? null, ...(place ?? [null, null]), limit + 1, type ?? null, departments],
    ...[from ? new Date(instantOf(from)) : null, to ? endOfDay(to) : null, state ?? null],
    asOf ? endOfDay(asOf).getTime() / 1000 : null,
  ];
}

/** As of the day that is asked about. */
function standingThen(row: Row, asOf: string | undefined): Standing {
  if (asOf === undefined) return standingOf(row, todayInChina());
  const isRepaired = row.repaired_at !== null && Number(row.repaired_at) * 1000 < endOfDay(asOf).getTime();
  return standingOf(row, asOf, {
    isFinal: true,
    isSuperseded: row.successor !== null,
    isRepaired,
    isObjected: row.was_objected,
  });
}

/** Undefined: it was taken away meanwhile. */
function foreignOf(judged: JudgedRecord | undefined, query: HistoryQuery, access: Access): Entry | null {
  return judged ? foreignEntry(judged, query, access) : null;
}

function ownOf(row: Row, access: Access): Own | null {
  const grant = access.grantFor(resourceOf(row));
  return grant && { row, audience: audienceOf(grant) };
}

function placeOf(one: Row | Brought): Place {
  return [("at" in one ? one.at : one.event_time).toISOString(), one.id];
}

/** As the database orders instants and ids. */
function inOrder(one: Row | Brought, other: Row | Brought): number {
  return placeOf(one).join() < placeOf(other).join() ? -1 : 1;
}

function isAfter(place: Place | null): (one: Brought) => boolean {
  return (one) => place === null || placeOf(one).join() > place.join();
}

function toAnswer({ row, audience }: Own): Omit<Entry, "links" | "origin" | keyof Standing> {
  const { id, kind, type, department, number, version, status } = row;
  const fields = fieldsFor(audience, recordTypes.get(type)!, row.fields);
  return {
    ...{ id, kind, type, department, number, version, status, fields },
    label: labelOf(type),
    subject: row.subject_id,
    subjectName: fields.subjectName as string,
    eventTime: row.fields.eventTime as string,
    recordHash: toHex(row.record_hash),
    anchoredAt: row.block_time === null ? null : Number(row.block_time),
    supersededBy: row.successor && {
      record: toHex(row.successor),
      by: row.by!,
      reason: row.reason!,
      at: Number(row.superseded_at),
    },
  };
}
