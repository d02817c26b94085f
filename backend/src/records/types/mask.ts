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

/** In which capacity somebody looks at a record: how much of it is clear follows from it. */
export type Audience = "department" | "regulator" | "enterprise" | "public" | "reuser";

/**
 * Which values a known reader sees in clear; the others are masked. The deciding department sees its own record whole. A
 * regulator gets what departments share, without identity numbers (共享属性, 政务数据共享条例). An enterprise gets what is
 * on the papers that it was served with, and not the working data of the case file (政府信息公开条例 art. 16).
 */
const CLEAR: Readonly<Record<"department" | "regulator" | "enterprise", (handling: Handling) => boolean>> = {
  department: () => true,
  regulator: ({ share, grade }) => share !== "none" && grade < 4,
  enterprise: ({ mask, grade }) => mask !== "hidden" && grade < 4,
};

type Fields = Readonly<Record<string, Json>>;

/** A record's fields as this audience sees them. */
export function fieldsFor(audience: Audience, type: RecordType, fields: Fields): Fields {
  if (audience === "public") return publicFields(type, fields);
  if (audience === "reuser") return openOf(type, publicFields(type, fields));
  if (audience === "department") return fields;
  const handlings = handlingsOf(type);
  const { local, ...common } = fields;
  const shown = Object.entries(common).map(([claim, value]): [string, Json] => {
    const handling = handlings.get(claim);
    return [claim, handling && !CLEAR[audience](handling) ? masked(value, handling.mask) : value];
  });
  return {
    ...Object.fromEntries(shown),
    subject: publicSubject(fields.subject as unknown as Subject),
    ...(local !== undefined && audience === "regulator" && { local }),
  };
}

/** Whether a data item may be opened in bulk to whoever re-uses it (公共数据有序开放). */
export function isOpen({ open, publication }: Handling): boolean {
  return open !== "none" && publication !== "never";
}

function openOf(type: RecordType, published: Fields): Fields {
  const handlings = handlingsOf(type);
  const open = Object.entries(published).filter(([claim]) => isOpen(handlings.get(claim) ?? OF_SUBJECT));
  return Object.fromEntries(open);
}

/** What the subject's code is, beside its name. */
const OF_SUBJECT = { open: "unconditional", publication: "always" } as Handling;

/** The claims of a record that this audience may have in clear, and with them the proof of what they say. */
export function claimsFor(audience: Audience, type: RecordType, fields: Fields): readonly string[] {
  const shown = fieldsFor(audience, type, fields);
  return Object.keys(shown).filter((claim) => isDeepEqual(shown[claim], fields[claim]));
}

function handlingsOf(type: RecordType): ReadonlyMap<string, Handling> {
  const fields = layoutsOf(type).flatMap((layout) => layout.fields);
  return new Map(fields.filter(({ consumed }) => consumed === undefined).map((f) => [f.claim, f.handling]));
}

function isDeepEqual(one: Json | undefined, other: Json | undefined): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

interface Subject {
  readonly type: string;
  readonly id: string;
}

/**
 * What the public may see of a record while it is published: what is published always, and what is published for
 * subjects of this sort. A natural person's name and identity are masked. Links and local fields are not published.
 */
function publicFields(type: RecordType, fields: Fields): Fields {
  const subject = fields.subject as unknown as Subject;
  const seen: Record<string, Json> = { subject: publicSubject(subject) };
  for (const { claim, consumed, handling } of layoutsOf(type).flatMap((layout) => layout.fields)) {
    const value = fields[claim];
    if (consumed !== undefined || value === undefined) continue;
    if (isPublic(handling.publication, subject)) seen[claim] = value;
    else if (claim === "subjectName") seen[claim] = masked(value, handling.mask);
  }
  return seen;
}

function isPublic(publication: Handling["publication"], { type, id }: Subject): boolean {
  if (publication === "organisations") return type === "uscc";
  if (publication === "companies") return type === "uscc" && !id.startsWith("92");
  return publication === "always";
}

function publicSubject({ type, id }: Subject): Json {
  const [certificate = "", number = ""] = id.split(/:(.*)/s);
  return { type, id: type === "uscc" ? id : `${certificate}:${masked(number, "idNumber") as string}` };
}
