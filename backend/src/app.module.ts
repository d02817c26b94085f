import { type DynamicModule, Module, type Provider } from "@nestjs/common";
import { APP_FILTER, APP_GUARD, APP_PIPE, DiscoveryModule } from "@nestjs/core";
import { TypeOrmModule } from "@nestjs/typeorm";
import { LoggerModule } from "nestjs-pino";
import { AccessGuard } from "./access/access.guard.ts";
import { AccessLog } from "./access/access-log.ts";
import { AccessLogController } from "./access/access-log.controller.ts";
import { CLAIMS } from "./access/claims.ts";
import { DeclaredRoutes } from "./access/declared-routes.ts";
import { Identities } from "./access/identities.ts";
import { Issuer } from "./access/issuer.ts";
import { LogHeads } from "./access/log-heads.ts";
import { LogKeeping } from "./access/log-keeping.ts";
import { Resources } from "./access/resources.ts";
import { LoginController } from "./login/login.controller.ts";
import { MeController } from "./login/me.controller.ts";
import { RelyingParty } from "./login/relying-party.ts";
import { Sessions } from "./login/sessions.ts";
import { ReviewController } from "./review/review.controller.ts";
import { ReviewService } from "./review/review.service.ts";
import { Submissions } from "./review/submissions.ts";
import { Delegations } from "./delegation/delegations.ts";
import { DelegationsController } from "./delegation/delegations.controller.ts";
import { AnchoringLoop } from "./anchoring/anchoring-loop.ts";
import { Backlog } from "./anchoring/backlog.ts";
import { Batch } from "./anchoring/batch.entity.ts";
import { BatchHashes } from "./anchoring/batch-hashes.ts";
import { BatchShipping } from "./anchoring/batch-shipping.ts";
import { Confirmation } from "./anchoring/confirmation.ts";
import { Leadership } from "./anchoring/leadership.ts";
import { LedgerComparison } from "./anchoring/ledger-comparison.ts";
import { LedgerState } from "./anchoring/ledger-state.entity.ts";
import { Relay } from "./anchoring/relay.ts";
import { RelayTransactions } from "./anchoring/relay-transactions.ts";
import { Restoring } from "./anchoring/restoring.ts";
import { Sealing } from "./anchoring/sealing.ts";
import { Signing } from "./anchoring/signing.ts";
import { Stops } from "./anchoring/stops.ts";
import { SignaturesController } from "./anchoring/signatures.controller.ts";
import { Supersession } from "./anchoring/supersession.entity.ts";
import { SupersessionShipping } from "./anchoring/supersession-shipping.ts";
import { Unsigned } from "./anchoring/unsigned.ts";
import { CertificateJob } from "./certificates/certificate-job.entity.ts";
import { CertificateLoop } from "./certificates/certificate-loop.ts";
import { CertificateMaker } from "./certificates/certificate-maker.ts";
import { CertificateParts } from "./certificates/certificate-parts.ts";
import { CertificatesController } from "./certificates/certificates.controller.ts";
import { SealedCertificates } from "./certificates/sealed-certificates.ts";
import { CertificatesService } from "./certificates/certificates.service.ts";
import { Papers } from "./certificates/paper/papers.ts";
import { ChainRpc } from "./chain/chain-rpc.ts";
import { Ledger } from "./chain/ledger.ts";
import { RpcClient } from "./chain/rpc-client.ts";
import { Config } from "./config.ts";
import { RowSeals } from "./database/row-seals.ts";
import { Department } from "./departments/department.entity.ts";
import { DepartmentsController } from "./departments/departments.controller.ts";
import { DepartmentsService } from "./departments/departments.service.ts";
import { HostedKey } from "./departments/hosted-key.entity.ts";
import { PLATFORM_KEYS } from "./departments/key-file.ts";
import { KeyRotation } from "./departments/key-rotation.ts";
import { KeyVault } from "./departments/key-vault.ts";
import { Erasure } from "./erasure/erasure.entity.ts";
import { ErasuresController } from "./erasure/erasures.controller.ts";
import { Erasures } from "./erasure/erasures.service.ts";
import { Alarms } from "./findings/alarms.ts";
import { Finding } from "./findings/finding.entity.ts";
import { EquivocationsController } from "./findings/equivocations.controller.ts";
import { Equivocations } from "./findings/equivocations.ts";
import { Findings } from "./findings/findings.ts";
import type { Foundations } from "./foundations.ts";
import { HealthController } from "./health/health.controller.ts";
import { Metrics } from "./health/metrics.ts";
import { MetricsController } from "./health/metrics.controller.ts";
import { Readiness } from "./health/readiness.ts";
import { loggerOptions } from "./http/logger.ts";
import { ProblemFilter } from "./http/problem.filter.ts";
import { validationPipe } from "./http/validation.pipe.ts";
import { ColumnMapping } from "./imports/column-mapping.entity.ts";
import { ColumnMappingsController } from "./imports/column-mappings.controller.ts";
import { ColumnMappings } from "./imports/column-mappings.service.ts";
import { DryRun } from "./imports/dry-run.ts";
import { ImportJob } from "./imports/import-job.entity.ts";
import { ImportLoop } from "./imports/import-loop.ts";
import { ImportRejection } from "./imports/import-rejection.entity.ts";
import { ImportRunner } from "./imports/import-runner.ts";
import { ImportsController } from "./imports/imports.controller.ts";
import { Rejections } from "./imports/rejections.ts";
import { ImportsService } from "./imports/imports.service.ts";
import { Uploads } from "./imports/uploads.ts";
import { History } from "./history/history.service.ts";
import { Identity } from "./history/identity.ts";
import { Links } from "./history/links.ts";
import { CaseGraph } from "./history/case-graph.ts";
import { GraphController } from "./history/graph.controller.ts";
import { HistoryController } from "./history/history.controller.ts";
import { IntegrityDifference } from "./integrity/integrity-difference.entity.ts";
import { IntegrityLoop } from "./integrity/integrity-loop.ts";
import { IntegrityRun } from "./integrity/integrity-run.entity.ts";
import { IntegrityRunner } from "./integrity/integrity-runner.ts";
import { IntegrityController } from "./integrity/integrity.controller.ts";
import { IntegrityStates } from "./integrity/integrity-state.ts";
import { Monitor } from "./integrity/monitor.ts";
import { IntegrityService } from "./integrity/integrity.service.ts";
import { BatchRecords } from "./integrity/batch-records.ts";
import { BatchWalk } from "./integrity/batch-walk.ts";
import { HeadWalk } from "./integrity/head-walk.ts";
import { SupersessionWalk } from "./integrity/supersession-walk.ts";
import { TableWalk } from "./integrity/table-walk.ts";
import { StoredRecords } from "./integrity/stored-records.ts";
import { OpenData } from "./open-data/open-data.ts";
import { OpenDataController } from "./open-data/open-data.controller.ts";
import { OpenDataLoop } from "./open-data/open-data-loop.ts";
import { DataKeys } from "./personal/data-keys.ts";
import { KEY_ENCRYPTION } from "./personal/key-encryption.ts";
import { PersonalFields } from "./personal/personal-fields.ts";
import { Ingest } from "./records/ingest.ts";
import { IngestQueue } from "./records/ingest-queue.ts";
import { IssuedStatements } from "./records/issued-statements.ts";
import { LocalFieldsController } from "./records/local-fields.controller.ts";
import { LocalFields } from "./records/local-fields.service.ts";
import { LocalSchemaRow } from "./records/local-schema.entity.ts";
import { RecordLink } from "./records/record-link.entity.ts";
import { RecordRow } from "./records/record.entity.ts";
import { RecordsController } from "./records/records.controller.ts";
import { RecordsByLine } from "./records/records-by-line.service.ts";
import { RecordsService } from "./records/records.service.ts";
import { StatementsController } from "./records/statements.controller.ts";
import { RecordExport } from "./search/record-export.ts";
import { SearchController } from "./search/search.controller.ts";
import { RecordSearch } from "./search/search.service.ts";
import { TypesController } from "./records/types.controller.ts";
import { Rates } from "./rates/rates.ts";
import { ForeignRecordRow } from "./regions/foreign-record.entity.ts";
import { ForeignRecordsService } from "./regions/foreign-records.service.ts";
import { RegionsController } from "./regions/regions.controller.ts";
import { Regions } from "./regions/regions.service.ts";
import { StreamKeys } from "./subjects/stream-keys.service.ts";
import { SubjectIndex } from "./subjects/subject-index.ts";
import { TraceContexts } from "./tracing/trace-contexts.ts";
import { Tracing } from "./tracing/tracing.ts";
import { Receipts } from "./verification/receipts.service.ts";
import { Deliveries } from "./webhooks/deliveries.ts";
import { DeliveryLoop } from "./webhooks/delivery-loop.ts";
import { WebhookDelivery } from "./webhooks/webhook-delivery.entity.ts";
import { WebhookEndpoint } from "./webhooks/webhook-endpoint.entity.ts";
import { WebhooksController } from "./webhooks/webhooks.controller.ts";
import { WebhooksService } from "./webhooks/webhooks.service.ts";
import { PresentChain } from "./verification/present-chain.ts";
import { OTHER_CHAINS, Trust } from "./verification/trust.service.ts";
import { Renewals } from "./verification/renewals.service.ts";
import { VerificationController } from "./verification/verification.controller.ts";

const entities = [
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
];

function opened({ keys, keyEncryption, otherChains, claims, client, ledger, tracing }: Foundations): Provider[] {
  return [
    { provide: PLATFORM_KEYS, useValue: keys },
    { provide: KeyVault, useValue: new KeyVault(keys.masterKey) },
    { provide: KEY_ENCRYPTION, useValue: keyEncryption },
    { provide: SubjectIndex, useValue: new SubjectIndex(keys.vrfSecret) },
    { provide: RowSeals, useValue: new RowSeals(keys.masterKey) },
    { provide: OTHER_CHAINS, useValue: otherChains },
    { provide: CLAIMS, useValue: claims },
    { provide: RpcClient, useValue: client },
    { provide: Ledger, useValue: ledger },
    { provide: Tracing, useValue: tracing },
  ];
}

const access: Provider[] = [
  ...[AccessLog, LogHeads, LogKeeping],
  ...[DeclaredRoutes, Identities, Issuer, Rates, RelyingParty, Resources, Sessions],
];

const anchoring: Provider[] = [
  Findings,
  Alarms,
  Backlog,
  Sealing,
  Signing,
  RelayTransactions,
  BatchShipping,
  SupersessionShipping,
  Relay,
  Confirmation,
  Leadership,
  LedgerComparison,
  Stops,
  KeyRotation,
  TraceContexts,
  BatchHashes,
  Restoring,
  Unsigned,
  AnchoringLoop,
];

/** The whole application; main.ts serves it over HTTP, worker.ts runs its loops. */
@Module({})
export class AppModule {
  static of(config: Config, foundations: Foundations): DynamicModule {
    return {
      module: AppModule,
      imports: [
        LoggerModule.forRoot(loggerOptions(config.logLevel)),
        TypeOrmModule.forRootAsync({
          useFactory: () => foundations.dataSource.options,
          dataSourceFactory: async () => foundations.dataSource,
        }),
        TypeOrmModule.forFeature(entities),
        DiscoveryModule,
      ],
      controllers: [
        SearchController,
        RecordsController,
        StatementsController,
        EquivocationsController,
        ErasuresController,
        VerificationController,
        ImportsController,
        ColumnMappingsController,
        TypesController,
        LocalFieldsController,
        HistoryController,
        GraphController,
        RegionsController,
        IntegrityController,
        CertificatesController,
        WebhooksController,
        DepartmentsController,
        SignaturesController,
        AccessLogController,
        ReviewController,
        DelegationsController,
        LoginController,
        MeController,
        OpenDataController,
        HealthController,
        MetricsController,
      ],
      providers: [
        { provide: Config, useValue: config },
        { provide: APP_FILTER, useClass: ProblemFilter },
        { provide: APP_GUARD, useClass: AccessGuard },
        { provide: APP_PIPE, useValue: validationPipe },
        ...opened(foundations),
        ...access,
        ...anchoring,
        WebhooksService,
        Deliveries,
        DeliveryLoop,
        DepartmentsService,
        StreamKeys,
        DataKeys,
        PersonalFields,
        Erasures,
        Ingest,
        IngestQueue,
        IssuedStatements,
        RecordsByLine,
        RecordsService,
        Submissions,
        ReviewService,
        Delegations,
        Equivocations,
        RecordSearch,
        RecordExport,
        LocalFields,
        Uploads,
        ColumnMappings,
        DryRun,
        Rejections,
        ImportsService,
        ImportRunner,
        ImportLoop,
        StoredRecords,
        BatchRecords,
        BatchWalk,
        SupersessionWalk,
        TableWalk,
        HeadWalk,
        IntegrityRunner,
        Monitor,
        IntegrityStates,
        IntegrityLoop,
        IntegrityService,
        Links,
        CaseGraph,
        Regions,
        ForeignRecordsService,
        History,
        Identity,
        Receipts,
        OpenData,
        OpenDataLoop,
        Trust,
        Renewals,
        PresentChain,
        ChainRpc,
        CertificateParts,
        CertificateMaker,
        Papers,
        CertificateLoop,
        SealedCertificates,
        CertificatesService,
        Readiness,
        Metrics,
      ],
    };
  }
}
