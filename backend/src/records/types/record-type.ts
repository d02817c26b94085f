import type { Json, Kind, Subject } from "@quanlian/proof";
import type { Bilingual, Fault, Problem } from "../problems.ts";
import type { Severity } from "./publication-rules.ts";

export type { Json };

/** What a parser makes of one non-empty cell: the claim's value, perhaps with a warning, or what is wrong with it. */
export type Parsed =
  { readonly value: Json; readonly warning?: Fault; readonly fault?: undefined } | { readonly fault: Fault };

/** How a value is written in a cell and how it stands in a statement. */
export interface Format {
  /** What this is, for OpenAPI, templates and the portal. */
  readonly name: string;
  /** Reads one cell that is not empty. Never throws. */
  readonly parse: (cell: string) => Parsed;
  /** For lists: reads a JSON array of items. Absent where a value is a single one. */
  readonly parseItems?: (items: readonly string[]) => Parsed;
  /** Reads a value given under the claim's own name, where that differs from a cell: amounts are then in fen. */
  readonly parseClaim?: (text: string) => Parsed;
  /** JSON Schema (2020-12) of the claim's value. */
  readonly schema: { readonly [keyword: string]: Json };
  /** A cell that this format reads, for templates and examples. */
  readonly example: string;
  /** The prescribed wordings, for enumerated values; a value that starts with `其他-` continues in free text. */
  readonly values?: readonly EnumValue[];
}

/** One prescribed value: its official wording is what a statement holds; codes and variants are read as the same. */
export interface EnumValue extends Bilingual {
  readonly aliases?: readonly string[];
}

/** 主体/许可/服务/检查/处罚/强制/信用/个人: the class of a data item (GB/T 43697-2024 asks for one per item). */
export type FieldClass =
  "subject" | "licence" | "service" | "inspection" | "penalty" | "coercion" | "credit" | "personal";

/** How a value is shown to somebody who may know that it exists, but not what it says in full. */
export type Mask = "none" | "name" | "idNumber" | "address" | "hidden";

/** Who may have a value, and in what form. Presets, by the table of sensitive items, are in handling.ts. */
export interface Handling {
  /** General data of level 1 (no harm) to 4 (serious harm), GB/T 43697-2024 appendix H. */
  readonly grade: 1 | 2 | 3 | 4;
  /** 共享属性: 无条件共享, 有条件共享, 不予共享 (政务数据共享条例). */
  readonly share: "unconditional" | "conditional" | "none";
  /** 开放属性: 无条件开放, 有条件开放, 不予开放. */
  readonly open: "unconditional" | "conditional" | "none";
  readonly mask: Mask;
  /**
   * Whether the public may see it while the record is published: always; for whatever has a credit code; for that
   * without individual businesses, whose operators are natural persons; or never.
   */
  readonly publication: "always" | "organisations" | "companies" | "never";
}

/** Whether a value must be there: always, never, or when another claim of the record holds one of some values. */
export type Presence = "required" | "optional" | { readonly claim: string; readonly holds: readonly string[] };

/** Why a record cites another one. The list is closed. */
export type Relation =
  | "basis"
  | "inspection-of"
  | "penalty-for"
  | "commitment-for"
  | "licence-affected"
  | "repair-of"
  | "objection-to"
  | "supersedes"
  | "transfer-of";

/**
 * A citation, as it stands inside the statement: by record hash, or by document number. A number without a department
 * means any record about the same subject that carries this number, as its own or among its other numbers.
 */
export interface Link {
  readonly rel: Relation;
  readonly record?: `0x${string}`;
  readonly department?: string;
  readonly number?: string;
}

/** One data item of a record type: one column of a file, and (unless consumed) one claim of the statement. */
export interface Field {
  /** Name in the statement and in JSON. The same name means the same thing in every type. */
  readonly claim: string;
  /** Official Chinese heading, as in the template that the department fills in. */
  readonly heading: string;
  readonly label: Bilingual;
  /** Column code of the standard: XK_…, CF_…, or a C5102-2019 column; null where the source has none. */
  readonly code: string | null;
  /** Other headings and codes that real files carry for the same item. */
  readonly synonyms: readonly string[];
  readonly format: Format;
  /** In characters; null where the format itself bounds the value. */
  readonly maxLength: number | null;
  readonly presence: Presence;
  readonly class: FieldClass;
  readonly handling: Handling;
  /** Where the value goes when it is no claim of its own: into `subject`, or it names the deciding department. */
  readonly consumed?: "uscc" | "certificateType" | "certificateNumber" | "identityNumber" | "department";
  /** The value cites other records. */
  readonly cites?: Citation;
  /** The value is another number by which records cite this one, e.g. the number on the licence itself. */
  readonly alias?: boolean;
}

/** How a value cites other records. */
export interface Citation {
  readonly rel: Relation;
  /** The numbers in a value. */
  readonly numbers: (value: Json) => readonly string[];
  /** Whether a number is one of the deciding department's own, about whomever; otherwise it is about the same subject. */
  readonly ownDepartment?: boolean;
}

/**
 * While the public may see the records of a type; a type without it is never published. Sources: 政府信息公开条例,
 * 行政处罚法 art. 48; for records of dishonesty see publication-rules.ts.
 */
export interface Publication {
  /** Claims with the last day, such as the end of the publicity period; the earliest counts. */
  readonly until: readonly string[];
  /** Set for records of dishonesty: how grave one is, which bounds how long it is published. */
  readonly severity?: (record: Decided) => Severity;
  /** Published only when a claim holds one of some values. */
  readonly only?: { readonly claim: string; readonly holds: readonly string[] };
  /** Not published when a claim holds one of some values. */
  readonly except?: { readonly claim: string; readonly holds: readonly string[] };
}

/** A stored record as far as its publication goes. */
export interface Decided {
  readonly department: string;
  readonly fields: Readonly<Record<string, Json>>;
}

/** A schema inside a kind. Adding one is one file of data and one line in record-types.ts. */
export interface RecordType {
  /** `<family>.<name>/<version>` */
  readonly type: string;
  readonly kind: Kind;
  readonly label: Bilingual;
  /** The standard or law that prescribes the layout. */
  readonly source: string;
  /** In the order of the official table, which is the order of the template. */
  readonly fields: readonly Field[];
  /** Set where the record is about the deciding department itself, such as its plan: that is its subject. */
  readonly about?: "department";
  /** The same type in layouts that are out of use but still found in files: their own columns, codes and values. */
  readonly olderLayouts?: readonly RecordType[];
  /** While the public may see it; absent: never. */
  readonly publication?: Publication;
  /** What must hold between fields. */
  readonly rules: readonly Rule[];
}

/** A condition over several claims. `claim` is the column that the report points at. */
export interface Rule {
  readonly claim: string;
  /** A warning is told and kept, but the record is accepted. */
  readonly severity: "error" | "warning";
  /** What is wrong, or null. Claims that are absent or faulty are undefined. */
  readonly check: (claims: Readonly<Record<string, Json | undefined>>) => Fault | null;
}

/** A record as it will be signed: everything in `fields` becomes a claim of its statement. */
export interface ValidRecord {
  readonly type: string;
  readonly kind: Kind;
  /** USCC of the deciding department. */
  readonly department: string;
  readonly subject: Subject;
  readonly subjectName: string;
  /** The document number, normalised. */
  readonly number: string;
  /** The other numbers by which records cite this one. */
  readonly otherNumbers: readonly string[];
  /** `YYYY-MM-DD`, or RFC 3339 with +08:00. */
  readonly eventTime: string;
  /** Calendar year of `eventTime` in China time. */
  readonly year: number;
  readonly links: readonly Link[];
  readonly fields: Readonly<Record<string, Json>>;
}

export type Validation =
  | { readonly ok: true; readonly record: ValidRecord; readonly warnings: readonly Problem[] }
  | { readonly ok: false; readonly problems: readonly Problem[] };
