import { hash } from "node:crypto";
import type { Pool } from "pg";
import { type DataSource, QueryFailedError } from "typeorm";

const names = new Map<string, string>();

/**
 * Asks what is asked again and again, by a statement that each connection plans once: of a page of a history planning
 * takes as long as finding the rows. The text must be one of a few constants.
 */
export async function plannedQuery<Row extends object>(
  dataSource: DataSource,
  text: string,
  values: readonly unknown[],
): Promise<Row[]> {
  const { master } = dataSource.driver as unknown as { readonly master: Pool };
  dataSource.logger.logQuery(text, [...values]);
  try {
    return (await master.query<Row>({ name: nameOf(text), text, values: [...values] })).rows;
  } catch (error) {
    throw new QueryFailedError(text, [...values], error as Error);
  }
}

function nameOf(text: string): string {
  const known = names.get(text) ?? hash("sha256", text, "base64url");
  names.set(text, known);
  return known;
}
