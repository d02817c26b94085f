import type { MigrationInterface, QueryRunner } from "typeorm";

/**
 * Rejected rows, certificates with their orders and receipts of other regions become sealed bytes. What there was is still in clear, and has no
 * data key: by that the next start knows what it has to encrypt. What a dry run has seen is only worth something while it runs,
 * so one that was cut off begins anew.
 */
const CHANGES = `
alter table import_job add column upload_key bytea;

alter table import_rejection alter column content type bytea using convert_to(content::text, 'UTF8');
alter table import_rejection add column number_index bytea;
create index import_rejection_number on import_rejection (number_index) where number_index is not null;

truncate import_preview;
delete from import_rejection r using import_job j where j.id = r.import and j.dry_run and j.status = 'running';
update import_job set rows_read = 0, accepted = 0, duplicates = 0, rejected = 0 where dry_run and status = 'running';

alter table certificate alter column ordered type bytea using convert_to(ordered::text, 'UTF8');
alter table certificate alter column document type bytea using convert_to(document, 'UTF8');
alter table foreign_record alter column receipt type bytea using convert_to(receipt, 'UTF8');
`;

export class SealedContents1791250000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(CHANGES);
  }

  /** Forward only: data that is evidence is never migrated away. */
  async down(): Promise<void> {
    throw new Error("Migrations go forward only.");
  }
}
