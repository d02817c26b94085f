import pg from "pg";

/** Every value of every column of every table as PostgreSQL writes it out, bytes as hex: what a text dump holds. */
export async function dumpOf(databaseUrl: string): Promise<string> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    const { rows: tables } = await client.query<{ name: string }>(
      `select quote_ident(table_name) as name from information_schema.tables
       where table_schema = 'public' and table_type = 'BASE TABLE' order by 1`,
    );
    const lines: string[] = [];
    for (const { name } of tables) {
      const { rows } = await client.query<{ row: string }>(`select to_jsonb(t)::text as row from ${name} t`);
      lines.push(name, ...rows.map(({ row }) => row));
    }
    return lines.join("\n");
  } finally {
    await client.end();
  }
}
