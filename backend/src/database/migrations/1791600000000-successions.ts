import type { MigrationInterface, QueryRunner } from "typeorm";

/** Mergers and splits are found from either side: by whom they are about, and by whom they name. */
const CHANGES = `
create index record_predecessors on record using gin ((fields->'predecessors')) where type = 'approval.registration/1';
create index record_successors on record using gin ((fields->'successors')) where type = 'approval.registration/1';
create index record_registration on record (subject_id) where type = 'approval.registration/1';
`;

export class Successions1791600000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(CHANGES);
  }

  /** Forward only: data that is evidence is never migrated away. */
  async down(): Promise<void> {
    throw new Error("Migrations go forward only.");
  }
}
