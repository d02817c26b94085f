import type { MigrationInterface, QueryRunner } from "typeorm";

const TABLES = `
create table delegation (
  id uuid primary key,
  subject text not null,
  delegate text not null,
  powers text[] not null,
  until timestamptz not null,
  granted_by text not null,
  granted_at timestamptz not null default now(),
  revoked_by text,
  revoked_at timestamptz
);
create index delegation_delegate on delegation (delegate) where revoked_at is null;
create index delegation_subject on delegation (subject, granted_at);
`;

export class Delegations1791300200000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(TABLES);
  }

  /** Forward only: data that is evidence is never migrated away. */
  async down(): Promise<void> {
    throw new Error("Migrations go forward only.");
  }
}
