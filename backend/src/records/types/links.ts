import { readDocumentNumber } from "../fields/document-number.ts";
import { readUscc } from "../fields/uscc.ts";
import { fault, type Bilingual, type Fault } from "../problems.ts";
import type { Field, Json, Link, Relation } from "./record-type.ts";

/** The closed list of reasons for which a record cites another, as the citing record would say them. */
export const relations: Readonly<Record<Relation, Bilingual>> = {
  basis: { zh: "依据", en: "Based on" },
  "inspection-of": { zh: "来源检查", en: "Follows the inspection" },
  "penalty-for": { zh: "所处罚案件", en: "Penalty in the case" },
  "commitment-for": { zh: "所承诺事项", en: "Commitment for" },
  "licence-affected": { zh: "涉及许可", en: "Affects the licence" },
  "repair-of": { zh: "所修复记录", en: "Repairs" },
  "objection-to": { zh: "所异议记录", en: "Objects to" },
  supersedes: { zh: "所更正记录", en: "Supersedes" },
  "transfer-of": { zh: "所移送案件", en: "Transfers the case" },
};

export interface LinksReading {
  readonly links: readonly Link[];
  readonly fault?: Fault;
}

/** Reads the `links` that a JSON caller states: an array of {rel, record} or {rel, department?, number}. */
export function readLinks(value: unknown): LinksReading {
  if (!Array.isArray(value)) return { links: [], fault: malformed };
  const links: Link[] = [];
  for (const item of value) {
    const link = readLink(item);
    if (link === null) return { links: [], fault: malformed };
    links.push(link);
  }
  return { links };
}

function readLink(value: unknown): Link | null {
  if (typeof value !== "object" || value === null) return null;
  const { rel, record, department, number, ...rest } = value as Record<string, unknown>;
  if (Object.keys(rest).length > 0 || typeof rel !== "string" || !Object.hasOwn(relations, rel)) return null;
  return record === undefined
    ? byNumber(rel as Relation, department, number)
    : byRecord(rel as Relation, record, department, number);
}

function byRecord(rel: Relation, record: unknown, department: unknown, number: unknown): Link | null {
  if (typeof record !== "string" || !/^0x[0-9a-f]{64}$/.test(record)) return null;
  return department === undefined && number === undefined ? { rel, record: record as `0x${string}` } : null;
}

function byNumber(rel: Relation, department: unknown, number: unknown): Link | null {
  const cited = typeof number === "string" && number.length <= 128 ? readDocumentNumber(number) : undefined;
  if (cited === undefined || cited.fault) return null;
  if (department === undefined) return { rel, number: cited.number };
  const code = typeof department === "string" ? readUscc(department) : undefined;
  return code === undefined || "fault" in code ? null : { rel, department: code.uscc, number: cited.number };
}

/** The links that follow from a citing column of a record of this department. */
export function citedLinks({ cites }: Field, value: Json | undefined, department: string | undefined): readonly Link[] {
  if (cites === undefined || value === undefined) return [];
  const own = cites.ownDepartment ? { department } : {};
  return cites.numbers(value).map((number) => ({ rel: cites.rel, ...own, number }));
}

/** The same links without repetitions, in the order first given. */
export function distinctLinks(links: readonly Link[]): readonly Link[] {
  const seen = new Map(links.map((link) => [[link.rel, link.record, link.department, link.number].join("\n"), link]));
  return [...seen.values()];
}

/** Whether a link cites the record that holds it. */
export function citesItself(link: Link, department: string, numbers: readonly unknown[]): boolean {
  if (link.number === undefined) return false;
  return numbers.includes(link.number) && (link.department === undefined || link.department === department);
}

const malformed = fault(
  "LINK_MALFORMED",
  '应为 [{"rel":"basis","number":"…"}] 等形式，rel 须在规定的关系表内',
  'It must be like [{"rel":"basis","number":"…"}] with a rel of the closed list',
);
