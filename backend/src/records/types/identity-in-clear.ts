import type { Subject } from "@quanlian/proof";
import { identityNumbersIn } from "../fields/identity-in-text.ts";
import { plainCode } from "../fields/text.ts";
import { isUscc } from "../fields/uscc.ts";
import { isPersonal } from "./personal.ts";
import type { Field, Json, Link, RecordType } from "./record-type.ts";

type Values = Readonly<Record<string, Json>>;

/** Shorter certificate numbers stand in other values by chance. */
const TELLING = 8;
/** What may hold a certificate number of that length, typed in whatever way: most values do not, and cost no more. */
const suspicious = /[0-9A-Z０-９](?:[\s-]{0,2}[0-9A-Z０-９]){7}/i;

/**
 * The claims that are stored in clear and hold a person's number: an identity number, or whatever certificate number the
 * record itself gives for its subject or a representative. Neither encryption nor erasure would reach it there.
 * @param values by claim, those that become the subject among them
 */
export function claimsWithIdentity(
  type: RecordType,
  subject: Subject,
  values: Values,
  links: readonly Link[],
): readonly string[] {
  const bornBefore = typeof values.eventTime === "string" ? Number(values.eventTime.slice(0, 4)) - 1 : Infinity;
  const given = givenNumbers(type, subject, values);
  const holds = (text: string) => {
    if (!suspicious.test(text)) return false;
    if (identityNumbersIn(text, bornBefore).length > 0) return true;
    const plain = given.length > 0 ? plainCode(text).replaceAll("-", "") : "";
    return given.some((number) => plain.includes(number));
  };
  const open = type.fields.filter((field) => isFree(field) && !isPersonal(type, subject, field.claim));
  const claims = open.map(({ claim }) => claim).filter((claim) => textsOf(values[claim]).some(holds));
  return links.some(({ number }) => number !== undefined && holds(number)) ? [...claims, "links"] : claims;
}

/** Credit codes are numbers of organisations, and are checked as such. */
function isFree({ format, consumed }: Field): boolean {
  return consumed === undefined && format.name !== "uscc" && format.name !== "uscc[]";
}

function givenNumbers(type: RecordType, subject: Subject, values: Values): readonly string[] {
  const columns = type.fields.filter(({ handling }) => handling.mask === "idNumber");
  const own = subject.type === "person" ? [subject.id.slice("111:".length)] : [];
  return [...own, ...columns.flatMap(({ claim }) => textsOf(values[claim]))]
    .map((number) => plainCode(number).replaceAll("-", ""))
    .filter((number) => number.length >= TELLING && !isUscc(number));
}

function textsOf(value: Json | undefined): readonly string[] {
  return (Array.isArray(value) ? value : [value]).filter((one) => typeof one === "string");
}
