import type { MigrationInterface, QueryRunner } from "typeorm";

/** A statement is base64url of salted texts: PostgreSQL would try to compress each of them, in vain. */
const CHANGES = `alter table record alter column statement set storage external`;

export class StatementStorage1791100000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(CHANGES);
  }

  /** Forward only: data that is evidence is never migrated away. */
  async down(): Promise<void> {
    throw new Error("Migrations go forward only.");
  }
}
