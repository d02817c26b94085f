import type { MigrationInterface, QueryRunner } from "typeorm";

/** A sealed block's proof that the batch is anchored (docs/finality.md), shared by the receipts of its records. */
export class BatchFinality1790000700000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`alter table batch add column finality json check (finality is null or status = 'final')`);
  }

  /** Forward only: data that is evidence is never migrated away. */
  async down(): Promise<void> {
    throw new Error("Migrations go forward only.");
  }
}
