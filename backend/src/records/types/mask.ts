import { layoutsOf } from "./columns.ts";
import type { Handling, Json, Mask, RecordType } from "./record-type.ts";

/** A value as somebody sees it who may know that it exists, but not what it says in full. */
export function masked(value: Json, mask: Mask): Json {
  if (mask === "none") return value;
  if (Array.isArray(value)) return value.map((item) => masked(item, mask));
  return typeof value === "string" && mask !== "hidden" ? masks[mask](value) : "***";
}

const masks: Readonly<Record<Exclude<Mask, "none" | "hidden">, (text: string) => string>> = {
  /** 王建国 → 王** */
  name: (text) => first(text, 1) + "*".repeat(Math.max([...text].length - 1, 1)),
  /** 11010519491231002X → 110105********002X; shorter numbers keep two characters at either end at most. */
  idNumber: (text) => (text.length >= 15 ? middleHidden(text, 6, 4) : middleHidden(text, ...shortEnds(text))),
  /** 北京市海淀区学院路35号 → 北京市海淀区*** */
  address: (text) => `${/^.*?[区县旗]/.exec(text)?.[0] ?? first(text, 3)}***`,
};

function first(text: string, count: number): string {
  return [...text].slice(0, count).join("");
}

function shortEnds(text: string): [before: number, after: number] {
  const end = Math.min(2, Math.floor(text.length / 4));
  return [end, end];
}

function middleHidden(text: string, before: number, after: number): string {
  return text.slice(0, before) + "*".repeat(text.length - before - after) + text.slice(text.length - after);
}

/**
 * What the public may see of a record while it is published: what is published always, and what is published for
 * subjects of this sort. A natural person's name and identity are masked. Links and local fields are not published.
 */
export function publicFields(type: RecordType, fields: Readonly<Record<string, Json>>): Readonly<Record<string, Json>> {
  const subject = fields.subject as { readonly type: string; readonly id: string };
  const seen: Record<string, Json> = { subject: publicSubject(subject) };
  for (const { claim, consumed, handling } of layoutsOf(type).flatMap((layout) => layout.fields)) {
    const value = fields[claim];
    if (consumed !== undefined || value === undefined) continue;
    if (isPublic(handling.publication, subject)) seen[claim] = value;
    else if (claim === "subjectName") seen[claim] = masked(value, handling.mask);
  }
  return seen;
}

function isPublic(publication: Handling["publication"], { type, id }: { type: string; id: string }): boolean {
  if (publication === "organisations") return type === "uscc";
  if (publication === "companies") return type === "uscc" && !id.startsWith("92");
  return publication === "always";
}

function publicSubject({ type, id }: { readonly type: string; readonly id: string }): Json {
  const [certificate = "", number = ""] = id.split(/:(.*)/s);
  return { type, id: type === "uscc" ? id : `${certificate}:${masked(number, "idNumber") as string}` };
}
