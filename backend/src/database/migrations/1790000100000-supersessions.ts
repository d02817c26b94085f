import type { MigrationInterface, QueryRunner } from "typeorm";

/** What a relayed transaction carries is a batch or a supersession. */
const CHANGES = `
create table supersession (
  id uuid primary key references record on delete cascade,
  department text not null,
  record_hash bytea not null,
  successor bytea not null,
  reason smallint not null check (reason between 1 and 4),
  status text not null default 'sealed' check (status in ('sealed', 'submitted', 'final')),
  refusals integer not null default 0,
  retry_at timestamptz,
  submitted_at timestamptz,
  transaction_hash bytea,
  block_number bigint,
  block_time bigint,
  log_index integer,
  unique (department, record_hash)
);
create index supersession_open on supersession (status) where status <> 'final';

alter table relay_transaction
  alter column batch drop not null,
  add column supersession uuid references supersession,
  add check (num_nonnulls(batch, supersession) = 1);
`;

export class Supersessions1790000100000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(CHANGES);
  }

  /** Forward only: data that is evidence is never migrated away. */
  async down(): Promise<void> {
    throw new Error("Migrations go forward only.");
  }
}
