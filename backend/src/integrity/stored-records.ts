import type { Hex, PublicJwk } from "@quanlian/proof";
import { Injectable } from "@nestjs/common";
import { DataSource } from "typeorm";
import { toHex } from "../database/bytea.ts";
import { RowSeals } from "../database/row-seals.ts";
import type { Erasure } from "../erasure/erasure.entity.ts";
import { ERASURE, sealedErasure } from "../erasure/erasure-seal.ts";
import { HostedKey } from "../departments/hosted-key.entity.ts";
import { PersonalFields, type StoredParts } from "../personal/personal-fields.ts";
import { RECORD, sealedColumns } from "../records/record-seal.ts";
import type { Link } from "../records/types/record-type.ts";
import { type Stream, StreamKeys } from "../subjects/stream-keys.service.ts";
import { SubjectIndex } from "../subjects/subject-index.ts";
import type { Depth } from "./integrity-run.entity.ts";
import type { Means, StoredRecord } from "./record-checks.ts";

interface LinkRow {
  readonly record: string;
  readonly position: number;
  readonly rel: Link["rel"];
  readonly target_hash: Buffer | null;
  readonly target_department: string | null;
  readonly target_number: string | null;
}

type RecordColumns = Record<string, unknown> & StoredParts;

/** Stream keys remembered: some 250 bytes each. */
const DERIVED = 25_000;

const COLUMNS = `r.*, p.record_hash as previous_hash, s.department as superseding_department,
    s.record_hash as superseded_hash, s.successor, s.by as superseding, to_jsonb(e) as erasure, e.erased_at, e.seal as erasure_seal from record r
  left join record p on r.version > 1
    and (p.department, p.type, p.number) = (r.department, r.type, r.number) and p.version = r.version - 1
  left join supersession s on s.id = r.id
  left join erasure e on e.record = r.id`;

/** Reads whole records, many at a time, and what is needed to re-derive them. */
@Injectable()
export class StoredRecords {
  readonly #derived = new Map<string, Hex>();

  constructor(
    private readonly dataSource: DataSource,
    private readonly streams: StreamKeys,
    private readonly seals: RowSeals,
    private readonly personal: PersonalFields,
    private readonly subjects: SubjectIndex,
  ) {}

  /** The records of a batch, by their place in it. */
  async ofBatch(batch: string): Promise<StoredRecord[]> {
    return (await this.ofBatches([batch])).get(batch) ?? [];
  }

  /** The records of each of some batches, by their place in it. */
  async ofBatches(batches: readonly string[]): Promise<Map<string, StoredRecord[]>> {
    const records = await this.#withLinks(
      await this.dataSource.query(`select ${COLUMNS} where r.batch = any($1) order by r.batch, r.batch_index`, [
        batches,
      ]),
    );
    return Map.groupBy(records, ({ batch }) => batch!);
  }

  /** Records that are not final as of a block, by id. */
  async notFinal(afterId: string, block: number, limit: number): Promise<StoredRecord[]> {
    const rows: RecordColumns[] = await this.dataSource.query(
      `select ${COLUMNS} where r.id in (
         select id from record where batch is null and id > $1
         union all
         select o.id from batch b join record o on o.batch = b.id
           where (b.status <> 'final' or b.block_number > $2) and o.id > $1
         order by id limit $3) order by r.id`,
      [afterId, block, limit],
    );
    return this.#withLinks(rows);
  }

  /** Means to check with, as of now. */
  async means(depth: Depth): Promise<Means> {
    const rows = await this.dataSource.getRepository(HostedKey).findBy({ purpose: "statement" });
    const keys = new Map(rows.map((row) => [row.thumbprint, row.publicKey as unknown as PublicJwk]));
    return {
      statementKey: (thumbprint) => keys.get(thumbprint),
      streamKey: (stream) => this.#derive(stream),
      storedSubject: (subject) => this.subjects.stored(subject),
      alteredErasure: (erasure) => this.seals.altered(ERASURE, sealedErasure(erasure), erasure.seal),
      alteredColumns: (record) => this.seals.altered(RECORD, sealedColumns(record), record.seal),
      depth,
    };
  }

  /** A stream's next record costs no curve work. */
  #derive(stream: Stream): Hex {
    const { subject, kind, year } = stream;
    const name = `${subject.type} ${subject.id} ${kind} ${year}`;
    const key = this.#derived.get(name) ?? this.streams.derive(stream);
    if (this.#derived.size >= DERIVED) this.#derived.clear();
    this.#derived.set(name, key);
    return key;
  }

  async #withLinks(rows: readonly RecordColumns[]): Promise<StoredRecord[]> {
    const links: LinkRow[] = await this.dataSource.query(
      `select * from record_link where record = any($1) order by record, position`,
      [rows.map(({ id }) => id)],
    );
    const byRecord = Map.groupBy(links, ({ record }) => record);
    const opened = await this.personal.open(rows);
    return opened.map((row) => toStored(row, placed(byRecord.get(row.id) ?? [])));
  }
}

/** Each link at its own position: one in a wrong place leaves a hole. */
function placed(rows: readonly LinkRow[]): Link[] {
  const links: Link[] = [];
  for (const row of rows) links[row.position] = toLink(row);
  return links;
}

function toLink({ rel, target_hash, target_department, target_number }: LinkRow): Link {
  return {
    rel,
    ...(target_hash && { record: toHex(target_hash) }),
    ...(target_department !== null && { department: target_department }),
    ...(target_number !== null && { number: target_number }),
  };
}

function toErasure({ erasure, erased_at, erasure_seal }: RecordColumns): NonNullable<StoredRecord["erasure"]> {
  return {
    ...(erasure as Omit<Erasure, "erasedAt" | "seal">),
    erasedAt: erased_at as Date,
    seal: erasure_seal as Buffer,
  };
}

function toStored(row: RecordColumns, links: readonly Link[]): StoredRecord {
  const hex = (name: string): Hex => toHex(row[name] as Buffer);
  return {
    ...(row as unknown as StoredRecord),
    subjectType: row.subject_type as StoredRecord["subjectType"],
    subjectId: row.subject_id as string,
    subjectName: row.subject_name as string,
    otherNumbers: row.other_numbers as string[],
    eventTime: row.event_time as Date,
    signedAt: row.signed_at as Date,
    receivedAt: row.received_at as Date,
    batchIndex: row.batch_index as number | null,
    recordHash: hex("record_hash"),
    streamKey: hex("stream_key"),
    erasure: row.erasure ? toErasure(row) : null,
    previous: row.previous_hash ? hex("previous_hash") : null,
    supersedes: row.successor
      ? {
          department: row.superseding_department as string,
          recordHash: hex("superseded_hash"),
          successor: hex("successor"),
          by: row.superseding as string,
        }
      : null,
    links,
  };
}
