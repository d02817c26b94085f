import { Injectable } from "@nestjs/common";
import { DataSource } from "typeorm";
import type { RecordState } from "../anchoring/batch-state.ts";
import { toHex } from "../database/bytea.ts";
import { Refusal } from "../http/refusal.ts";
import { readUscc } from "../records/fields/uscc.ts";
import { instantOf } from "../records/china-time.ts";
import type { Json } from "../records/types/record-type.ts";
import { labelOf } from "./labels.ts";
import { readCursor, writeCursor } from "./cursor.ts";
import type { HistoryAnswer, HistoryQuery } from "./history.schemas.ts";
import { Links } from "./links.ts";

interface Row {
  readonly id: string;
  readonly kind: number;
  readonly type: string;
  readonly department: string;
  readonly number: string;
  readonly version: number;
  readonly subject_name: string;
  readonly event_time: Date;
  readonly record_hash: Buffer;
  readonly fields: Record<string, Json>;
  readonly status: RecordState;
  readonly block_time: string | null;
  readonly successor: Buffer | null;
  readonly by: string | null;
  readonly reason: number | null;
  readonly superseded_at: string | null;
}

/** Everything on record about an enterprise, of all kinds, in the order in which it happened. */
@Injectable()
export class History {
  constructor(
    private readonly dataSource: DataSource,
    private readonly links: Links,
  ) {}

  /** @throws Refusal SUBJECT_INVALID, CURSOR_INVALID */
  async of(code: string, query: HistoryQuery): Promise<HistoryAnswer> {
    const subject = readUscc(code);
    if ("fault" in subject) throw new Refusal("SUBJECT_INVALID");
    const { limit } = query;
    const rows: Row[] = await this.dataSource.query(HISTORY, parametersOf(subject.uscc, query));
    const page = rows.slice(0, limit);
    const links = await this.links.of(page.map(({ id }) => id));
    const last = page.at(-1);
    return {
      subject: { type: "uscc", id: subject.uscc },
      records: page.map((row) => ({ ...toAnswer(row), links: links.get(row.id) ?? [] })),
      next: rows.length > limit && last ? writeCursor([last.event_time.toISOString(), last.id]) : null,
    };
  }
}

/** Walks the index of the subject's records by event time; everything else is looked up by key. */
const HISTORY = `
select r.*, coalesce(b.status, 'received') as status, b.block_time, s.successor, s.by, s.reason, s.block_time as superseded_at
from record r left join batch b on b.id = r.batch
left join supersession s on s.record_hash = r.record_hash and s.department = r.department and s.status = 'final'
  and ($11::bigint is null or s.block_time < $11)
where r.subject_id = $1 and r.subject_type = 'uscc' and ($2::smallint is null or r.kind = $2)
  and ($3::timestamptz is null or (r.event_time, r.id) > ($3, $4::uuid))
  and ($6::text is null or r.type = $6) and ($7::text is null or r.department = $7)
  and ($8::timestamptz is null or r.event_time >= $8) and ($9::timestamptz is null or r.event_time < $9)
  and ($11::bigint is null or (b.status = 'final' and b.block_time < $11))
  and case $10::text when 'superseded' then s.id is not null
    when 'standing' then b.status = 'final' and s.id is null
    else $10 is null or coalesce(b.status, 'received') = $10 end
order by r.event_time, r.id limit $5`;

function parametersOf(uscc: string, query: HistoryQuery): unknown[] {
  const { limit, cursor, kind, type, department, from, to, state, asOf } = query;
  const place = cursor === undefined ? [null, null] : readCursor(cursor);
  return [
    ...[uscc, kind ?? null, ...place, limit + 1, type ?? null, department ?? null],
    ...[from ? new Date(instantOf(from)) : null, to ? endOf(to) : null, state ?? null],
    asOf ? endOf(asOf).getTime() / 1000 : null,
  ];
}

/** The first instant after a day in China. */
function endOf(day: string): Date {
  return new Date(Date.parse(instantOf(day)) + 86_400_000);
}

function toAnswer(row: Row): Omit<HistoryAnswer["records"][number], "links"> {
  const { id, kind, type, department, number, version, status, fields } = row;
  return {
    ...{ id, kind, type, department, number, version, status, fields },
    label: labelOf(type),
    subjectName: row.subject_name,
    eventTime: fields.eventTime as string,
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
