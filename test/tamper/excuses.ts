import { readFileSync } from "node:fs";

export interface Column {
  readonly table: string;
  readonly column: string;
}

const REASONS = JSON.parse(readFileSync(new URL("../../docs/not-evidence.json", import.meta.url), "utf8")) as Readonly<
  Record<string, string>
>;

/** Why a column is not evidence, or undefined when it is. */
export function excuseOf({ table, column }: Column): string | undefined {
  return REASONS[`${table}.${column}`] ?? REASONS[`${table}.*`];
}

/** Entries of the list that name no column of the schema. */
export function staleExcuses(columns: readonly Column[]): string[] {
  const names = new Set(columns.flatMap(({ table, column }) => [`${table}.${column}`, `${table}.*`]));
  return Object.keys(REASONS).filter((name) => !names.has(name));
}

/** The list as docs/trust.md shows it. */
export function excusesTable(): string {
  const rows = Object.entries(REASONS).map(([name, reason]) => `| \`${name}\` | ${reason} |`);
  return ["| column | not evidence, because it is |", "|---|---|", ...rows].join("\n");
}
