import { hash } from "node:crypto";
import { isDeepStrictEqual } from "node:util";
import {
  type BadStatement,
  type Hex,
  type PublicJwk,
  readStatement,
  type Statement,
  thumbprint,
} from "@quanlian/proof";
import type { Supersession } from "../anchoring/supersession.entity.ts";
import { toHex } from "../database/bytea.ts";
import { kidOf } from "../departments/statement-key.ts";
import { nativeEs256 } from "../native-es256.ts";
import type { Erasure } from "../erasure/erasure.entity.ts";
import type { RecordRow } from "../records/record.entity.ts";
import { instantOf } from "../records/china-time.ts";
import type { Json, Link } from "../records/types/record-type.ts";
import { ERASED_SUBJECT } from "../subjects/subject-index.ts";
import type { Openness } from "../personal/personal-fields.ts";
import { recordTypes } from "../records/types/record-types.ts";
import type { Stream } from "../subjects/stream-keys.service.ts";
import type { Layer } from "./integrity-difference.entity.ts";
import type { Depth } from "./integrity-run.entity.ts";
import { readSealedStatement, type Said } from "./sealed-statement.ts";

/** One thing that is not as it must be; the values are texts, personal ones masked. */
export interface Difference {
  readonly layer: Layer;
  readonly field: string | null;
  readonly stored: string | null;
  readonly expected: string | null;
}

/** A stored record with all that hangs on it. */
export interface StoredRecord extends Pick<RecordRow, keyof RecordRow> {
  /** Whether fields and statement are whole. */
  readonly openness: Openness;
  readonly erasure: Pick<Erasure, keyof Erasure> | null;
  readonly links: readonly Link[];
  /** Record hash of the version before this one, when there is such a record. */
  readonly previous: Hex | null;
  /** What it supersedes, as it is kept for the ledger. */
  readonly supersedes: Pick<Supersession, "department" | "recordHash" | "successor" | "by"> | null;
}

/** What the checks need beside the record. */
export interface Means {
  /** The public statement key that is kept under a thumbprint. */
  readonly statementKey: (thumbprint: Hex) => PublicJwk | undefined;
  readonly streamKey: (stream: Stream) => Hex;
  /** How a subject stands in the columns: a person under a blind index. */
  readonly storedSubject: (subject: Stream["subject"]) => Stream["subject"];
  /** The sealed columns that are not what they were when the record was taken in. */
  readonly alteredColumns: (record: StoredRecord) => string[];
  /** The columns of a note that are not what they were when something was erased. */
  readonly alteredErasure: (erasure: Pick<Erasure, keyof Erasure>) => string[];
  readonly depth: Depth;
}

/**
 * Re-derives one record from its statement, layer by layer, and compares every stored column with what follows from it.
 * A statement that cannot be read ends the walk: nothing below it can be derived. Of one whose personal part does not open the
 * rest is compared.
 */
export function checkRecord(record: StoredRecord, means: Means): Difference[] {
  const sealed = [
    ...checkErasure(record, means),
    ...(record.openness === "unreadable" ? [unopened] : checkSeal(record, means)),
  ];
  const believed = means.depth === "sealed" && sealed.length === 0 ? readSealedStatement(record.statement) : null;
  if (believed) return checkRow(record, believed, means);
  const statement = readOf(record);
  if (!statement.ok)
    return [...sealed, difference("statement", statement.field ?? null, statement.code, "a readable statement")];
  return [
    ...sealed,
    ...checkSignature(statement, means),
    ...checkStreamKey(record, statement, means),
    ...checkRow(record, statement, means),
  ];
}

/** Everything stored beside a statement, compared with what the statement says. */
function checkRow(record: StoredRecord, said: Said, means: Means): Difference[] {
  return [
    ...(record.openness === "open" ? checkDisclosed(record, said) : []),
    ...checkFields(record, said),
    ...unlessEqual("recordHash", null, record.recordHash, said.recordHash),
    ...checkColumns(record, said, means),
    ...checkLinks(record, said),
    ...checkVersion(record, said),
    ...checkSupersedes(record, said),
  ];
}

/** A disclosure taken out beside an encrypted part leaves the others in a wrong order: it is the loss that must be named. */
function readOf({ statement, personal }: StoredRecord): Statement | BadStatement {
  const read = readStatement(statement, nativeEs256);
  if (read.ok || read.code !== "NOT_CANONICAL" || personal === null) return read;
  const [issuerJwt = "", ...disclosures] = statement.slice(0, -1).split("~");
  const digest = (text: string) => hash("sha256", text, "base64url");
  const sorted = disclosures
    .map((text) => ({ text, digest: digest(text) }))
    .sort((a, b) => (a.digest < b.digest ? -1 : 1));
  return readStatement([issuerJwt, ...sorted.map(({ text }) => text), ""].join("~"), nativeEs256);
}

/** The columns that together make the personal part readable. */
const unopened: Difference = {
  layer: "personal",
  field: "id, personal, owner, kek, wrapped",
  stored: "cannot be decrypted",
  expected: "encrypted under the record's own key",
};

function difference(
  layer: Layer,
  field: string | null,
  stored: Json | undefined,
  expected: Json | undefined,
): Difference {
  return { layer, field, stored: shown(stored), expected: shown(expected) };
}

function shown(value: Json | undefined): string | null {
  if (value === undefined) return null;
  return typeof value === "string" ? value : JSON.stringify(value);
}

function isSame(a: unknown, b: unknown): boolean {
  if (a === b || typeof a !== "object") return a === b;
  return (isEmpty(a) && isEmpty(b)) || isDeepStrictEqual(a, b);
}

function isEmpty(value: unknown): boolean {
  return Array.isArray(value) && value.length === 0;
}

/** Values that the seal covers are not repeated: the statement is long and may be personal. It is sealed whole, with its encrypted part. */
function checkSeal(record: StoredRecord, { alteredColumns }: Means): Difference[] {
  const names = alteredColumns(record).map((column) => (column === "statement" ? "statement, personal" : column));
  return names.map((name) => difference("seal", name, "changed", "as it was taken in"));
}

function unlessEqual(layer: Layer, field: string | null, stored: Json, expected: Json): Difference[] {
  return isSame(stored, expected) ? [] : [difference(layer, field, stored, expected)];
}

const COMMON = ["subject", "subjectName", "number", "eventTime", "links"];

/** What every record of a type must have. */
const REQUIRED: ReadonlyMap<string, readonly string[]> = new Map(
  [...recordTypes].map(([type, { fields }]) => {
    const own = fields.filter(({ presence, consumed }) => presence === "required" && !consumed);
    return [type, [...new Set([...COMMON, ...own.map(({ claim }) => claim)])]];
  }),
);

/** A value taken out of the statement leaves a digest that looks like a decoy, but what every record must have is known. */
function checkDisclosed({ type }: StoredRecord, { fields }: Said): Difference[] {
  return (REQUIRED.get(type) ?? COMMON)
    .filter((name) => !Object.hasOwn(fields, name))
    .map((name) => difference("statement", name, "withheld", "disclosed"));
}

function checkFields(record: StoredRecord, { fields }: Said): Difference[] {
  const names = new Set([...Object.keys(fields), ...Object.keys(record.fields)]);
  return [...names]
    .filter((name) => !isSame(fields[name], record.fields[name]))
    .map((name) => masked(record, difference("fields", name, record.fields[name], fields[name])));
}

/** Values that are masked for readers are masked here: the place is named, the person is not. */
function masked(record: StoredRecord, found: Difference): Difference {
  const field = recordTypes.get(record.type)?.fields.find(({ claim }) => claim === found.field);
  const aboutPerson = record.subjectType === "person" && (found.field === "subject" || found.field === "subjectName");
  if (!aboutPerson && (field?.handling.grade ?? 1) < 3) return found;
  return { ...found, stored: found.stored && "***", expected: found.expected && "***" };
}

/** Thumbprint of the key that a statement says it was signed with, or null when it is unreadable. */
export function statementKeyOf(statement: string): Hex | null {
  const header = statement.slice(0, statement.indexOf("."));
  const kid = /"kid":"([\w-]{43})"/.exec(Buffer.from(header, "base64url").toString())?.[1];
  return kid === undefined ? null : toHex(Buffer.from(kid, "base64url"));
}

function checkSignature(statement: Statement, { statementKey }: Means): Difference[] {
  const kid = kidOf(statement);
  const key = statementKey(kid);
  if (!key) return [difference("key", null, undefined, kid)];
  const print = thumbprint(key, nativeEs256);
  if (print !== kid) return [difference("key", null, print, kid)];
  const split = statement.issuerJwt.lastIndexOf(".");
  const signature = Buffer.from(statement.issuerJwt.slice(split + 1), "base64url");
  const good = nativeEs256.verifySignature(key, Buffer.from(statement.issuerJwt.slice(0, split)), signature);
  return good ? [] : [difference("signature", null, "invalid", "valid")];
}

/** The columns that repeat the statement, each with what the statement says. */
function checkColumns(record: StoredRecord, statement: Said, { storedSubject }: Means): Difference[] {
  const { payload, fields, type, kind } = statement;
  const columns: [name: string, stored: Json, expected: Json | undefined][] = [
    ...subjectColumns(record, fields, storedSubject),
    ["type", record.type, type],
    ["kind", record.kind, kind],
    ["department", record.department, payload.iss],
    ["number", record.number, fields.number],
    ["other_numbers", record.otherNumbers, otherNumbers(type, fields)],
    ["event_time", record.eventTime.toISOString(), isoOf(fields.eventTime)],
    ["year", record.year, payload.year],
    ["signed_at", record.signedAt.getTime() / 1000, payload.iat],
  ];
  return columns
    .filter(([, stored, expected]) => !isSame(stored, expected))
    .map(([name, stored, expected]) => {
      const found = difference("columns", name, stored, expected);
      const personal = record.subjectType === "person" && name.startsWith("subject_");
      return personal ? { ...found, stored: "***", expected: "***" } : found;
    });
}

/** Content that is gone must have been erased by somebody, and what was erased must be gone. */
function checkErasure({ openness, erasure }: StoredRecord, { alteredErasure }: Means): Difference[] {
  if (!erasure)
    return openness === "erased"
      ? [difference("erasure", "record, personal", "erased", "a note of who erased it, and why")]
      : [];
  return [
    ...(openness === "erased"
      ? []
      : [difference("erasure", "record, personal", "not erased", "erased, as the note says")]),
    ...alteredErasure(erasure).map((column) => difference("erasure", column, "changed", "as it was noted")),
  ];
}

/** Of a person nothing is left once it was erased; what does not open cannot be compared. */
function subjectColumns(
  { subjectType, subjectId, subjectName, openness }: StoredRecord,
  fields: Statement["fields"],
  storedSubject: Means["storedSubject"],
): [name: string, stored: Json, expected: Json | undefined][] {
  const subject = fields.subject as Stream["subject"] | undefined;
  if (openness === "unreadable" && subject === undefined) return [];
  if (openness === "erased" && subject === undefined)
    return [
      ["subject_type", subjectType, "person"],
      ["subject_id", subjectId, ERASED_SUBJECT],
      ["subject_name", subjectName, ""],
    ];
  return [
    ["subject_type", subjectType, subject?.type],
    ["subject_id", subjectId, subject && storedSubject(subject).id],
    ["subject_name", subjectName, subject?.type === "person" ? "" : fields.subjectName],
  ];
}

function otherNumbers(type: string, fields: Readonly<Record<string, Json>>): Json[] {
  const aliases = (recordTypes.get(type)?.fields ?? []).filter(({ alias }) => alias).map(({ claim }) => fields[claim]);
  return aliases.filter((number) => typeof number === "string" && number !== fields.number) as Json[];
}

function isoOf(eventTime: Json | undefined): string | undefined {
  return typeof eventTime === "string" ? new Date(instantOf(eventTime)).toISOString() : undefined;
}

function checkLinks(record: StoredRecord, { fields }: Said): Difference[] {
  const expected = (fields.links ?? []) as Json;
  return unlessEqual("links", "links", record.links as unknown as Json, expected);
}

function checkStreamKey(
  record: StoredRecord,
  { fields, kind, payload }: Statement,
  { streamKey }: Means,
): Difference[] {
  const subject = fields.subject as Stream["subject"] | undefined;
  if (!subject) return [];
  return unlessEqual("streamKey", null, record.streamKey, streamKey({ subject, kind, year: payload.year }));
}

/** Every version but the first cites, in its statement, the one before it. */
function checkVersion({ version, previous }: StoredRecord, { fields }: Said): Difference[] {
  const links = (fields.links ?? []) as readonly Partial<Link>[];
  const cited = links.filter(({ rel }) => rel === "supersedes").map(({ record }) => record ?? null);
  if (version === 1) return previous === null ? [] : [difference("version", "version", version, undefined)];
  const follows = previous !== null && cited.includes(previous);
  return follows ? [] : [difference("version", "version", version, previous ?? undefined)];
}

/** A later version supersedes the one before it, and what is kept as superseded by this record names this record. */
function checkSupersedes({ version, previous, supersedes }: StoredRecord, statement: Said): Difference[] {
  if (!supersedes) return version === 1 ? [] : [difference("supersession", "id", undefined, previous ?? undefined)];
  const columns: [name: string, stored: Json, expected: Json][] = [
    ["successor", supersedes.successor, statement.recordHash],
    ["by", supersedes.by, statement.payload.iss],
    ...(version === 1
      ? []
      : ([
          ["department", supersedes.department, statement.payload.iss],
          ["record_hash", supersedes.recordHash, previous],
        ] as [string, Json, Json][])),
  ];
  return columns.flatMap(([name, stored, expected]) => unlessEqual("supersession", name, stored, expected));
}
