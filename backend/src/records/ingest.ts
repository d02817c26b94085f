import { isDeepStrictEqual } from "node:util";
import { type Hex, issueStatement } from "@quanlian/proof";
import { Injectable } from "@nestjs/common";
import { DataSource, type EntityManager } from "typeorm";
import type { RecordState } from "../anchoring/batch-state.ts";
import { bytesArray, textArray } from "../database/arrays.ts";
import { fromHex, toHex } from "../database/bytea.ts";
import { RowSeals } from "../database/row-seals.ts";
import { uuidv7 } from "../database/uuid.ts";
import { DepartmentsService } from "../departments/departments.service.ts";
import type { ErrorCode } from "../errors.ts";
import { Findings } from "../findings/findings.ts";
import { Refusal } from "../http/refusal.ts";
import { Metrics } from "../health/metrics.ts";
import { DataKeys } from "../personal/data-keys.ts";
import {
  type Opened,
  type Openness,
  PersonalFields,
  type SealedParts,
  type StoredParts,
} from "../personal/personal-fields.ts";
import { freshBytes } from "../random.ts";
import { StreamKeys } from "../subjects/stream-keys.service.ts";
import { SubjectIndex } from "../subjects/subject-index.ts";
import { instantOf } from "./china-time.ts";
import { closingRings, lockCitations } from "./link-cycles.ts";
import { RECORD, sealedColumns } from "./record-seal.ts";
import { type Reason, type Superseded, supersessionProblem } from "./supersession-rules.ts";
import { insertSupersessions, lockSuperseded, type NewSupersession } from "./supersessions.ts";
import { decide, type Decision, type StoredVersion } from "./versions.ts";
import { claimsOf, recordTypes } from "./types/record-types.ts";
import type { Json, ValidRecord } from "./types/record-type.ts";

/** A record as its department has signed it. */
export interface Signed {
  readonly statement: string;
  readonly recordHash: Hex;
  /** Unix seconds. */
  readonly signedAt: number;
}

/** One validated record on its way in. */
export interface Incoming {
  readonly record: ValidRecord;
  /** Absent: the platform signs it with the department's hosted key. */
  readonly signed?: Signed;
  /** The client's own name for this request, within the department. */
  readonly idempotencyKey?: string;
  /** Why it takes the place of the record that its link `supersedes` cites; without it only a next version may, as a correction. */
  readonly reason?: Reason;
}

/** What became of it: a new record, one that was there already, or a refusal that changes nothing. */
export type Outcome =
  | {
      readonly outcome: "created" | "repeated";
      readonly id: string;
      readonly recordHash: Hex;
      readonly status: RecordState;
    }
  | { readonly outcome: "refused"; readonly code: "NUMBER_CONFLICT"; readonly stored: Hex; readonly offered: Hex }
  | { readonly outcome: "refused"; readonly code: "SUPERSEDES_UNKNOWN"; readonly latest: Hex | null }
  | { readonly outcome: "refused"; readonly code: "ALREADY_SUPERSEDED"; readonly successor: Hex }
  | { readonly outcome: "refused"; readonly code: PlainRefusal };

type PlainRefusal =
  | "IDEMPOTENCY_KEY_REUSED"
  | "LINK_CYCLE"
  | "REASON_MISSING"
  | "REASON_UNFIT"
  | "RECORD_ERASED"
  | "REVIEW_REQUIRED"
  | "SUPERSEDES_OTHER_SUBJECT";

/** A record that is let in, and what it takes the place of. */
interface Accepted {
  readonly index: number;
  readonly version: number;
  readonly supersedes: { readonly of: Hex; readonly reason: Reason } | null;
}

interface Stored extends StoredVersion {
  readonly openness: Openness;
  readonly status: RecordState;
  readonly statement: string;
  readonly number: string;
  readonly type: string;
  readonly department: string;
}

interface Issued {
  readonly incoming: Incoming;
  readonly index: number;
  readonly id: string;
  readonly version: number;
  /** As it is stored: what is personal is encrypted, and a person is a blind index. */
  readonly parts: SealedParts;
  readonly subjectId: string;
  readonly recordHash: Hex;
  readonly signedAt: number;
  readonly streamKey: Hex;
  readonly receivedAt: Date;
  readonly seal: Buffer;
  readonly supersedes: Accepted["supersedes"];
}

/**
 * Takes validated records in, many at a time, inside the caller's transaction. Every step works on the whole set; the
 * number of queries does not depend on its size.
 */
@Injectable()
export class Ingest {
  readonly #signed = new WeakMap<ValidRecord, Signed>();

  constructor(
    private readonly dataSource: DataSource,
    private readonly departments: DepartmentsService,
    private readonly streams: StreamKeys,
    private readonly metrics: Metrics,
    private readonly findings: Findings,
    private readonly seals: RowSeals,
    private readonly dataKeys: DataKeys,
    private readonly personal: PersonalFields,
    private readonly subjects: SubjectIndex,
  ) {}

  /**
   * To be called before the transaction in which records are taken: makes their data keys ready, and signs what is to be
   * signed here, so that no transaction waits for that. What comes under a number that is on record is mostly sent again, for which nothing
   * is signed; a next version is, in its transaction. @throws Refusal KMS_UNAVAILABLE
   */
  async prepare(all: readonly Incoming[]): Promise<void> {
    await this.dataKeys.prepare();
    const unsigned = all.flatMap(({ record, signed }) => (signed ? [] : [record]));
    const known = await namesOnRecord(unsigned, this.dataSource.manager);
    const fresh = unsigned.filter((record) => !known.has(nameOf(record)));
    // Together, since each asks which key its department signs with today: so they share one question to the database.
    const signed = await Promise.all(fresh.map((record) => this.#signNow(record)));
    fresh.forEach((record, i) => this.#signed.set(record, signed[i]!));
  }

  /** The outcomes are in the order of the input. Records of one document number are taken one after the other. */
  async take(all: readonly Incoming[], manager: EntityManager, importId: string | null = null): Promise<Outcome[]> {
    const outcomes = new Array<Outcome | undefined>(all.length);
    await lockCitations(
      all.map(({ record }) => record),
      manager,
    );
    for (let open = all.map((_, i) => i); open.length > 0; open = open.filter((i) => !outcomes[i]))
      await this.#round(firstOfEachNumber(all, open), all, outcomes, manager, importId);
    for (const outcome of outcomes) this.metrics.recordsTaken.inc({ outcome: outcome!.outcome });
    return outcomes as Outcome[];
  }

  /** What each record would mean beside what is on record; nothing is signed or written. */
  async decisions(records: readonly ValidRecord[], manager: EntityManager): Promise<Decision[]> {
    const stored = await this.#loadVersions(records, manager);
    return records.map((record) => decide(record, stored.get(nameOf(record)) ?? []));
  }

  async #round(
    indexes: readonly number[],
    all: readonly Incoming[],
    outcomes: (Outcome | undefined)[],
    manager: EntityManager,
    importId: string | null,
  ): Promise<void> {
    await this.#answerRepeatedKeys(indexes, all, outcomes, manager);
    const open = indexes.filter((i) => !outcomes[i]);
    const stored = await this.#loadVersions(
      open.map((i) => all[i]!.record),
      manager,
    );
    const accepted = await this.#judge(open, all, stored, outcomes, manager);
    await this.#refuseRings(accepted, all, outcomes, manager);
    const targets = await this.#checkSupersessions(accepted, all, outcomes, manager);
    const admitted = accepted.filter(({ index }) => !outcomes[index]);
    const issued = await this.#issue(admitted, all, importId, manager);
    for (const { index, id, recordHash } of await this.#insert(issued, targets, importId, manager))
      outcomes[index] = { outcome: "created", id, recordHash, status: "received" };
    await insertKeys(all, outcomes, indexes, manager);
  }

  /** What each record means beside what is there. @returns those that are new */
  async #judge(
    open: readonly number[],
    all: readonly Incoming[],
    stored: ReadonlyMap<string, Stored[]>,
    outcomes: (Outcome | undefined)[],
    manager: EntityManager,
  ): Promise<Accepted[]> {
    const accepted: Accepted[] = [];
    for (const index of open) {
      const { record, reason } = all[index]!;
      const versions = stored.get(nameOf(record)) ?? [];
      const decision = decide(record, versions);
      if (decision.outcome === "new") {
        const supersedes = supersededBy(record, reason, versions.at(-1)?.recordHash);
        if (supersedes === "REASON_MISSING") outcomes[index] = { outcome: "refused", code: supersedes };
        else accepted.push({ index, version: decision.version, supersedes });
      } else if (decision.outcome === "conflict")
        outcomes[index] = await this.#refuseConflict(all[index]!, decision.with as Stored, manager);
      else if (decision.outcome === "repeated") outcomes[index] = repeated(decision.of as Stored);
      else outcomes[index] = { outcome: "refused", code: "SUPERSEDES_UNKNOWN", latest: decision.latest };
    }
    return accepted;
  }

  async #answerRepeatedKeys(
    indexes: readonly number[],
    all: readonly Incoming[],
    outcomes: (Outcome | undefined)[],
    manager: EntityManager,
  ): Promise<void> {
    const keyed = indexes.filter((i) => all[i]!.idempotencyKey !== undefined);
    if (keyed.length === 0) return;
    const rows: (StoredRow & { key: string })[] = await manager.query(
      `select k.key, ${STORED} from unnest($1::text[], $2::text[]) as w(department, key)
       join idempotency_key k using (department, key)
       join record r on r.id = k.record left join batch b on b.id = r.batch`,
      [keyed.map((i) => all[i]!.record.department), keyed.map((i) => all[i]!.idempotencyKey)],
    );
    const opened = await this.personal.open(rows, manager);
    const byKey = new Map(opened.map((row) => [`${row.department} ${row.key}`, toStored(row)]));
    for (const index of keyed) {
      const { record, idempotencyKey } = all[index]!;
      const used = byKey.get(`${record.department} ${idempotencyKey}`);
      if (used) outcomes[index] = sameRecord(record, used) ? repeated(used) : REUSED;
    }
  }

  /** Refuses those that may not take the place that they want. @returns the records whose places are taken */
  async #checkSupersessions(
    accepted: readonly Accepted[],
    all: readonly Incoming[],
    outcomes: (Outcome | undefined)[],
    manager: EntityManager,
  ): Promise<ReadonlyMap<Hex, Superseded>> {
    const wanted = accepted.filter(({ supersedes, index }) => supersedes && !outcomes[index]);
    const hashes = wanted.map(({ supersedes }) => supersedes!.of);
    const targets = await lockSuperseded(hashes, manager);
    const departments = await this.departments.byUscc(wanted.map(({ index }) => all[index]!.record.department));
    for (const { index, supersedes } of wanted) {
      const { record } = all[index]!;
      const { of, reason } = supersedes!;
      const capabilities = departments.get(record.department)?.capabilities ?? 0;
      const indexed = { ...record, subject: this.subjects.stored(record.subject) };
      const problem = supersessionProblem({ record: indexed, reason, capabilities }, targets.get(of));
      if (problem) outcomes[index] = refused(problem, targets.get(of)?.successor ?? null);
    }
    return targets;
  }

  async #issue(
    accepted: readonly Accepted[],
    all: readonly Incoming[],
    importId: string | null,
    manager: EntityManager,
  ): Promise<Issued[]> {
    const records = accepted.map(({ index }) => all[index]!.record);
    const keys = await this.streams.keysOf(records, manager);
    const issued: Issued[] = [];
    for (const [i, { index, version, supersedes }] of accepted.entries()) {
      const { record } = all[index]!;
      const { statement, ...signed } = await this.#sign(all[index]!);
      const id = uuidv7();
      const row = { id, version, receivedAt: new Date(), import: importId, streamKey: keys[i]!, ...signed };
      const seal = this.seals.seal(RECORD, sealedColumns({ ...row, statement }));
      const parts = this.personal.seal(id, record.type, { fields: record.fields, statement });
      const { id: subjectId } = this.subjects.stored(record.subject);
      issued.push({ ...row, incoming: all[index]!, index, supersedes, seal, parts, subjectId });
    }
    return issued;
  }

  /** Refuses records that cite what already cites them. */
  async #refuseRings(
    accepted: readonly Accepted[],
    all: readonly Incoming[],
    outcomes: (Outcome | undefined)[],
    manager: EntityManager,
  ): Promise<void> {
    const records = accepted.map(({ index }) => all[index]!.record);
    const indexed = records.map((record) => ({ ...record, subject: this.subjects.stored(record.subject) }));
    for (const i of await closingRings(indexed, manager))
      outcomes[accepted[i]!.index] = { outcome: "refused", code: "LINK_CYCLE" };
  }

  /** What is on record under the numbers of these records. */
  async #loadVersions(records: readonly ValidRecord[], manager: EntityManager): Promise<Map<string, Stored[]>> {
    const rows = await this.personal.open(await versionsOf(records, manager), manager);
    return Map.groupBy(rows.map(toStored), nameOf);
  }

  /** @returns those that were inserted */
  async #insert(
    issued: readonly Issued[],
    targets: ReadonlyMap<Hex, Superseded>,
    importId: string | null,
    manager: EntityManager,
  ): Promise<Issued[]> {
    const taken = await insertRecords(issued, targets, importId, manager);
    const keyed = taken.flatMap(({ id, parts: { key } }) => (key ? [{ owner: id, key }] : []));
    await this.dataKeys.keep(keyed, manager);
    return taken;
  }

  async #sign({ record, signed }: Incoming): Promise<Signed> {
    return signed ?? this.#signed.get(record) ?? this.#signNow(record);
  }

  async #signNow(record: ValidRecord): Promise<Signed> {
    const signedAt = Math.floor(Date.now() / 1000);
    const { type, department, year, fields } = record;
    const signer = await this.departments.statementSigner(department);
    const fieldNames = claimsOf(recordTypes.get(type)!);
    const draft = { type, department, year, fields, fieldNames, signedAt };
    return { ...issueStatement(draft, signer, freshBytes), signedAt };
  }

  /** Two contents under one number: the second is signed too, so that the finding proves itself. */
  async #refuseConflict(incoming: Incoming, stored: Stored, manager: EntityManager): Promise<Outcome> {
    const { record } = incoming;
    if (stored.openness === "erased") return { outcome: "refused", code: "RECORD_ERASED" };
    if (stored.openness === "unreadable") throw new Refusal("CONTENT_UNREADABLE");
    const known = await this.#knownAttempt(record, stored, manager);
    if (known) return { outcome: "refused", code: "NUMBER_CONFLICT", stored: stored.recordHash, offered: known };
    const { statement, recordHash } = await this.#sign(incoming);
    const evidence = { stored: stored.recordHash, offered: recordHash };
    const personal = { storedStatement: stored.statement, statement, fields: record.fields as Json };
    const found = { department: record.department, record: stored.id, fingerprint: `EQUIVOCATION ${recordHash}` };
    await this.findings.record({ code: "EQUIVOCATION", ...found, evidence, personal }, manager);
    return { outcome: "refused", code: "NUMBER_CONFLICT", stored: stored.recordHash, offered: recordHash };
  }

  /** The hash of the same other content, when it was refused before. */
  async #knownAttempt(record: ValidRecord, stored: Stored, manager: EntityManager): Promise<Hex | undefined> {
    const attempts = await this.findings.about(stored.id, "EQUIVOCATION", manager);
    const known = attempts.find(({ personal }) => isDeepStrictEqual(personal.fields, record.fields));
    return known?.evidence.offered as Hex | undefined;
  }
}

/** What a record says that it supersedes, and why: a next version is a correction unless it says otherwise. */
function supersededBy(
  { links }: ValidRecord,
  reason: Reason | undefined,
  latest: Hex | undefined,
): Accepted["supersedes"] | "REASON_MISSING" {
  const cited = links.flatMap(({ rel, record }) => (rel === "supersedes" && record ? [record] : []));
  if (latest && cited.includes(latest)) return { of: latest, reason: reason ?? "correction" };
  const [of] = cited;
  if (of === undefined) return null;
  return reason === undefined ? "REASON_MISSING" : { of, reason };
}

function refused(code: ErrorCode, successor: Hex | null): Outcome {
  if (code === "ALREADY_SUPERSEDED") return { outcome: "refused", code, successor: successor! };
  if (code === "SUPERSEDES_UNKNOWN") return { outcome: "refused", code, latest: null };
  return { outcome: "refused", code: code as PlainRefusal };
}

const REUSED: Outcome = { outcome: "refused", code: "IDEMPOTENCY_KEY_REUSED" };

const STORED = `r.id, r.department, r.type, r.number, r.version, r.record_hash, r.fields, r.statement, r.personal, coalesce(b.status, 'received') as status`;

interface StoredRow extends StoredParts {
  readonly department: string;
  readonly type: string;
  readonly number: string;
  readonly version: number;
  readonly record_hash: Buffer;
  readonly status: RecordState;
}

function toStored({ record_hash, ...row }: Opened<StoredRow>): Stored {
  return { ...row, recordHash: toHex(record_hash) };
}

function repeated({ id, recordHash, status }: Stored): Outcome {
  return { outcome: "repeated", id, recordHash, status };
}

function sameRecord(record: ValidRecord, stored: Stored): boolean {
  return nameOf(record) === nameOf(stored) && isDeepStrictEqual(record.fields, stored.fields);
}

function nameOf({ department, type, number }: { department: string; type: string; number: string }): string {
  return `${department} ${type} ${number}`;
}

/**
 * A set must not meet itself: of records with the same number, the same key or the same record to supersede, only the first goes
 * into a round, and what cites a number of the round waits for the next one.
 */
function firstOfEachNumber(all: readonly Incoming[], open: readonly number[]): number[] {
  const seen = new Set<string>();
  return open.filter((i) => {
    const { record, idempotencyKey } = all[i]!;
    const names = [
      nameOf(record),
      ...(idempotencyKey === undefined ? [] : [`${record.department} #${idempotencyKey}`]),
      ...record.links.flatMap(({ rel, record: hash }) => (rel === "supersedes" && hash ? [hash] : [])),
    ];
    const cited = record.links.flatMap(({ number }) => (number === undefined ? [] : [`number ${number}`]));
    const isFirst = ![...names, ...cited].some((name) => seen.has(name));
    for (const name of [...names, ...numbersOf(record)]) seen.add(name);
    return isFirst;
  });
}

function numbersOf({ number, otherNumbers }: ValidRecord): string[] {
  return [number, ...otherNumbers].map((one) => `number ${one}`);
}

/**
 * What is stored under the names of these records. Looked up by number, fenced with `offset 0`: while the table has no
 * statistics yet, the planner would take an index that makes it read all records of the department.
 */
function versionsOf(records: readonly ValidRecord[], manager: EntityManager): Promise<StoredRow[]> {
  return manager.query(
    `select ${STORED} from unnest($1::text[], $2::text[], $3::text[]) as w(department, type, number)
     cross join lateral (
       select * from record where number = w.number and department = w.department offset 0
     ) r left join batch b on b.id = r.batch where r.type = w.type order by r.version`,
    [records.map((r) => r.department), records.map((r) => r.type), records.map((r) => r.number)],
  );
}

/** Which of these records' names are on record; looked up as {@link versionsOf} does. */
async function namesOnRecord(records: readonly ValidRecord[], manager: EntityManager): Promise<ReadonlySet<string>> {
  if (records.length === 0) return new Set();
  const rows: { department: string; type: string; number: string }[] = await manager.query(
    `select w.* from unnest($1::text[], $2::text[], $3::text[]) as w(department, type, number)
     cross join lateral (select type from record where number = w.number and department = w.department offset 0) r
     where r.type = w.type`,
    [records.map((r) => r.department), records.map((r) => r.type), records.map((r) => r.number)],
  );
  return new Set(rows.map(nameOf));
}

/** Inserts and returns those that were inserted; one that another process inserted first is left for the next round. */
async function insertRecords(
  issued: readonly Issued[],
  targets: ReadonlyMap<Hex, Superseded>,
  importId: string | null,
  manager: EntityManager,
): Promise<Issued[]> {
  if (issued.length === 0) return [];
  const sorted = issued.toSorted((a, b) => (nameOf(a.incoming.record) < nameOf(b.incoming.record) ? -1 : 1));
  const record = <T>(pick: (record: ValidRecord) => T) => sorted.map(({ incoming }) => pick(incoming.record));
  const texts = (pick: (record: ValidRecord) => string) => textArray(record(pick));
  const rows: { id: string }[] = await manager.query(
    `insert into record (id, type, kind, department, subject_type, subject_id, subject_name, number, other_numbers, version,
       event_time, year, signed_at, fields, statement, record_hash, stream_key, received_at, seal, personal, import)
     select id, type, kind, department, subject_type, subject_id, subject_name, number,
       array(select jsonb_array_elements_text(other_numbers)), version,
       event_time, year, to_timestamp(signed_at), fields::jsonb, statement, record_hash, stream_key, received_at, seal, personal, $21
     from unnest($1::uuid[], $2::text[], $3::smallint[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[],
       $9::jsonb[], $10::int[], $11::timestamptz[], $12::smallint[], $13::bigint[], $14::text[], $15::text[], $16::bytea[],
       $17::bytea[], $18::timestamptz[], $19::bytea[], $20::bytea[]) as i(id, type, kind, department, subject_type, subject_id, subject_name, number, other_numbers, version,
       event_time, year, signed_at, fields, statement, record_hash, stream_key, received_at, seal, personal)
     on conflict (department, type, number, version) do nothing returning id`,
    [
      sorted.map(({ id }) => id),
      texts((r) => r.type),
      record((r) => r.kind),
      texts((r) => r.department),
      texts((r) => r.subject.type),
      textArray(sorted.map(({ subjectId }) => subjectId)),
      texts(({ subject, subjectName }) => (subject.type === "person" ? "" : subjectName)),
      texts((r) => r.number),
      record((r) => JSON.stringify(r.otherNumbers)),
      sorted.map(({ version }) => version),
      record((r) => instantOf(r.eventTime)),
      record((r) => r.year),
      sorted.map(({ signedAt }) => signedAt),
      textArray(sorted.map(({ parts }) => JSON.stringify(parts.fields))),
      textArray(sorted.map(({ parts }) => parts.statement)),
      bytesArray(sorted.map(({ recordHash }) => fromHex(recordHash))),
      bytesArray(sorted.map(({ streamKey }) => fromHex(streamKey))),
      sorted.map(({ receivedAt }) => receivedAt.toISOString()),
      bytesArray(sorted.map(({ seal }) => seal)),
      bytesArray(sorted.map(({ parts }) => parts.personal)),
      importId,
    ],
  );
  const inserted = new Set(rows.map(({ id }) => id));
  const taken = issued.filter(({ id }) => inserted.has(id));
  await insertNames(taken, manager);
  await insertLinks(taken, manager);
  await insertSupersessions(
    taken.flatMap((one) => supersessionOf(one, targets)),
    manager,
  );
  return taken;
}

/** Names by which organisations are found. */
async function insertNames(issued: readonly Issued[], manager: EntityManager): Promise<void> {
  const named = issued.map(({ incoming }) => incoming.record).filter(({ subject }) => subject.type === "uscc");
  if (named.length === 0) return;
  await manager.query(
    `insert into subject_name (subject_id, name)
     select distinct id, name from unnest($1::text[], $2::text[]) as n(id, name)
     where not exists (select from subject_name s where s.subject_id = n.id and s.name = n.name)
     order by id, name on conflict do nothing`,
    [named.map(({ subject }) => subject.id), named.map(({ subjectName }) => subjectName)],
  );
}

async function insertLinks(issued: readonly Issued[], manager: EntityManager): Promise<void> {
  const links = issued.flatMap(({ id, incoming }) =>
    incoming.record.links.map((link, position) => ({ id, position, link })),
  );
  if (links.length === 0) return;
  await manager.query(
    `insert into record_link (record, position, rel, target_hash, target_department, target_number)
     select * from unnest($1::uuid[], $2::smallint[], $3::text[], $4::bytea[], $5::text[], $6::text[])`,
    [
      links.map(({ id }) => id),
      links.map(({ position }) => position),
      links.map(({ link }) => link.rel),
      links.map(({ link }) => (link.record ? fromHex(link.record) : null)),
      links.map(({ link }) => link.department ?? null),
      links.map(({ link }) => link.number ?? null),
    ],
  );
}

function supersessionOf(
  { id, recordHash, supersedes, incoming }: Issued,
  targets: ReadonlyMap<Hex, Superseded>,
): NewSupersession[] {
  if (!supersedes) return [];
  const { department } = targets.get(supersedes.of)!;
  return [{ id, successor: recordHash, by: incoming.record.department, department, ...supersedes }];
}

async function insertKeys(
  all: readonly Incoming[],
  outcomes: readonly (Outcome | undefined)[],
  indexes: readonly number[],
  manager: EntityManager,
): Promise<void> {
  const keyed = indexes.flatMap((i) => {
    const { record, idempotencyKey } = all[i]!;
    const outcome = outcomes[i];
    if (idempotencyKey === undefined || !outcome || outcome.outcome === "refused") return [];
    return [{ department: record.department, key: idempotencyKey, record: outcome.id }];
  });
  if (keyed.length === 0) return;
  await manager.query(
    `insert into idempotency_key (department, key, record) select * from unnest($1::text[], $2::text[], $3::uuid[])
     on conflict do nothing`,
    [keyed.map((k) => k.department), keyed.map((k) => k.key), keyed.map((k) => k.record)],
  );
}
