import { type Day, indefinite } from "../fields/dates.ts";
import { type Dishonesty, publishedUntil, repairableFrom } from "./publication-rules.ts";
import type { Json, Publication, RecordType } from "./record-type.ts";

/** What is known of a record when somebody asks whether it is published. */
export interface PublicationFacts {
  readonly department: string;
  /** Area code of the department. */
  readonly area: string;
  readonly subjectType: "uscc" | "person";
  readonly isFinal: boolean;
  /** Corrected, withdrawn or annulled on the ledger. */
  readonly isSuperseded: boolean;
  /** Repaired by the department that decided it. */
  readonly isRepaired: boolean;
  readonly fields: Readonly<Record<string, Json>>;
}

/** Whether the law publishes it today. Persons' records never are: publication of them needs a law of its own. */
export function isPublished(type: RecordType, facts: PublicationFacts, today: Day): boolean {
  if (!facts.isFinal || facts.isSuperseded || facts.isRepaired) return false;
  const until = lastPublicDay(type, facts, today);
  return until !== null && today <= until;
}

/** When it stops being published by itself: a day, `indefinite`, or null: the law does not publish it at all. */
export function lastPublicDay({ publication }: RecordType, facts: PublicationFacts, today: Day): Day | null {
  if (!publication || facts.subjectType === "person" || isExcepted(publication, facts.fields)) return null;
  const bound = publication.severity ? publishedUntil(dishonestyOf(publication.severity, facts), today) : indefinite;
  if (bound === null) return null;
  return [bound, ...statedEnds(publication, facts.fields)].toSorted()[0]!;
}

/** Of a record of dishonesty, the first day on which its repair may be granted; null: it is none, or is repaired already. */
export function repairDay({ publication }: RecordType, facts: PublicationFacts, today: Day): Day | null {
  if (!publication?.severity || facts.isRepaired || facts.isSuperseded) return null;
  return repairableFrom(dishonestyOf(publication.severity, facts), today);
}

function dishonestyOf(severity: NonNullable<Publication["severity"]>, facts: PublicationFacts): Dishonesty {
  const { area, fields } = facts;
  const { fineFen, paidFen } = fields;
  return {
    severity: severity(facts),
    decidedOn: (fields.eventTime as string).slice(0, 10),
    area,
    isUnpaid: typeof fineFen === "number" && typeof paidFen === "number" && paidFen < fineFen,
  };
}

function isExcepted({ only, except }: Publication, fields: PublicationFacts["fields"]): boolean {
  const holds = ({ claim, holds }: NonNullable<Publication["only"]>) => holds.includes(fields[claim] as string);
  return (only !== undefined && !holds(only)) || (except !== undefined && holds(except));
}

/** `indefinite` ends nothing; it sorts behind every day. */
function statedEnds({ until }: Publication, fields: PublicationFacts["fields"]): readonly Day[] {
  return until.map((claim) => fields[claim]).filter((day) => typeof day === "string");
}
