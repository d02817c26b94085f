import type { MigrationInterface, QueryRunner } from "typeorm";

/** Notes of what was erased. */
const TABLE = `
create table erasure (
  record uuid primary key references record,
  department text not null,
  actor text not null,
  reason text not null check (reason in ('purpose-fulfilled', 'retention-ended', 'consent-withdrawn', 'unlawful', 'other-law')),
  erased_at timestamptz not null,
  seal bytea not null
);
`;

export class Erasures1791200100000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(TABLE);
  }

  /** Forward only: data that is evidence is never migrated away. */
  async down(): Promise<void> {
    throw new Error("Migrations go forward only.");
  }
}
