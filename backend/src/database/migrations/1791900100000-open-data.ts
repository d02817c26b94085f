import type { MigrationInterface, QueryRunner } from "typeorm";

const TABLES = `
create table open_data_snapshot (
  day date primary key,
  made_at timestamptz not null,
  records integer not null,
  descriptor_hash text not null
);
create table open_data_entry (
  record_hash bytea primary key,
  first_made_at timestamptz not null,
  last_made_at timestamptz not null
);
create index open_data_entry_last_made_at on open_data_entry (last_made_at);
`;

export class OpenData1791900100000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(TABLES);
  }

  /** Forward only: data that is evidence is never migrated away. */
  async down(): Promise<void> {
    throw new Error("Migrations go forward only.");
  }
}
