import { Readable } from "node:stream";
import type { Field, RecordType } from "../types/record-type.ts";
import { workbookBytes, type WrittenRow } from "./xlsx/write-workbook.ts";

/**
 * The empty table of a type, as xlsx: an explanation, what each column wants, an example, the headings; data begin below
 * them. All that stands above the headings is passed over on import, so an example that nobody deleted does no harm.
 */
export function writeTemplate(type: RecordType): Readable {
  const rows = templateRows(type);
  const choices = type.fields.flatMap(({ format }, column) =>
    format.values && format.name === "enum" ? [{ column, values: format.values.map(({ zh }) => zh) }] : [],
  );
  const widths = type.fields.map(({ heading }) => Math.min(Math.max(heading.length * 2 + 2, 14), 40));
  return Readable.from(workbookBytes({ name: type.label.zh, widths, frozenRows: rows.length, rows, choices }), {
    objectMode: false,
  });
}

function templateRows({ label, source, fields }: RecordType): readonly WrittenRow[] {
  const title = `${label.zh}（${source}）：请从第5行起填写，每行一条；第1至3行是说明和示例，导入时不读取`;
  return [
    { style: "title", cells: [title] },
    { style: "note", cells: fields.map(requirement) },
    { style: "note", cells: fields.map(example) },
    { style: "heading", cells: fields.map(({ heading }) => heading) },
  ];
}

/** Nothing where the format's example is no example for this column. */
function example({ format, maxLength }: Field): string {
  return maxLength !== null && format.example.length > maxLength ? "" : `例：${format.example}`;
}

function requirement({ presence, maxLength, format }: Field): string {
  const length = maxLength === null ? "" : `，最多${maxLength}字`;
  const values = format.values ? `，取值：${format.values.map(({ zh }) => zh).join("、")}` : "";
  return `${presenceText(presence)}${length}${values}`;
}

function presenceText(presence: Field["presence"]): string {
  if (typeof presence !== "string") return `${presence.holds.join("、")}必填`;
  return presence === "required" ? "必填" : "选填";
}
