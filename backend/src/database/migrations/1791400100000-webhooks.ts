import type { MigrationInterface, QueryRunner } from "typeorm";

const TABLES = `
create table webhook_endpoint (
  id uuid primary key,
  owner text not null check (owner in ('department', 'enterprise', 'regulator', 'operator')),
  code text not null,
  kinds smallint[] not null default '{}',
  url text not null,
  events text[] not null,
  secret bytea not null,
  old_secret bytea,
  old_secret_until timestamptz,
  active boolean not null default true,
  failing_since timestamptz,
  created_at timestamptz not null default now()
);
create index webhook_endpoint_owner on webhook_endpoint (owner, code);

create table webhook_delivery (
  id uuid primary key,
  endpoint uuid not null references webhook_endpoint on delete cascade,
  event text not null,
  payload text not null,
  state text not null default 'waiting' check (state in ('waiting', 'delivered', 'dead')),
  attempts smallint not null default 0,
  next_at timestamptz not null default now(),
  outcome text,
  created_at timestamptz not null default now()
);
create index webhook_delivery_due on webhook_delivery (endpoint, next_at) where state = 'waiting';
create index webhook_delivery_newest on webhook_delivery (endpoint, created_at desc, id);
`;

export class Webhooks1791400100000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(TABLES);
  }

  /** Forward only: data that is evidence is never migrated away. */
  async down(): Promise<void> {
    throw new Error("Migrations go forward only.");
  }
}
