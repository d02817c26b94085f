import type { MigrationInterface, QueryRunner } from "typeorm";

/**
 * A data key for each row with something personal, wrapped under a key-encryption key. Records of before stand in
 * `unencrypted_record` until the service has encrypted them at its start: SQL has no keys.
 */
const CHANGES = `
create table kek (
  id text primary key,
  first_used_at timestamptz not null default now(),
  destroyed_at timestamptz
);

create table data_key (
  owner uuid primary key,
  kek text not null references kek,
  wrapped bytea not null
);
create index data_key_kek on data_key (kek);

alter table record add column personal bytea;
alter table record alter column personal set storage external;
alter table finding add column personal bytea;

create table unencrypted_record (record uuid primary key references record on delete cascade);
insert into unencrypted_record select id from record;
`;

export class PersonalFields1791200000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(CHANGES);
  }

  /** Forward only: data that is evidence is never migrated away. */
  async down(): Promise<void> {
    throw new Error("Migrations go forward only.");
  }
}
