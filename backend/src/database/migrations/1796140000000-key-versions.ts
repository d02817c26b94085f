import type { MigrationInterface, QueryRunner } from "typeorm";

/** A department's key may be replaced: the former ones stay, for what they have signed. */
export class KeyVersions1796140000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      alter table hosted_key add column version smallint not null default 1;
      alter table hosted_key drop constraint hosted_key_pkey;
      alter table hosted_key add primary key (department, purpose, version);
      alter table department
        add column signer_version smallint not null default 1,
        add column statement_key_version smallint not null default 1`);
  }

  /** Forward only: data that is evidence is never migrated away. */
  async down(): Promise<void> {
    throw new Error("Migrations go forward only.");
  }
}
