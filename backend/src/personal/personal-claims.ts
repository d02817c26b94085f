import type { Subject } from "@quanlian/proof";
import { isPersonal } from "../records/types/personal.ts";
import type { Json, RecordType } from "../records/types/record-type.ts";

type Fields = Readonly<Record<string, Json>>;

/** A record in two parts: what is stored in clear, and what is encrypted. */
export interface Divided {
  readonly fields: Fields;
  /** The issuer-signed part with the open disclosures only; still a statement that can be read. */
  readonly statement: string;
  /** The other disclosures, each with its place among all of them: `3.WyJ…~7.WyJ…`; null when there are none. */
  readonly personal: string | null;
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

/** A disclosure is `["<22 characters of salt>","<claim>",…` in base64url; its claim is read without reading its value. */
function claimOf(disclosure: string): string {
  const start = Buffer.from(disclosure.slice(0, HEAD), "base64url").toString("latin1");
  return start.slice(NAME_AT, start.indexOf('"', NAME_AT));
}

const NAME_AT = '["'.length + 22 + '","'.length;
/** Characters of base64url that hold the salt and the longest name of a claim. */
const HEAD = 160;
