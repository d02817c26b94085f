import { fault, problem, type Fault, type Problem } from "../problems.ts";
import { detectType } from "../types/columns.ts";
import type { Json, RecordType } from "../types/record-type.ts";
import { FileError } from "./file-error.ts";
import type { FileRow } from "./file-row.ts";
import type { FileLimits } from "./limits.ts";
import { readJson } from "./json-line.ts";

/** Which types lines may have: all of them, or the one that the department chose for the whole file. */
export interface NdjsonContext {
  readonly types: ReadonlyMap<string, RecordType>;
  readonly only: RecordType | null;
  readonly limits: FileLimits;
}

/**
 * Reads one JSON object a line: `{"type":"…","fields":{…}}`, or flat, the members beside `type` being the record. A flat
 * line without `type` is recognised by its members, as a table is by its headings. Blank lines are passed over; a line
 * that cannot be read is a row with problems, and reading goes on after it.
 */
export async function* readNdjson(pieces: AsyncIterable<string>, context: NdjsonContext): AsyncGenerator<FileRow> {
  const read = lineReader(context);
  let row = 0;
  let rest = "";
  for await (const piece of pieces) {
    const lines = (rest + piece).split("\n");
    rest = lines.pop()!;
    for (const line of lines) if (++row && line.trim() !== "") yield read(row, line);
  }
  if (rest.trim() !== "") yield read(row + 1, rest);
}

function lineReader({ types, only, limits }: NdjsonContext): (row: number, line: string) => FileRow {
  const detect = typeDetector(types);
  return (row, line) => {
    const { value, fault: found } = readJson(line, limits.jsonDepth);
    if (found) return bad(row, null, {}, problem(null, found));
    if (!isObject(value)) return bad(row, null, {}, problem(null, notAnObject));
    const { type: stated, ...members } = value;
    const { cells, twice } = flattened(members);
    if (Object.keys(cells).length > limits.columns) return bad(row, null, {}, problem(null, tooMany(limits.columns)));
    const type = stated === undefined ? (only ?? detect(cells)) : types.get(typeof stated === "string" ? stated : "");
    if (!type || (only && type !== only)) return bad(row, null, cells, typeProblem(types, only));
    if (twice !== undefined) return bad(row, type.type, cells, problem(twice, statedTwice));
    return { row, type: type.type, cells, problems: [] };
  };
}

type Members = Readonly<Record<string, Json>>;

function isObject(value: Json | undefined): value is Members {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The record's members, whether they stand under `fields` or beside `type`, and one that stands in both places. */
function flattened({ fields, ...members }: Members): { cells: Members; twice: string | undefined } {
  if (fields === undefined) return { cells: members, twice: undefined };
  if (!isObject(fields)) return { cells: { fields, ...members }, twice: undefined };
  return { cells: { ...members, ...fields }, twice: Object.keys(fields).find((name) => Object.hasOwn(members, name)) };
}

/** Lines of one file have few different sets of members, so each set is looked at once. */
function typeDetector(types: ReadonlyMap<string, RecordType>): (cells: Members) => RecordType | null {
  let known: string | null = null;
  let type: RecordType | null = null;
  return (cells) => {
    const names = Object.keys(cells);
    const signature = JSON.stringify(names);
    if (signature !== known) [known, type] = [signature, detectType(names, types.values())];
    return type;
  };
}

function bad(row: number, type: string | null, cells: Members, found: Problem): FileRow {
  return { row, type, cells, problems: [found] };
}

const notAnObject = fault("MALFORMED_JSON", "每行应为一个 JSON 对象", "Each line must be one JSON object");
const statedTwice = fault("DUPLICATE_KEY", "fields 内外只保留一个", "Keep it either in fields or beside them");

function tooMany(limit: number): Fault {
  return fault("TOO_LARGE", `每条记录最多${limit}项`, `At most ${limit} members a record`);
}

function typeProblem(types: ReadonlyMap<string, RecordType>, only: RecordType | null): Problem {
  const names = only ? only.type : [...types.keys()].join("、");
  return problem("type", fault("TYPE_UNKNOWN", `应为：${names}`, `It must be one of: ${names}`));
}

/** JSON that is one value over several lines, which many tools write by default. */
export function refuseWholeJson(start: string): void {
  if (!/^\s*(\[\s*[{\]]|\{\s*\n)/.test(start)) return;
  throw new FileError(
    "FILE_NOT_BY_LINE",
    "请每行写一个完整的 JSON 对象，行间不加逗号和方括号",
    "Write one whole JSON object a line, without commas or brackets between them",
  );
}
