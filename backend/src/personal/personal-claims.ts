import type { Subject } from "@quanlian/proof";
import { layoutsOf } from "../records/types/columns.ts";
import type { Handling, Json, RecordType } from "../records/types/record-type.ts";

type Fields = Readonly<Record<string, Json>>;

/** From this grade on a value is encrypted at rest (GB/T 43697-2024 appendix H: personal, of some harm when known). */
const PERSONAL = 3;

/** Of a natural person's record everything is about that person, but for what the platform finds and joins records by. */
const ALWAYS_OPEN: ReadonlySet<string> = new Set(["number", "eventTime", "links"]);

/** A record in two parts: what is stored in clear, and what is encrypted. */
export interface Divided {
  readonly fields: Fields;
  /** The issuer-signed part with the open disclosures only; still a statement that can be read. */
  readonly statement: string;
  /** The other disclosures, each with its place among all of them: `3.WyJ…~7.WyJ…`; null when there are none. */
  readonly personal: string | null;
}

/**
 * Which claims of a record are encrypted: those graded personal or above, names of natural persons (an individual business's
 * operator is one of them), and what departments add themselves, since nobody has graded it.
 */
function isPersonal(type: RecordType, subject: Pick<Subject, "type">, claim: string): boolean {
  if (subject.type === "person") return !ALWAYS_OPEN.has(claim);
  return gradedClaims(type).has(claim);
}

/** @param statement with all its disclosures */
export function divide(type: RecordType, fields: Fields, statement: string): Divided {
  const subject = fields.subject as unknown as Subject;
  const open = Object.entries(fields).filter(([claim]) => !isPersonal(type, subject, claim));
  if (open.length === Object.keys(fields).length) return { fields, statement, personal: null };
  const [issuerJwt = "", ...disclosures] = statement.slice(0, -1).split("~");
  const personal: string[] = [];
  const shown: string[] = [];
  for (const [place, text] of disclosures.entries())
    if (isPersonal(type, subject, claimOf(text))) personal.push(`${place}.${text}`);
    else shown.push(text);
  return {
    fields: Object.fromEntries(open),
    statement: [issuerJwt, ...shown, ""].join("~"),
    personal: personal.join("~"),
  };
}

/** The whole record again. */
export function unite({ fields, statement, personal }: Divided): Omit<Divided, "personal"> {
  if (personal === null) return { fields, statement };
  const [issuerJwt = "", ...shown] = statement.slice(0, -1).split("~");
  const all: Record<string, Json> = { ...fields };
  for (const entry of personal.split("~")) {
    const dot = entry.indexOf(".");
    const text = entry.slice(dot + 1);
    shown.splice(Number(entry.slice(0, dot)), 0, text);
    const [, claim, value] = JSON.parse(Buffer.from(text, "base64url").toString()) as [string, string, Json];
    all[claim] = value;
  }
  return { fields: all, statement: [issuerJwt, ...shown, ""].join("~") };
}

const graded = new WeakMap<RecordType, ReadonlySet<string>>();

function gradedClaims(type: RecordType): ReadonlySet<string> {
  const known = graded.get(type);
  if (known) return known;
  const claims = layoutsOf(type)
    .flatMap(({ fields }) => fields)
    .filter(({ claim, handling }) => claim !== "subjectName" && isGradedPersonal(handling))
    .map(({ claim }) => claim);
  const all = new Set([...claims, "local"]);
  graded.set(type, all);
  return all;
}

/** The name of a legal representative or operator is of a low grade because a register publishes it; it is a person's all the same. */
function isGradedPersonal({ grade, mask }: Handling): boolean {
  return grade >= PERSONAL || mask === "name" || mask === "idNumber";
}

/** A disclosure is `["<22 characters of salt>","<claim>",…` in base64url; its claim is read without reading its value. */
function claimOf(disclosure: string): string {
  const start = Buffer.from(disclosure.slice(0, HEAD), "base64url").toString("latin1");
  return start.slice(NAME_AT, start.indexOf('"', NAME_AT));
}

const NAME_AT = '["'.length + 22 + '","'.length;
/** Characters of base64url that hold the salt and the longest name of a claim. */
const HEAD = 160;
