import { layoutsOf } from "../records/types/columns.ts";
import { fieldsFor, isOpen } from "../records/types/mask.ts";
import type { Field, Json, RecordType } from "../records/types/record-type.ts";

type Fields = Readonly<Record<string, Json>>;

/** One column of a table, as Table Schema (Data Package 2.0) describes it. */
export interface OpenColumn {
  readonly name: string;
  readonly type: "string" | "integer" | "boolean" | "date";
  readonly title: string;
  readonly description: string;
}

const ownColumns: readonly OpenColumn[] = [
  {
    name: "recordHash",
    type: "string",
    title: "记录哈希 Record hash",
    description: "SHA-256 of the statement's signed part; names the record in receipts and in the list of withdrawals",
  },
  {
    name: "department",
    type: "string",
    title: "作出机关统一社会信用代码 Department",
    description: "Unified social credit code of the deciding department",
  },
  {
    name: "subject",
    type: "string",
    title: "行政相对人统一社会信用代码 Subject",
    description: "Unified social credit code of the organisation that the record is about",
  },
];

/** The columns of a type's table: what is published of organisations and may be opened in bulk (开放属性). */
export function openColumns(type: RecordType): readonly OpenColumn[] {
  return [...ownColumns, ...openFields(type).map(columnOf)];
}

/** A published record of an organisation as a row of its type's table: lists joined by ；, what it lacks empty. */
export function openRow(
  type: RecordType,
  record: { readonly recordHash: string; readonly department: string },
  fields: Fields,
): string[] {
  const seen = fieldsFor("reuser", type, fields);
  const { id } = seen.subject as { id: string };
  return [record.recordHash, record.department, id, ...openFields(type).map(({ claim }) => cell(seen[claim]))];
}

/**
 * Whether records about this subject may be opened at all: never persons', nor those of individual businesses, whose name and code
 * lead to their operator (个人信息保护法 art. 4).
 */
export function isOpenSubject(type: "uscc" | "person", id: string): boolean {
  return type === "uscc" && !id.startsWith("92");
}

function openFields(type: RecordType): readonly Field[] {
  const fields = layoutsOf(type).flatMap((layout) => layout.fields);
  const open = fields.filter(({ consumed, handling }) => consumed === undefined && isOpen(handling));
  return [...new Map(open.map((field) => [field.claim, field])).values()];
}

function columnOf({ claim, label, heading, code, format }: Field): OpenColumn {
  const { type, format: form } = format.schema;
  return {
    name: claim,
    type: type === "integer" || type === "boolean" ? type : form === "date" ? "date" : "string",
    title: `${label.zh} ${label.en}`,
    description: code === null ? heading : `${heading}（${code}）`,
  };
}

function cell(value: Json | undefined): string {
  if (value === undefined) return "";
  if (Array.isArray(value)) return value.map(cell).join("；");
  return typeof value === "string" ? value : JSON.stringify(value);
}
