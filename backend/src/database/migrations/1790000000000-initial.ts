import type { MigrationInterface, QueryRunner } from "typeorm";

/**
 * `record` carries no foreign keys to `department`: every insert would lock the department's row, which the sealing
 * of its batches also needs. The integrity run compares what a foreign key would promise, and much more.
 */
const TABLES = `
create table department (
  uscc text primary key check (length(uscc) = 18),
  name_zh text not null,
  name_en text not null,
  area text not null,
  capabilities integer not null,
  next_sequence bigint not null default 1,
  stopped_because text,
  registered_at timestamptz,
  created_at timestamptz not null default now()
);

create table hosted_key (
  department text not null references department,
  purpose text not null check (purpose in ('signer', 'statement')),
  public_key jsonb not null,
  thumbprint bytea,
  sealed_secret bytea not null,
  created_at timestamptz not null default now(),
  primary key (department, purpose)
);

create table stream (
  subject_type text not null,
  subject_id text not null,
  kind smallint not null,
  year smallint not null,
  stream_key bytea not null,
  primary key (subject_id, subject_type, kind, year)
);

create table batch (
  id uuid primary key,
  department text not null references department,
  kind smallint not null,
  year smallint not null,
  sequence bigint not null,
  count integer not null,
  root bytea not null,
  entries_hash bytea not null,
  signature bytea,
  status text not null default 'sealed' check (status in ('sealed', 'submitted', 'final')),
  refusals integer not null default 0,
  retry_at timestamptz,
  sealed_at timestamptz not null default now(),
  submitted_at timestamptz,
  final_at timestamptz,
  transaction_hash bytea,
  block_number bigint,
  block_hash bytea,
  block_time bigint,
  log_index integer,
  unique (department, sequence)
);
create index batch_open on batch (status, sealed_at) where status <> 'final';
create index batch_on_chain on batch (block_number, log_index) where status = 'final';

create table record (
  id uuid primary key,
  type text not null,
  kind smallint not null,
  department text not null,
  subject_type text not null,
  subject_id text not null,
  subject_name text not null,
  number text not null,
  other_numbers text[] not null default '{}',
  version integer not null,
  event_time timestamptz not null,
  year smallint not null,
  signed_at timestamptz not null,
  received_at timestamptz not null default now(),
  fields jsonb not null,
  statement text not null,
  record_hash bytea not null unique,
  stream_key bytea not null,
  import uuid,
  batch uuid references batch,
  batch_index integer,
  unique (department, type, number, version),
  unique (batch, batch_index),
  check ((batch is null) = (batch_index is null))
);
create index record_unsealed on record (department, kind, year, id) where batch is null;
create index record_subject on record (subject_id, subject_type, event_time, id);
create index record_number on record (number, department);
create index record_other_numbers on record using gin (other_numbers) where other_numbers <> '{}';
create index record_stream on record (kind, year, stream_key);

create table record_link (
  record uuid not null references record on delete cascade,
  position smallint not null,
  rel text not null,
  target_hash bytea,
  target_department text,
  target_number text,
  primary key (record, position)
);
create index record_link_hash on record_link (target_hash) where target_hash is not null;
create index record_link_number on record_link (target_number) where target_number is not null;

create table idempotency_key (
  department text not null,
  key text not null,
  record uuid not null references record on delete cascade,
  created_at timestamptz not null default now(),
  primary key (department, key)
);

create table relay_transaction (
  relayer bytea not null,
  nonce bigint not null,
  hash bytea not null unique,
  raw bytea not null,
  batch uuid not null references batch,
  created_at timestamptz not null default now(),
  sent_at timestamptz,
  mined boolean not null default false,
  primary key (relayer, nonce)
);
create index relay_transaction_batch on relay_transaction (batch);

create table ledger_state (
  ledger bytea primary key,
  registry bytea not null,
  chain_id bigint not null,
  genesis_hash bytea not null,
  prefix_bits smallint not null,
  vrf_keys jsonb not null,
  scanned_block bigint not null,
  scanned_hash bytea not null
);
create unique index ledger_state_single on ledger_state ((true));

create table import_job (
  id uuid primary key,
  department text not null references department,
  type text,
  file_name text not null,
  bytes bigint not null,
  status text not null default 'waiting' check (status in ('waiting', 'running', 'done', 'failed')),
  rows_read bigint not null default 0,
  accepted bigint not null default 0,
  duplicates bigint not null default 0,
  rejected bigint not null default 0,
  notes jsonb not null default '[]',
  failure jsonb,
  created_at timestamptz not null default now(),
  finished_at timestamptz
);
create index import_job_open on import_job (created_at) where status in ('waiting', 'running');

create table import_rejection (
  import uuid not null references import_job on delete cascade,
  row bigint not null,
  content jsonb not null,
  primary key (import, row)
);

create table finding (
  id uuid primary key,
  code text not null,
  department text,
  record uuid,
  fingerprint text not null unique,
  evidence jsonb not null,
  found_at timestamptz not null default now()
);
create index finding_record on finding (record) where record is not null;

create table integrity_run (
  id uuid primary key,
  status text not null default 'running' check (status in ('running', 'done')),
  phase text not null,
  position jsonb not null default '{}',
  block_number bigint,
  block_hash bytea,
  records bigint not null default 0,
  batches bigint not null default 0,
  buckets bigint not null default 0,
  heads_compared boolean not null default true,
  differences bigint not null default 0,
  started_at timestamptz not null default now(),
  finished_at timestamptz
);

create table integrity_difference (
  run uuid not null references integrity_run on delete cascade,
  position integer not null,
  layer text not null,
  field text,
  record uuid,
  department text,
  sequence bigint,
  batch_index integer,
  type text,
  number text,
  stored text,
  expected text,
  primary key (run, position)
);
`;

export class Initial1790000000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(TABLES);
  }

  /** Forward only: data that is evidence is never migrated away. */
  async down(): Promise<void> {
    throw new Error("Migrations go forward only.");
  }
}
