import { Injectable } from "@nestjs/common";
import { DataSource } from "typeorm";
import type { Access } from "../access/access.ts";
import { AccessLog } from "../access/access-log.ts";
import type { Grant } from "../access/policy.ts";
import type { RecordState } from "../anchoring/batch-state.ts";
import { toHex } from "../database/bytea.ts";
import type { Department } from "../departments/department.entity.ts";
import { DepartmentsService } from "../departments/departments.service.ts";
import { readCursor, writeCursor } from "../history/cursor.ts";
import { Refusal } from "../http/refusal.ts";
import { PersonalFields, type StoredParts } from "../personal/personal-fields.ts";
import { readDocumentNumber } from "../records/fields/document-number.ts";
import { readUscc } from "../records/fields/uscc.ts";
import { audienceOf } from "../records/record-resource.ts";
import { type Audience, fieldsFor } from "../records/types/mask.ts";
import { recordTypes } from "../records/types/record-types.ts";
import { liesWithin } from "../regions/area-level.ts";
import { containing, foldedName, searchQuery, type Search } from "./search-query.ts";
import type { Conditions, FoundRecord, SearchAnswer, SearchQuery } from "./search.schemas.ts";

/**
 * With more subjects of a name than this, walking through time meets a page of them sooner than looking each one up: of
 * 50,000 subjects with 20 records each, both pass by some 30,000 records.
 */
const MANY_SUBJECTS = 1_500;

interface Row extends StoredParts {
  readonly record_hash: Buffer;
  readonly type: string;
  readonly kind: number;
  readonly department: string;
  readonly subject_type: "uscc" | "person";
  readonly subject_id: string;
  readonly subject_name: string;
  readonly number: string;
  readonly version: number;
  readonly event_time: Date;
  readonly event_day: string;
  readonly status: RecordState;
  readonly block_time: string | null;
}

/** A record that the asker may see, and in which role. */
export interface Hit {
  readonly row: Row;
  readonly grant: Grant;
}

/** Finds records by what people know of them. */
@Injectable()
export class RecordSearch {
  constructor(
    private readonly dataSource: DataSource,
    private readonly departments: DepartmentsService,
    private readonly log: AccessLog,
    private readonly personal: PersonalFields,
  ) {}

  /** What the asker may find. @throws Refusal TYPE_UNKNOWN, SUBJECT_INVALID, CURSOR_INVALID */
  async page(query: SearchQuery, access: Access): Promise<SearchAnswer> {
    const { hits, next } = await this.hits(query, access);
    const persons = await this.personal.open(hits.map(({ row }) => row).filter(isAboutPerson));
    const opened = new Map(persons.map((row) => [row.id, row]));
    return { records: hits.map(({ row, grant }) => found(opened.get(row.id) ?? row, grant)), next };
  }

  /** One page, as it lies in the database, in the log of reading already. @throws Refusal as {@link page} */
  async hits(
    { limit, cursor, ...conditions }: SearchQuery,
    access: Access,
  ): Promise<{ hits: Hit[]; next: string | null }> {
    const departments = await this.departments.all();
    const areas = new Map(departments.map(({ uscc, area }) => [uscc, area]));
    const grantOf: GrantOf = (department, kind, subject) => {
      const area = areas.get(department);
      return access.grantFor({
        department,
        kind,
        ...(area !== undefined && { area }),
        ...(subject !== undefined && { subject }),
      });
    };
    const search = await this.#settled(conditions, limit + 1, reachable(departments, conditions, access, grantOf));
    const { text, values } = searchQuery({ ...search, ...(cursor !== undefined && { after: readCursor(cursor) }) });
    const rows: Row[] = await this.dataSource.query(text, [...values]);
    const page = rows.slice(0, limit);
    const last = page.at(-1);
    const next = rows.length > limit && last ? writeCursor([last.event_time.toISOString(), last.id]) : null;
    const hits = page.flatMap((row) => {
      const grant = grantOf(row.department, row.kind, row.subject_type === "uscc" ? row.subject_id : undefined);
      return grant ? [{ row, grant }] : [];
    });
    await this.log.appendAbout(
      access,
      hits.flatMap(({ row, grant }) => (row.subject_type === "uscc" ? [[row.subject_id, grant.role]] : [])),
    );
    return { hits, next };
  }

  async #settled(
    { number, subject, name, type, kind, department: _, area: __, level: ___, ...rest }: Conditions,
    limit: number,
    reach: Reachable,
  ): Promise<Search> {
    return {
      ...rest,
      ...reach,
      ...(number !== undefined && { number: normalised(number) }),
      ...(subject !== undefined && { subject: uscc(subject) }),
      ...(name !== undefined && (await this.#subjectsNamed(name))),
      types: typesOf(type, kind),
      limit,
    };
  }

  async #subjectsNamed(part: string): Promise<Pick<Search, "name" | "subjects">> {
    const name = foldedName(part);
    if ([...name].length < 2) throw new Refusal("INVALID_PARAMETER");
    const rows: { subject_id: string }[] = await this.dataSource.query(
      `select subject_id from subject_name where bigrams @> bigrams($1) and folded like $2 limit $3`,
      [name, containing(name), MANY_SUBJECTS + 1],
    );
    if (rows.length > MANY_SUBJECTS) return { name };
    return { name, subjects: [...new Set(rows.map(({ subject_id }) => subject_id))] };
  }
}

/** As the number would have been put on record; what is no document number finds nothing. */
function normalised(number: string): string {
  const reading = readDocumentNumber(number);
  return reading.fault ? number : reading.number;
}

/** @throws Refusal SUBJECT_INVALID */
function uscc(code: string): string {
  const subject = readUscc(code);
  if ("fault" in subject) throw new Refusal("SUBJECT_INVALID");
  return subject.uscc;
}

/** @throws Refusal TYPE_UNKNOWN */
function typesOf(type: string | undefined, kind: number | undefined): string[] {
  if (type !== undefined && !recordTypes.has(type))
    throw new Refusal("TYPE_UNKNOWN", { facts: { types: [...recordTypes.keys()] } });
  const all = [...recordTypes.values()].filter((one) => kind === undefined || one.kind === kind);
  return all.map((one) => one.type).filter((one) => type === undefined || one === type);
}

/** In which role the asker sees what a department decided of a kind about a subject; null: not at all. */
type GrantOf = (department: string, kind: number, subject?: string) => Grant | null;

/** Where the asker's records lie: with which departments, about whom; what is left out does not narrow. */
type Reachable = Pick<Search, "departments" | "about">;

const KINDS = [1, 2, 3, 4, 5];

/** An enterprise finds what is about itself, of all departments; others what is of departments of which they may see any kind. */
function reachable(
  all: readonly Department[],
  { department, ...territory }: Conditions,
  { insider, principal }: Access,
  grantOf: GrantOf,
): Reachable {
  const about = insider?.role === "enterprise" ? principal.subjects : undefined;
  const isSeen = (uscc: string) =>
    KINDS.some((kind) => (about ?? [undefined]).some((subject) => grantOf(uscc, kind, subject) !== null));
  const open = all.filter(
    ({ uscc, area }) => (department ?? uscc) === uscc && liesWithin(area, territory) && isSeen(uscc),
  );
  return {
    ...(open.length < all.length && { departments: open.map(({ uscc }) => uscc) }),
    ...(about && { about }),
  };
}

/** What is personal is read for persons only: of organisations a hit shows nothing that is. */
function isAboutPerson({ subject_type }: Row): boolean {
  return subject_type === "person";
}

/** A row as the asker may see it: persons as their audience may know them, and nobody where they were erased. */
function found(row: Row, grant: Grant): FoundRecord {
  const { id, status, type, kind, department, number, version } = row;
  return {
    ...{ id, status, type, kind, department, number, version },
    ...subjectOf(row, audienceOf(grant)),
    recordHash: toHex(row.record_hash),
    eventTime: row.event_day,
    anchoredAt: row.block_time === null ? null : Number(row.block_time),
  };
}

function subjectOf(row: Row, audience: Audience): Pick<FoundRecord, "subject" | "subjectName"> {
  const { subject_type: type, subject_id: id, subject_name, fields } = row;
  if (type === "uscc") return { subject: { type, id }, subjectName: subject_name };
  const { subject, subjectName } = fields;
  if (subject === undefined || subjectName === undefined) return NOBODY;
  const shown = fieldsFor(audience, recordTypes.get(row.type)!, { subject, subjectName });
  return shown as unknown as Pick<FoundRecord, "subject" | "subjectName">;
}

const NOBODY = { subject: { type: "person", id: "***" }, subjectName: "***" } as const;
