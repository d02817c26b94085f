import type { MigrationInterface, QueryRunner } from "typeorm";

/** Who puts a record in another's place: its own department, or one with REVIEW. */
const CHANGES = `
alter table supersession add column by text;
update supersession set by = department;
alter table supersession alter column by set not null;
`;

export class Reviewers1790000610000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(CHANGES);
  }

  /** Forward only: data that is evidence is never migrated away. */
  async down(): Promise<void> {
    throw new Error("Migrations go forward only.");
  }
}
