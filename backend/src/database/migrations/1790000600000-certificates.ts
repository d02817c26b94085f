import type { MigrationInterface, QueryRunner } from "typeorm";

const CHANGES = `
create table certificate (
  id uuid primary key,
  code text not null unique,
  subject_type text not null,
  subject_id text not null,
  ordered jsonb not null,
  status text not null default 'waiting' check (status in ('waiting', 'running', 'done', 'refused', 'failed')),
  done integer not null default 0,
  total integer,
  attempts integer not null default 0,
  refusal jsonb,
  document text,
  pdf bytea,
  created_at timestamptz not null default now(),
  finished_at timestamptz,
  check ((document is not null) = (status = 'done'))
);
create index certificate_open on certificate (created_at) where status in ('waiting', 'running');
`;

/** Certificates are jobs: what was asked for, how far it is, and what came of it. */
export class Certificates1790000600000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(CHANGES);
  }

  /** Forward only: data that is evidence is never migrated away. */
  async down(): Promise<void> {
    throw new Error("Migrations go forward only.");
  }
}
