import type { MigrationInterface, QueryRunner } from "typeorm";

/** Receipts of other regions' ledgers that were brought to an enterprise's history. */
const TABLE = `
create table foreign_record (
  id uuid primary key,
  subject_type text not null,
  subject_id text not null,
  record_hash bytea not null,
  ledger bytea not null,
  receipt text not null,
  attached_at timestamptz not null default now(),
  unique (subject_id, subject_type, ledger, record_hash)
);
`;

export class ForeignRecords1790000620000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(TABLE);
  }

  /** Forward only: data that is evidence is never migrated away. */
  async down(): Promise<void> {
    throw new Error("Migrations go forward only.");
  }
}
