import { DataSource, type DataSourceOptions } from "typeorm";
import { Batch } from "../anchoring/batch.entity.ts";
import { LedgerState } from "../anchoring/ledger-state.entity.ts";
import { Supersession } from "../anchoring/supersession.entity.ts";
import { CertificateJob } from "../certificates/certificate-job.entity.ts";
import { Department } from "../departments/department.entity.ts";
import { HostedKey } from "../departments/hosted-key.entity.ts";
import { Erasure } from "../erasure/erasure.entity.ts";
import { Finding } from "../findings/finding.entity.ts";
import { ColumnMapping } from "../imports/column-mapping.entity.ts";
import { ImportJob } from "../imports/import-job.entity.ts";
import { ImportRejection } from "../imports/import-rejection.entity.ts";
import { IntegrityDifference } from "../integrity/integrity-difference.entity.ts";
import { IntegrityRun } from "../integrity/integrity-run.entity.ts";
import { LocalSchemaRow } from "../records/local-schema.entity.ts";
import { RecordLink } from "../records/record-link.entity.ts";
import { WebhookDelivery } from "../webhooks/webhook-delivery.entity.ts";
import { WebhookEndpoint } from "../webhooks/webhook-endpoint.entity.ts";
import { RecordRow } from "../records/record.entity.ts";
import { ForeignRecordRow } from "../regions/foreign-record.entity.ts";
import { ForeignEvents1796130000000 } from "./migrations/1796130000000-foreign-events.ts";
import { ForeignRecords1790000620000 } from "./migrations/1790000620000-foreign-records.ts";
import { Initial1790000000000 } from "./migrations/1790000000000-initial.ts";
import { Certificates1790000600000 } from "./migrations/1790000600000-certificates.ts";
import { Reviewers1790000610000 } from "./migrations/1790000610000-reviewers.ts";
import { BatchFinality1790000700000 } from "./migrations/1790000700000-batch-finality.ts";
import { Imports1790000750000 } from "./migrations/1790000750000-imports.ts";
import { Search1790000800000 } from "./migrations/1790000800000-search.ts";
import { Supersessions1790000100000 } from "./migrations/1790000100000-supersessions.ts";
import { RowSeals1790000300000 } from "./migrations/1790000300000-row-seals.ts";
import { StatementStorage1791100000000 } from "./migrations/1791100000000-statement-storage.ts";
import { AccessLog1790000900000 } from "./migrations/1790000900000-access-log.ts";
import { Submissions1791300100000 } from "./migrations/1791300100000-submissions.ts";
import { Delegations1791300200000 } from "./migrations/1791300200000-delegations.ts";
import { LoginSessions1791300000000 } from "./migrations/1791300000000-login-sessions.ts";
import { SealedContents1791250000000 } from "./migrations/1791250000000-sealed-contents.ts";
import { OpenData1791900100000 } from "./migrations/1791900100000-open-data.ts";
import { Successions1791600000000 } from "./migrations/1791600000000-successions.ts";
import { FoldedNames1791700000000 } from "./migrations/1791700000000-folded-names.ts";
import { AccessLogTerms1791900000000 } from "./migrations/1791900000000-access-log-terms.ts";
import { Webhooks1791400100000 } from "./migrations/1791400100000-webhooks.ts";
import { RateCounts1791400000000 } from "./migrations/1791400000000-rate-counts.ts";
import { Erasures1791200100000 } from "./migrations/1791200100000-erasures.ts";
import { PersonalFields1791200000000 } from "./migrations/1791200000000-personal-fields.ts";
import { OwnKeys1791500000000 } from "./migrations/1791500000000-own-keys.ts";
import { TraceContexts1791500100000 } from "./migrations/1791500100000-trace-contexts.ts";
import { KeyVersions1796140000000 } from "./migrations/1796140000000-key-versions.ts";

/** Migrations run one after the other, forward only, and never while another process runs them. */
const MIGRATION_LOCK = 7_201_001;

export function dataSourceOptions(databaseUrl: string): DataSourceOptions {
  return {
    type: "postgres",
    url: databaseUrl,
    entities: [
      Department,
      HostedKey,
      RecordRow,
      RecordLink,
      Batch,
      Supersession,
      LedgerState,
      ImportJob,
      ImportRejection,
      ColumnMapping,
      LocalSchemaRow,
      Finding,
      IntegrityRun,
      IntegrityDifference,
      CertificateJob,
      ForeignRecordRow,
      WebhookEndpoint,
      WebhookDelivery,
      Erasure,
    ],
    migrations: [
      Initial1790000000000,
      Supersessions1790000100000,
      RowSeals1790000300000,
      Certificates1790000600000,
      Reviewers1790000610000,
      ForeignRecords1790000620000,
      ForeignEvents1796130000000,
      BatchFinality1790000700000,
      Imports1790000750000,
      Search1790000800000,
      AccessLog1790000900000,
      LoginSessions1791300000000,
      Submissions1791300100000,
      Delegations1791300200000,
      Successions1791600000000,
      FoldedNames1791700000000,
      AccessLogTerms1791900000000,
      OpenData1791900100000,
      StatementStorage1791100000000,
      RateCounts1791400000000,
      PersonalFields1791200000000,
      OwnKeys1791500000000,
      TraceContexts1791500100000,
      KeyVersions1796140000000,
      Webhooks1791400100000,
      Erasures1791200100000,
      SealedContents1791250000000,
    ],
    extra: { max: 16, connectionTimeoutMillis: 10_000, keepAlive: true },
  };
}

/** Brings the schema up to date; several processes may start at once. */
export async function migrate(dataSource: DataSource): Promise<void> {
  const lock = dataSource.createQueryRunner();
  await lock.connect();
  try {
    await lock.query("select pg_advisory_lock($1)", [MIGRATION_LOCK]);
    await dataSource.runMigrations({ transaction: "each" });
  } finally {
    await lock.query("select pg_advisory_unlock($1)", [MIGRATION_LOCK]);
    await lock.release();
  }
}
