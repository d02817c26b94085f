import { join } from "node:path";
import type { Field, RecordType } from "../../backend/src/records/types/record-type.ts";
import { recordTypes } from "../../backend/src/records/types/record-types.ts";
import { demoDepartments, type DemoDepartment } from "./departments.ts";
import type { Draft } from "./drafts.ts";
import { randomOf, type Random } from "./random.ts";
import { csvFile, ndjsonFile, xlsxFile, type Cell, type RowFile } from "./row-files.ts";

export type FileFormat = "xlsx" | "csv" | "ndjson";

/** How one department writes one type of record. */
export interface Layout {
  readonly type: RecordType;
  readonly department: DemoDepartment;
  readonly format: FileFormat;
  /** In the order of the file's columns. */
  readonly columns: readonly Column[];
}

interface Column {
  readonly field: Field;
  readonly name: string;
}

const usualFormats: Readonly<Record<string, FileFormat>> = {
  "approval.licence/1": "xlsx",
  "enforcement.penalty/1": "csv",
};

const fileNames: Readonly<Record<string, string>> = {
  "approval.licence/1": "licences",
  "service.case/1": "service-cases",
  "supervision.plan/1": "plans",
  "supervision.inspection/1": "inspections",
  "enforcement.penalty/1": "penalties",
  "credit.commitment/1": "commitments",
};

/** These export their own systems' column codes; the others use the official headings. */
const codeWriters: ReadonlySet<DemoDepartment> = new Set([demoDepartments.traffic, demoDepartments.environment]);

/** The layout that a department always uses for a type: headings or codes, in the template's order or in its own. */
export function layoutOf(typeName: string, department: DemoDepartment, format?: FileFormat): Layout {
  const type = recordTypes.get(typeName)!;
  const byCode = codeWriters.has(department) || type.kind === 3;
  const columns = type.fields.map((field) => ({ field, name: (byCode ? field.code : null) ?? field.heading }));
  const ownOrder = department === demoDepartments.construction || department === demoDepartments.traffic;
  return {
    type,
    department,
    format: format ?? usualFormats[typeName] ?? "ndjson",
    columns: ownOrder ? shuffled(columns, randomOf("layout", department.slug, typeName)) : columns,
  };
}

export function fileNameOf({ type, department, format }: Layout): string {
  return `${department.slug}-${fileNames[type.type]}.${format}`;
}

/** Opens the file and writes its headings. */
export async function openFile(layout: Layout, folder: string): Promise<RowFile> {
  const path = join(folder, fileNameOf(layout));
  const file = await newFile(layout, path);
  await file.write(layout.columns.map(({ name }) => name));
  return file;
}

function newFile({ type, format }: Layout, path: string): RowFile | Promise<RowFile> {
  if (format === "xlsx") return xlsxFile(path, type.label.zh);
  return format === "csv" ? csvFile(path) : ndjsonFile(path, type.type);
}

/** The column that holds a claim, by its name in the file. */
export function columnNameOf({ columns }: Layout, claim: string): string {
  return columns.find(({ field }) => field.claim === claim)!.name;
}

/** The cells of a record in the file's order: as typed, which now and then is not quite as prescribed. */
export function rowOf({ columns, format }: Layout, { cells }: Draft, random: Random): readonly Cell[] {
  const careless = random.chance(0.08);
  return columns.map(({ field }) => {
    const text = cells[field.claim] ?? "";
    if (field.format.name.startsWith("date") && /^\d{4}-\d{2}-\d{2}$/.test(text)) return dateCell(text, format, random);
    return careless ? carelessly(field, text, random) : text;
  });
}

/** Workbooks hold most days as dates, text files as 2026/3/2. */
function dateCell(day: string, format: FileFormat, random: Random): Cell {
  if (format === "xlsx" && random.chance(0.8)) return { day };
  return format === "ndjson" ? day : day.replaceAll("-", "/");
}

/** What typists do and readers must bear: full width, lower case, blanks, other brackets, thousands separators. */
function carelessly(field: Field, text: string, random: Random): string {
  if (text === "") return text;
  const { name } = field.format;
  if (name === "uscc") return random.pick([text.toLowerCase(), fullWidth(text), ` ${text} `]);
  if (name === "documentNumber")
    return random.pick([text.replace("〔", "（").replace("〕", "）"), ` ${text}`, text.replace("〕", "〕 ")]);
  if (name === "amountInTenThousandYuan")
    return random.pick([text.replace(/0+$/, "").replace(/\.$/, ""), fullWidth(text)]);
  return text;
}

function fullWidth(text: string): string {
  return text.replace(/[!-~]/g, (letter) => String.fromCharCode(letter.charCodeAt(0) + 0xfee0));
}

function shuffled<T>(items: readonly T[], random: Random): readonly T[] {
  const rest = [...items];
  return items.map(() => rest.splice(random.int(0, rest.length - 1), 1)[0]!);
}
