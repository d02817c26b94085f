import type { MigrationInterface, QueryRunner } from "typeorm";

/** Departments that keep their own keys: of such a key only the public half lies here. */
export class OwnKeys1791500000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      alter table department add column keeps_own_keys boolean not null default false;
      alter table hosted_key alter column sealed_secret drop not null;
      alter table supersession add column signature bytea`);
  }

  /** Forward only: data that is evidence is never migrated away. */
  async down(): Promise<void> {
    throw new Error("Migrations go forward only.");
  }
}
