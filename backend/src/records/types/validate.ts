import type { Subject } from "@quanlian/proof";
import { fault, problem, type Fault, type Problem } from "../problems.ts";
import { cellsByName, readCell, type Cells } from "./cells.ts";
import { layoutFor } from "./columns.ts";
import { claimsWithIdentity } from "./identity-in-clear.ts";
import { citedLinks, citesItself, distinctLinks, readLinks } from "./links.ts";
import { hasLocal, localOf, readLocal, withoutLocal, type LocalSchemas } from "./local-fields.ts";
import type { Field, Json, Link, Presence, RecordType, Validation, ValidRecord } from "./record-type.ts";
import { readSubject, subjectOf, type SubjectParts, type SubjectReading } from "./subject-of.ts";

/** What a record may take from its surroundings. */
export interface RecordContext {
  /** USCC of the deciding department, for records that do not name it themselves. */
  readonly department?: string;
  /**
   * Today in China time, `YYYY-MM-DD`: acts dated later, and persons' numbers where they would be stored in clear, are refused.
   * Without it they are not: the record is anchored already.
   */
  readonly today?: string;
  /** The department's own fields; without it a record may have none. */
  readonly local?: LocalSchemas;
}

/** What JSON callers may state in the statement's own form instead of by columns. */
interface Stated {
  readonly subject?: unknown;
  readonly links?: unknown;
  readonly local?: unknown;
}

/** One record while it is read: the values found so far, and what is wrong with it. */
interface Draft {
  readonly type: RecordType;
  readonly cells: Cells;
  readonly stated: Stated;
  /** Claims and consumed values by name. A name whose value is faulty is in `faulty` instead. */
  readonly values: Record<string, Json>;
  readonly faulty: Set<string>;
  readonly problems: Problem[];
  readonly warnings: Problem[];
}

/**
 * Validates a record given by name: claims, official headings, codes or synonyms, in any mixture, with texts, numbers
 * or booleans as values and arrays for lists. JSON callers may state `subject` and `links` in the statement's own form, and
 * the department's registered `local` fields.
 * An unknown name is a problem, since dropping it would drop evidence.
 */
export function validateRecord(
  type: RecordType,
  input: Readonly<Record<string, unknown>>,
  context: RecordContext = {},
): Validation {
  const { subject, links, ...rest } = input;
  const own = hasLocal(rest);
  const named = own ? withoutLocal(rest) : rest;
  const local = own ? localOf(rest, context.local ?? new Map()) : undefined;
  const layout = layoutFor(type, Object.keys(named));
  const { cells, problems } = cellsByName(layout, named);
  return validate(draftOf(layout, cells, { subject, links, local }, problems), context);
}

/** The document number, normalised, of a record that need not be valid otherwise; null where none can be read. */
export function statedNumber(type: RecordType, input: Readonly<Record<string, unknown>>): string | null {
  const layout = layoutFor(type, Object.keys(input));
  const { raw, names } = cellsByName(layout, input).cells;
  const index = layout.fields.findIndex(({ claim }) => claim === "number");
  const parsed = index < 0 ? undefined : readCell(layout.fields[index]!, raw[index], names[index]);
  return parsed && !parsed.fault && typeof parsed.value === "string" ? parsed.value : null;
}

function draftOf(type: RecordType, cells: Cells, stated: Stated, problems: readonly Problem[]): Draft {
  return { type, cells, stated, values: {}, faulty: new Set(), problems: [...problems], warnings: [] };
}

function validate(draft: Draft, context: RecordContext): Validation {
  draft.type.fields.forEach((field, index) => readField(draft, field, index));
  draft.type.fields.forEach((field) => requireField(draft, field));
  const department = departmentOf(draft, context);
  const subject = draft.type.about === "department" ? ofDepartment(draft, department) : readWhom(draft);
  draft.type.rules.forEach(({ claim, severity, check }) => note(draft, claim, check(draft.values), severity));
  note(draft, "eventTime", futureFault(draft.values.eventTime, context.today));
  const links = linksOf(draft, department);
  readLocalFields(draft, context);
  if (subject && context.today !== undefined)
    for (const claim of claimsWithIdentity(draft.type, subject, draft.values, links)) note(draft, claim, inClear);
  if (draft.problems.length > 0) return { ok: false, problems: draft.problems };
  return { ok: true, record: recordOf(draft, subject!, department!, links), warnings: draft.warnings };
}

function readField(draft: Draft, field: Field, index: number): void {
  const parsed = readCell(field, draft.cells.raw[index], draft.cells.names[index]);
  if (parsed === undefined) return;
  if (parsed.fault) return note(draft, field.claim, parsed.fault);
  draft.values[field.claim] = parsed.value;
  note(draft, field.claim, parsed.warning ?? null, "warning");
}

/** Keeps a fault with the column of the claim that it is about, under the name by which the caller knows it. */
function note(draft: Draft, claim: string, found: Fault | null, severity: "error" | "warning" = "error"): void {
  if (found === null) return;
  const entry = problem(columnName(draft, claim), found);
  if (severity === "warning") {
    draft.warnings.push(entry);
  } else {
    draft.problems.push(entry);
    draft.faulty.add(claim);
  }
}

function columnName({ type, cells }: Draft, claim: string): string {
  const index = type.fields.findIndex((field) => field.claim === claim);
  const field = type.fields[index];
  return cells.names[index] ?? (field === undefined ? claim : cells.nameOf(field));
}

function requireField(draft: Draft, { claim, presence, consumed }: Field): void {
  if (draft.values[claim] !== undefined || draft.faulty.has(claim)) return;
  if (consumed !== undefined && consumed !== "department" && draft.stated.subject !== undefined) return;
  if (isRequired(presence, draft.values)) note(draft, claim, missing);
}

function isRequired(presence: Presence, values: Draft["values"]): boolean {
  if (typeof presence === "string") return presence === "required";
  const value = values[presence.claim];
  const given = Array.isArray(value) ? value : [value];
  return given.some((one) => typeof one === "string" && presence.holds.includes(one));
}

/** The subject that the record names, or undefined with the reason noted. */
function readWhom(draft: Draft): Subject | undefined {
  if (subjectParts.some((part) => draft.faulty.has(part))) return undefined;
  const { stated, values } = draft;
  if (stated.subject === undefined) return noted(draft, subjectOf(partsOf(values)));
  const twice = subjectParts.find((part) => values[part] !== undefined);
  if (twice !== undefined) return noted(draft, { fault: statedTwice, part: twice });
  const subject = noted(draft, readSubject(stated.subject), "subject");
  const isPerson = subject?.type === "person";
  if (subject && values.subjectCategory !== undefined && isPerson !== (values.subjectCategory === "自然人")) {
    note(draft, "subjectCategory", contradicted);
  }
  return subject;
}

/** A department's record about itself: whoever states a subject all the same must state the department. */
function ofDepartment(draft: Draft, department: string | undefined): Subject | undefined {
  if (department === undefined) return undefined;
  const stated =
    draft.stated.subject === undefined ? undefined : noted(draft, readSubject(draft.stated.subject), "subject");
  if (stated !== undefined && stated.id !== department) note(draft, "subject", notTheDepartment);
  return { type: "uscc", id: department };
}

function noted(draft: Draft, reading: SubjectReading, column?: string): Subject | undefined {
  if (reading.fault) {
    note(draft, column ?? reading.part, reading.fault);
    return undefined;
  }
  note(draft, column ?? "certificateNumber", reading.warning ?? null, "warning");
  return reading.subject;
}

const subjectParts = ["uscc", "certificateType", "certificateNumber", "identityNumber"] as const;

function partsOf(values: Draft["values"]): SubjectParts {
  return Object.fromEntries(subjectParts.map((part) => [part, values[part]]));
}

function departmentOf(draft: Draft, { department }: RecordContext): string | undefined {
  const named = draft.values.department ?? department;
  if (named === undefined && !draft.faulty.has("department")) note(draft, "department", noDepartment);
  return named as string | undefined;
}

function futureFault(eventTime: Json | undefined, today: string | undefined): Fault | null {
  return typeof eventTime === "string" && today !== undefined && eventTime.slice(0, 10) > today ? future : null;
}

function linksOf(draft: Draft, department: string | undefined): readonly Link[] {
  const stated = readLinks(draft.stated.links ?? []);
  if (stated.fault) note(draft, "links", stated.fault);
  const cited = draft.type.fields.flatMap((field) => citedLinks(field, draft.values[field.claim], department));
  const links = distinctLinks([...stated.links, ...cited]);
  const own = [draft.values.number, ...otherNumbersOf(draft)];
  if (department && links.some((link) => citesItself(link, department, own))) note(draft, "links", selfLink);
  return links;
}

function readLocalFields(draft: Draft, { local: schemas = new Map() }: RecordContext): void {
  const { local, fault: wrong } = readLocal(draft.stated.local, schemas);
  if (wrong) note(draft, "local", wrong);
  if (local !== undefined) draft.values.local = local;
}

function otherNumbersOf({ type, values }: Draft): readonly string[] {
  const numbers = type.fields.filter(({ alias }) => alias).map(({ claim }) => values[claim]);
  return numbers.filter((number) => typeof number === "string" && number !== values.number) as string[];
}

function recordOf(draft: Draft, subject: Subject, department: string, links: readonly Link[]): ValidRecord {
  const { type, values } = draft;
  const { subjectName, number, eventTime } = values as { subjectName: string; number: string; eventTime: string };
  const own = type.fields.filter(({ claim, consumed }) => consumed === undefined && values[claim] !== undefined);
  return {
    type: type.type,
    kind: type.kind,
    department,
    subject,
    subjectName,
    number,
    otherNumbers: otherNumbersOf(draft),
    eventTime,
    year: Number(eventTime.slice(0, 4)),
    links,
    fields: {
      ...{ subject: { ...subject }, subjectName, number, eventTime, links: links.map((link) => ({ ...link })) },
      ...Object.fromEntries(own.map(({ claim }) => [claim, values[claim]!])),
      ...(values.local === undefined ? {} : { local: values.local }),
    },
  };
}

const missing = fault("VALUE_MISSING", "请填写", "Fill it in");
const statedTwice = fault("SUBJECT_AMBIGUOUS", "subject 与代码列只用一种", "Use either subject or the code columns");
const contradicted = fault("SUBJECT_AMBIGUOUS", "类别与代码不符", "The category and the code do not agree");
const notTheDepartment = fault("SUBJECT_AMBIGUOUS", "应为作出机关自身", "It must be the department itself");
const noDepartment = fault(
  "DEPARTMENT_MISSING",
  "请填作出机关的统一社会信用代码",
  "Give the deciding department's credit code",
);
const future = fault("DATE_IN_FUTURE", "请核对日期", "Check the date");
const inClear = fault(
  "PERSON_ID_IN_CLEAR",
  "该项不加密保存且无法删除：请去掉证件号码，或改用不含证件号码的编号",
  "It is not stored encrypted and cannot be erased here: leave it out, or give a number that does not hold it",
);
const selfLink = fault(
  "LINK_TO_SELF",
  "请填被关联记录的编号，而非本记录编号",
  "Give the cited record's number, not this one's",
);
