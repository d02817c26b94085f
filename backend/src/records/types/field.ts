import type { Bilingual } from "../problems.ts";
import type { Citation, Field, Json, Relation } from "./record-type.ts";

/** A field as a type file writes it: what is not said is optional, unbounded, without code or synonyms. */
export type FieldEntry = Pick<Field, "claim" | "heading" | "format" | "class" | "handling"> &
  Partial<Pick<Field, "code" | "synonyms" | "maxLength" | "presence" | "consumed" | "cites" | "alias">> & {
    readonly en: string;
    /** Where the item is called otherwise outside this template. */
    readonly zh?: string;
  };

export function field({ zh, en, ...entry }: FieldEntry): Field {
  const label: Bilingual = { zh: zh ?? entry.heading, en };
  return { code: null, synonyms: [], maxLength: null, presence: "optional", ...entry, label };
}

/** For a field whose whole value is a number (or a list of numbers) of the records that it cites. */
export function citing(rel: Relation, options: Pick<Citation, "ownDepartment"> = {}): Citation {
  return { ...options, rel, numbers: (value: Json) => (typeof value === "string" ? [value] : (value as string[])) };
}
