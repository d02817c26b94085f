import { addMonths, type Day } from "../fields/dates.ts";
import type { Json, Publication, RecordType } from "./record-type.ts";

/** What is known of a record when the public asks for it. */
export interface PublicationFacts {
  readonly subjectType: "uscc" | "person";
  readonly isFinal: boolean;
  /** Corrected, withdrawn or annulled on the ledger. */
  readonly isSuperseded: boolean;
  /** Repaired by the department that decided it. */
  readonly isRepaired: boolean;
  readonly fields: Readonly<Record<string, Json>>;
}

/** Whether the law publishes it today. Persons' records never are: publication of them needs a law of its own. */
export function isPublished({ publication }: RecordType, facts: PublicationFacts, today: Day): boolean {
  if (!publication || facts.subjectType === "person") return false;
  if (!facts.isFinal || facts.isSuperseded || facts.isRepaired) return false;
  const { fields } = facts;
  const excepted = publication.not?.some(({ claim, onlyHolds }) => holdsOnly(fields[claim], onlyHolds));
  return !excepted && lastDays(publication, fields).every((day) => today <= day);
}

function lastDays(publication: Publication, fields: PublicationFacts["fields"]): Day[] {
  const stated = publication.until.map((claim) => fields[claim]).filter((day) => typeof day === "string" && isDay(day));
  const { longer } = publication;
  const isLonger = longer && valuesOf(fields[longer.claim]).some((value) => longer.holds.includes(value as string));
  const months = isLonger ? longer.months : publication.months;
  const decided = (fields.eventTime as string).slice(0, 10);
  return [...(stated as Day[]), ...(months === null ? [] : [addMonths(decided, months)])];
}

/** `indefinite` ends nothing. */
function isDay(text: string): boolean {
  return /^\d{4}-\d\d-\d\d$/.test(text);
}

function holdsOnly(value: Json | undefined, list: readonly string[]): boolean {
  const values = valuesOf(value);
  return values.length > 0 && values.every((one) => list.includes(one as string));
}

function valuesOf(value: Json | undefined): readonly Json[] {
  if (value === undefined) return [];
  return Array.isArray(value) ? value : [value];
}
