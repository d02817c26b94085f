import type { MigrationInterface, QueryRunner } from "typeorm";

const TABLES = `
create table login_session (
  id uuid primary key,
  secret_hash bytea not null unique,
  subject text not null,
  provider_session text,
  principal jsonb not null,
  created_at timestamptz not null default now(),
  seen_at timestamptz not null default now(),
  ends_at timestamptz not null
);
create index login_session_subject on login_session (subject);
`;

export class LoginSessions1791300000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(TABLES);
  }

  /** Forward only: data that is evidence is never migrated away. */
  async down(): Promise<void> {
    throw new Error("Migrations go forward only.");
  }
}
