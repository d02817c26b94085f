import type { Subject } from "@quanlian/proof";
import { plainCode } from "../records/fields/text.ts";
import { layoutsOf } from "../records/types/columns.ts";
import type { Json } from "../records/types/record-type.ts";
import { recordTypes } from "../records/types/record-types.ts";
import { statedNumber } from "../records/types/validate.ts";

type Values = Readonly<Record<string, unknown>>;

/** By what a record is known again in something that never became one. */
export interface Traces {
  readonly number: string;
  /** Names and numbers of the persons in it, and its own number, as {@link plainCode} writes them. */
  readonly telling: readonly string[];
}

/** @param fields whole, or without what is personal where that is gone or cannot be read */
export function tracesOf(type: string, number: string, fields: Values): Traces {
  const columns = layoutsOf(recordTypes.get(type)!).flatMap((layout) => layout.fields);
  const { subject, subjectName } = fields as { subject?: Subject; subjectName?: string };
  const ofPerson = subject?.type === "person" ? [subject.id.slice(subject.id.indexOf(":") + 1), subjectName] : [];
  const ofOthers = columns
    .filter(({ claim, handling: { mask } }) => claim !== "subjectName" && (mask === "name" || mask === "idNumber"))
    .flatMap(({ claim }) => fields[claim] as Json | undefined);
  const texts = [number, ...ofPerson, ...ofOthers].filter((text) => typeof text === "string");
  return { number, telling: [...new Set(texts.map(plainCode).filter(({ length }) => length > 1))] };
}

/**
 * Whether something that was sent as a record is about this one: by its number, and where none can be read, by whatever of the
 * record's names and numbers stands in it. Without a number nobody can tell more, so it is taken for this one.
 */
export function isTrace({ number, telling }: Traces, type: string | null, cells: Values): boolean {
  const known = recordTypes.get(type ?? "");
  const stated = known ? statedNumber(known, cells) : null;
  if (stated !== null) return stated === number;
  const text = plainCode(JSON.stringify(cells));
  return telling.some((one) => text.includes(one));
}
