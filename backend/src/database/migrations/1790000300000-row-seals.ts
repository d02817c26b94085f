import type { MigrationInterface, QueryRunner } from "typeorm";

/**
 * Seals (row-seals.ts) of what nothing else binds. Rows from before carry none, and an integrity run says so.
 * An integrity run has a purpose, and may take seals as they are or derive everything anew.
 */
const CHANGES = `
alter table record add column seal bytea;
alter table finding add column seal bytea;

alter table integrity_run
  add column purpose text not null default 'request' check (purpose in ('request', 'monitor', 'fsck')),
  add column depth text not null default 'full' check (depth in ('sealed', 'full'));
alter table integrity_difference
  add column first_found timestamptz not null default now(),
  add column last_right timestamptz;
create index integrity_run_running on integrity_run (purpose, started_at) where status = 'running';
create index integrity_run_done on integrity_run (started_at) where status = 'done';
`;

export class RowSeals1790000300000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(CHANGES);
  }

  /** Forward only: data that is evidence is never migrated away. */
  async down(): Promise<void> {
    throw new Error("Migrations go forward only.");
  }
}
