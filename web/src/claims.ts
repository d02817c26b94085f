import type { Json, Labels } from "@quanlian/proof";
import { certificateLabels, claimLabels, relationLabels, typeLabels, valueLabels } from "@quanlian/proof/labels";
import type { Language } from "./preferences.ts";

/** What no record type lists, because only a certificate or a bundle says it. */
const documentLabels: Labels = {
  purpose: { zh: "证明事项", en: "Purpose" },
  type: { zh: "记录种类", en: "Type of record" },
  kinds: { zh: "记录类别", en: "Kinds of record" },
  scope: { zh: "所涉部门", en: "Departments covered" },
  departments: { zh: "部门代码", en: "Department codes" },
  period: { zh: "期间", en: "Period" },
  department: { zh: "作出部门代码", en: "Department code" },
  superseded: { zh: "现在的状态", en: "Present state" },
  recordHash: { zh: "记录哈希", en: "Record hash" },
};

export const labels: Labels = { ...claimLabels, ...documentLabels };

const first = ["purpose", "type", "subjectName", "subject", "kinds", "scope", "period"];
const last = [
  "authority",
  "dataSource",
  "dataSourceCode",
  "remarks",
  "links",
  "department",
  "superseded",
  "recordHash",
];
const order = [
  ...first,
  ...Object.keys(claimLabels).filter((name) => !first.includes(name) && !last.includes(name)),
  ...last,
];

/** Claims in the order of the official tables; in a statement they stand in the order of their digests, which is random. */
export function inOfficialOrder(claims: Readonly<Record<string, Json>>): [string, Json][] {
  const rank = (name: string): number => (order.includes(name) ? order.indexOf(name) : order.length);
  return Object.entries(claims).toSorted(([a], [b]) => rank(a) - rank(b));
}

export const labelOf = (name: string, language: Language): string => wording(labels, name, language);
export const typeOf = (type: string, language: Language): string => wording(typeLabels, type, language);
export const relationOf = (relation: string, language: Language): string => wording(relationLabels, relation, language);
export const certificateOf = (code: string, language: Language): string => wording(certificateLabels, code, language);

/** Money is an integer number of fen, and its claim says so. */
export const isMoney = (name: string): boolean => name.endsWith("Fen");

/** The English of a prescribed value; null for free text. */
export function translationOf(name: string, value: string): string | null {
  const known = Object.hasOwn(valueLabels, name) ? valueLabels[name]! : {};
  return Object.hasOwn(known, value) ? known[value]! : null;
}

function wording(table: Labels, name: string, language: Language): string {
  return Object.hasOwn(table, name) ? table[name]![language] : name;
}
