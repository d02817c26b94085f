import type { MigrationInterface, QueryRunner } from "typeorm";

export class AccessLogTerms1791900000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query("alter table access_log add column terms text");
    await runner.query("create index access_log_at on access_log (at)");
  }

  /** Forward only: data that is evidence is never migrated away. */
  async down(): Promise<void> {
    throw new Error("Migrations go forward only.");
  }
}
