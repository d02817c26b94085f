import type { MigrationInterface, QueryRunner } from "typeorm";

const TABLES = `
alter table department add column review_required boolean not null default false,
  add column review_changed_by text, add column review_changed_at timestamptz;
alter table import_job drop constraint import_job_status_check, add constraint import_job_status_check
  check (status in ('reviewing', 'waiting', 'running', 'done', 'failed', 'refused'));
create table submission (
  id uuid primary key,
  department text not null references department,
  content bytea,
  import uuid references import_job,
  digest bytea not null,
  submitted_by text not null,
  submitted_at timestamptz not null default now(),
  state text not null default 'waiting' check (state in ('waiting', 'approved', 'refused')),
  decided_by text,
  decided_at timestamptz,
  reason bytea,
  record uuid references record
);
create index submission_open on submission (department, submitted_at) where state = 'waiting';
create unique index submission_once on submission (department, digest) where state <> 'refused';
`;

export class Submissions1791300100000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(TABLES);
  }

  /** Forward only: data that is evidence is never migrated away. */
  async down(): Promise<void> {
    throw new Error("Migrations go forward only.");
  }
}
