import type { MigrationInterface, QueryRunner } from "typeorm";

/** Which span of a trace a waiting record or batch belongs to; written only while tracing is on. */
export class TraceContexts1791500100000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`create table trace_context (owner uuid primary key, context text not null)`);
  }

  /** Forward only: data that is evidence is never migrated away. */
  async down(): Promise<void> {
    throw new Error("Migrations go forward only.");
  }
}
