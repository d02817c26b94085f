import type { MigrationInterface, QueryRunner } from "typeorm";

/** A name is folded once, when it is first met, not for each record that a search passes by. */
const CHANGES = `
alter table subject_name add column folded text not null generated always as (folded_name(name)) stored`;

export class FoldedNames1791700000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(CHANGES);
  }

  /** Forward only: data that is evidence is never migrated away. */
  async down(): Promise<void> {
    throw new Error("Migrations go forward only.");
  }
}
