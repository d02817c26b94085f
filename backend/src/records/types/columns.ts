import type { Field, RecordType } from "./record-type.ts";

/** How the columns of one file map to the fields of a type. */
export interface ColumnMap {
  readonly type: RecordType;
  /** One entry for each column of the file, null where the type knows no such column. */
  readonly fields: readonly (Field | null)[];
  /** The file's own headings, trimmed. */
  readonly headings: readonly string[];
  /** Headings that no field answers to. Empty headings are not among them. */
  readonly unknown: readonly string[];
  /** Headings whose field another column already holds. */
  readonly duplicate: readonly string[];
  /** Fields that every record needs and the file has no column for. */
  readonly missing: readonly Field[];
}

/**
 * A heading or code without what typists vary: width, case, spaces, brackets, stars, dashes. The unit stays, so that
 * 罚款金额（元） is not taken for 罚款金额（万元）.
 */
export function columnKey(name: string): string {
  return name
    .normalize("NFKC")
    .toUpperCase()
    .replace(/[\s*_()[\]【】〔〕:,.、;/'"“”\u200B-\u200D\uFEFF-]+/g, "");
}

const columnMaps = new WeakMap<RecordType, ReadonlyMap<string, Field>>();

/** Every name of a type's columns, as `columnKey` writes it: claims, official headings, codes, synonyms. */
export function columnsOf(type: RecordType): ReadonlyMap<string, Field> {
  const known = columnMaps.get(type);
  if (known) return known;
  const columns = new Map<string, Field>();
  for (const namesOf of [ownNames, synonyms]) {
    for (const field of type.fields) {
      for (const key of namesOf(field).map(columnKey)) if (!columns.has(key)) columns.set(key, field);
    }
  }
  columnMaps.set(type, columns);
  return columns;
}

function ownNames({ claim, heading, code }: Field): readonly string[] {
  return code === null ? [claim, heading] : [claim, heading, code];
}

function synonyms(field: Field): readonly string[] {
  return field.synonyms;
}

/** Maps a file's headings, in whatever order they stand, to the fields of a type. */
export function mapColumns(type: RecordType, headings: readonly string[]): ColumnMap {
  const columns = columnsOf(type);
  const trimmed = headings.map((heading) => heading.trim());
  const found = trimmed.map((heading) => columns.get(columnKey(heading)) ?? null);
  const first = found.map((field, index) => (field !== null && found.indexOf(field) === index ? field : null));
  return {
    type,
    fields: first,
    headings: trimmed,
    unknown: trimmed.filter((heading, index) => heading !== "" && found[index] === null),
    duplicate: trimmed.filter((_, index) => found[index] !== first[index]),
    missing: type.fields.filter((field) => field.presence === "required" && !first.includes(field)),
  };
}

/**
 * The type whose table these headings belong to: the one that knows most of them, provided that they include its
 * document number and at least half of its required columns. Null when no type or more than one fits best.
 */
export function detectType(headings: readonly string[], types: Iterable<RecordType>): RecordType | null {
  let best: ColumnMap | null = null;
  let tie = false;
  for (const type of types) {
    const map = mapColumns(type, headings);
    if (!plausible(map)) continue;
    tie = best !== null && known(map) === known(best);
    if (best === null || known(map) > known(best)) best = map;
  }
  return tie || best === null ? null : best.type;
}

function plausible(map: ColumnMap): boolean {
  const required = map.type.fields.filter(({ presence }) => presence === "required").length;
  return map.fields.some((field) => field?.claim === "number") && map.missing.length * 2 <= required;
}

function known(map: ColumnMap): number {
  return map.fields.filter((field) => field !== null).length;
}
