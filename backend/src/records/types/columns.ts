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

/**
 * Every name of a type's columns: claims, official headings, codes, synonyms, each as written (so that exact names need
 * no work) and as `columnKey` writes it.
 */
export function columnsOf(type: RecordType): ReadonlyMap<string, Field> {
  const known = columnMaps.get(type);
  if (known) return known;
  const columns = new Map<string, Field>();
  for (const namesOf of [ownNames, synonyms]) {
    for (const field of type.fields) {
      for (const name of namesOf(field))
        for (const key of [name, columnKey(name)]) if (!columns.has(key)) columns.set(key, field);
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

/** The field that a type's column of this name holds. */
export function fieldNamed(type: RecordType, name: string): Field | undefined {
  const columns = columnsOf(type);
  return columns.get(name) ?? columns.get(columnKey(name));
}

/** Maps a file's headings, in whatever order they stand, to the fields of a type. */
export function mapColumns(type: RecordType, headings: readonly string[]): ColumnMap {
  const trimmed = headings.map((heading) => heading.trim());
  const found = trimmed.map((heading) => fieldNamed(type, heading) ?? null);
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

/** A type and its older layouts, the one in force first. */
export function layoutsOf(type: RecordType): readonly RecordType[] {
  return [type, ...(type.olderLayouts ?? [])];
}

/** The layout of a type that knows most of these names; the one in force when others know no more. */
export function layoutFor(type: RecordType, names: readonly string[]): RecordType {
  if (type.olderLayouts === undefined || names.every((name) => fieldNamed(type, name))) return type;
  return bestOf(layoutsOf(type).map((layout) => mapColumns(layout, names))).type;
}

/**
 * The layout whose table these headings belong to: the one that knows most of them, provided that they include its
 * document number and at least half of its required columns. Null when no type or more than one fits best.
 */
export function detectType(headings: readonly string[], types: Iterable<RecordType>): RecordType | null {
  const maps = [...types].map((type) => mapColumns(layoutFor(type, headings), headings)).filter(plausible);
  if (maps.length === 0) return null;
  const best = bestOf(maps);
  return maps.filter((map) => known(map) === known(best)).length === 1 ? best.type : null;
}

function bestOf(maps: readonly ColumnMap[]): ColumnMap {
  return maps.reduce((best, map) => (known(map) > known(best) ? map : best));
}

function plausible(map: ColumnMap): boolean {
  const required = map.type.fields.filter(({ presence }) => presence === "required").length;
  return map.fields.some((field) => field?.claim === "number") && map.missing.length * 2 <= required;
}

function known(map: ColumnMap): number {
  return map.fields.filter((field) => field !== null).length;
}
