import type { Json } from "@quanlian/proof";
import { Fragment } from "react";
import { certificateOf, isMoney, labelOf, relationOf, translationOf, typeOf } from "../claims.ts";
import type { Language } from "../preferences.ts";
import { eventInWords, momentInWords, momentOf } from "../time.ts";
import { useWords, type Words } from "../words.ts";
import { Hash } from "./Hash.tsx";

type Members = Readonly<Record<string, Json>>;

/** One disclosed value as a reader expects it: money in yuan, days in words, codes under their names. */
export function Value({ name, value }: { name: string; value: Json }) {
  const { language, words } = useWords();
  if (value === null) return words.none;
  if (Array.isArray(value)) return <Values name={name} values={value} />;
  if (typeof value === "object") return <Compound name={name} value={value} />;
  if (typeof value === "string" && /^0x[0-9a-f]{40,}$/.test(value)) return <Hash value={value} />;
  const translation = language === "en" && typeof value === "string" ? translationOf(name, value) : null;
  return (
    <>
      <Plain text={plainly(name, value, language, words)} />
      {translation !== null && ` (${translation})`}
    </>
  );
}

function plainly(name: string, value: boolean | number | string, language: Language, words: Words): string {
  if (typeof value === "boolean") return value ? words.yes : words.no;
  if (typeof value === "number") return numerically(name, value, words);
  if (name === "type") return typeOf(value, language);
  if (name === "purpose") return words.purposes[value] ?? value;
  return value === "indefinite" ? words.indefinite : (eventInWords(language, value) ?? value);
}

function numerically(name: string, value: number, words: Words): string {
  if (isMoney(name)) return words.yuan(yuan(value));
  return name === "kinds" ? (words.kinds[value] ?? String(value)) : String(value);
}

/** Fen as yuan with thousands separators, without passing through a fraction. */
function yuan(fen: number): string {
  const digits = String(fen).padStart(3, "0");
  return `${digits.slice(0, -2).replace(/\B(?=(\d{3})+$)/g, ",")}.${digits.slice(-2)}`;
}

/** Official wordings stay Chinese in the English page; saying so lets a screen reader change its voice. */
function Plain({ text }: { text: string }) {
  const { language } = useWords();
  return language === "en" && /\p{Script=Han}/u.test(text) ? <span lang="zh-CN">{text}</span> : text;
}

function Values({ name, values }: { name: string; values: readonly Json[] }) {
  const { words } = useWords();
  if (values.length === 0) return words.none;
  return (
    <ul>
      {values.map((value, index) => (
        <li key={index}>
          <Value name={name} value={value} />
        </li>
      ))}
    </ul>
  );
}

function Compound({ name, value }: { name: string; value: Members }) {
  const { language, words } = useWords();
  if (name === "subject") return <Plain text={subject(value, language, words)} />;
  if (name === "links") return <Link link={value} />;
  if (name === "period")
    return `${eventInWords(language, text(value.from))} – ${eventInWords(language, text(value.to))}`;
  if (name === "superseded")
    return words.superseded(
      words.reasons[Number(value.reason)] ?? "",
      momentInWords(language, momentOf(Number(value.at))),
    );
  return Object.entries(value).map(([member, inner]) => (
    <Fragment key={member}>
      <Plain text={`${labelOf(member, language)}${words.colon}`} />
      <Value name={member} value={inner} />{" "}
    </Fragment>
  ));
}

function subject({ type, id }: Members, language: Language, words: Words): string {
  if (type === "uscc") return `${words.uscc} ${text(id)}`;
  const [code = "", number = ""] = text(id).split(/:(.*)/s);
  return `${certificateOf(code, language)} ${number}`;
}

/** A citation: by document number, perhaps of a named department, or by record hash. */
function Link({ link }: { link: Members }) {
  const { language, words } = useWords();
  return (
    <>
      {relationOf(text(link.rel), language)}
      {words.colon}
      {link.record === undefined ? <Plain text={text(link.number)} /> : <Hash value={text(link.record)} />}
      {link.department !== undefined && ` (${text(link.department)})`}
    </>
  );
}

const text = (value: Json | undefined): string => (typeof value === "string" ? value : JSON.stringify(value ?? null));
