import type { MigrationInterface, QueryRunner } from "typeorm";

/** Dry runs, what a department's own headings mean, and its own fields. */
const CHANGES = `
alter table import_job
  add column dry_run boolean not null default false,
  add column mapping jsonb not null default '{}';

create table import_preview (
  import uuid not null references import_job on delete cascade,
  type text not null,
  number text not null,
  row bigint not null,
  digest bytea not null,
  primary key (import, type, number)
);

create table column_mapping (
  department text not null references department,
  name text not null,
  type text not null,
  columns jsonb not null,
  primary key (department, name)
);

create table local_schema (
  department text not null references department,
  namespace text not null,
  schema jsonb not null,
  registered_at timestamptz not null default now(),
  primary key (department, namespace)
);
`;

export class Imports1790000750000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(CHANGES);
  }

  /** Forward only: data that is evidence is never migrated away. */
  async down(): Promise<void> {
    throw new Error("Migrations go forward only.");
  }
}
