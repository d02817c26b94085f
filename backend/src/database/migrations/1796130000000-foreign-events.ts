import type { MigrationInterface, QueryRunner } from "typeorm";

/** When the acts happened of which other regions' receipts tell: where they stand in a history. Unknown of those brought before. */
const CHANGES = `alter table foreign_record add column event_time timestamptz;`;

export class ForeignEvents1796130000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(CHANGES);
  }

  /** Forward only: data that is evidence is never migrated away. */
  async down(): Promise<void> {
    throw new Error("Migrations go forward only.");
  }
}
