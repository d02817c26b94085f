import type { MigrationInterface, QueryRunner } from "typeorm";

const TABLES = `
create table access_log (
  position bigint primary key,
  at timestamptz not null,
  actor text not null,
  acting_for text not null,
  role text not null,
  action text not null,
  subject text,
  resource uuid,
  purpose text,
  hash bytea not null
);
create index access_log_subject on access_log (subject, position) where subject is not null;
`;

export class AccessLog1790000900000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(TABLES);
  }

  /** Forward only: data that is evidence is never migrated away. */
  async down(): Promise<void> {
    throw new Error("Migrations go forward only.");
  }
}
