import type { MigrationInterface, QueryRunner } from "typeorm";

/** What clients have used of their limits; a crash may forget it. The columns' order is that of rate-limiter-flexible. */
const TABLES = `
create unlogged table rate_count (
  key varchar(255) primary key,
  points integer not null default 0,
  expire bigint
);
`;

export class RateCounts1791400000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(TABLES);
  }

  /** Forward only: data that is evidence is never migrated away. */
  async down(): Promise<void> {
    throw new Error("Migrations go forward only.");
  }
}
