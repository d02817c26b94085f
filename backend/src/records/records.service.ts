import { Injectable } from "@nestjs/common";
import { InjectRepository } from "@nestjs/typeorm";
import { DataSource, type Repository } from "typeorm";
import type { Access } from "../access/access.ts";
import { Batch } from "../anchoring/batch.entity.ts";
import { Supersession } from "../anchoring/supersession.entity.ts";
import { Backlog } from "../anchoring/backlog.ts";
import { DepartmentsService } from "../departments/departments.service.ts";
import { Refusal } from "../http/refusal.ts";
import type { SubmissionReference } from "../review/review.schemas.ts";
import { Submissions } from "../review/submissions.ts";
import { admissionProblem } from "./admission.ts";
import type { Incoming, Outcome } from "./ingest.ts";
import { IngestQueue } from "./ingest-queue.ts";
import { DataKeys } from "../personal/data-keys.ts";
import { PersonalFields } from "../personal/personal-fields.ts";
import { RecordRow } from "./record.entity.ts";
import { RESOURCE_COLUMNS, RESOURCE_JOINS, type ResourceRow, type Standing, standingOf } from "./record-resource.ts";
import type { NewRecord, NewStatement, RecordAnswer, RecordReference } from "./records.schemas.ts";
import { IssuedStatements } from "./issued-statements.ts";
import { LocalFields } from "./local-fields.service.ts";
import { hasLocal, withoutLocal } from "./types/local-fields.ts";
import type { Validation, ValidRecord } from "./types/record-type.ts";
import { type Audience, fieldsFor } from "./types/mask.ts";
import { recordTypes } from "./types/record-types.ts";
import { validateRecord } from "./types/validate.ts";
import { todayInChina } from "./china-time.ts";

/** Records one by one: taken in, and shown. */
@Injectable()
export class RecordsService {
  constructor(
    @InjectRepository(RecordRow) private readonly records: Repository<RecordRow>,
    @InjectRepository(Batch) private readonly batches: Repository<Batch>,
    @InjectRepository(Supersession) private readonly supersessions: Repository<Supersession>,
    private readonly dataSource: DataSource,
    private readonly departments: DepartmentsService,
    private readonly localFields: LocalFields,
    private readonly statements: IssuedStatements,
    private readonly queue: IngestQueue,
    private readonly backlog: Backlog,
    private readonly personal: PersonalFields,
    private readonly submissions: Submissions,
    private readonly dataKeys: DataKeys,
  ) {}

  /** @throws Refusal of every kind that a record can meet */
  async submit(
    input: NewRecord,
    access: Access,
    idempotencyKey?: string,
  ): Promise<(RecordReference & { readonly created: boolean }) | SubmissionReference> {
    const { incoming, reviewRequired } = await this.prepare(input, idempotencyKey, access);
    if (!reviewRequired) return answered(await this.queue.take(incoming));
    const content = { record: input, idempotencyKey: idempotencyKey ?? null };
    await this.dataKeys.prepare();
    const { id } = await this.dataSource.transaction((manager) =>
      this.submissions.keep(incoming.record.department, content, access.principal.id!, manager),
    );
    return { submission: id, state: (await this.submissions.find(id)).state };
  }

  /**
   * A record as it would be taken in now, and whether a second person must approve it first; nothing is written.
   * @param access of whoever submits it; without it somebody was allowed to before
   * @throws Refusal
   */
  async prepare(
    input: NewRecord,
    idempotencyKey?: string,
    access?: Access,
  ): Promise<{ readonly incoming: Incoming; readonly reviewRequired: boolean }> {
    await this.backlog.checkAccepting();
    const record = await this.#validated(input);
    access?.check({ department: record.department });
    const department = await this.departments.current(record.department);
    const problem = admissionProblem(record, department);
    if (problem) throw new Refusal(problem);
    const incoming: Incoming = {
      record,
      ...(idempotencyKey !== undefined && { idempotencyKey }),
      ...(input.supersedes && { reason: input.supersedes.reason }),
    };
    return { incoming, reviewRequired: department?.reviewRequired ?? false };
  }

  /** A record that its department has signed itself. @throws Refusal of every kind that a record can meet */
  async submitSigned(
    { statement, reason }: NewStatement,
    access: Access,
  ): Promise<RecordReference & { readonly created: boolean }> {
    await this.backlog.checkAccepting();
    const issued = await this.statements.read(statement);
    access.check({ department: issued.record.department });
    const department = await this.departments.current(issued.record.department);
    const problem = admissionProblem(issued.record, department, true);
    if (problem) throw new Refusal(problem);
    return answered(await this.queue.take({ ...issued, ...(reason && { reason }) }));
  }

  async #validated({ type, department, fields: given, supersedes }: NewRecord): Promise<ValidRecord> {
    const recordType = recordTypes.get(type);
    if (!recordType) throw new Refusal("TYPE_UNKNOWN", { facts: { types: [...recordTypes.keys()] } });
    const fields = withCitation(given, supersedes);
    const context = { ...(department !== undefined && { department }), today: todayInChina() };
    if (!hasLocal(fields)) return accepted(validateRecord(recordType, fields, context));
    const { department: whose } = accepted(validateRecord(recordType, withoutLocal(fields), context));
    const local = await this.localFields.schemasOf(whose);
    return accepted(validateRecord(recordType, fields, { ...context, local }));
  }

  /** @param audience decides how much of it is shown @throws Refusal RECORD_NOT_FOUND, RECORD_ERASED, CONTENT_UNREADABLE */
  async show(id: string, audience: Audience): Promise<RecordAnswer> {
    const stored = await this.records.findOneBy({ id });
    if (!stored) throw new Refusal("RECORD_NOT_FOUND");
    const record = await this.personal.openOne(stored);
    const batch = record.batch === null ? null : await this.batches.findOneBy({ id: record.batch });
    const { type, kind, department, number, version, recordHash } = record;
    const { subject, subjectName, ...fields } = fieldsFor(audience, recordTypes.get(type)!, record.fields);
    const standing = await this.#standing(id);
    const superseded = await this.supersessions.findOneBy({ department, recordHash, status: "final" });
    return {
      ...{ id, recordHash, status: batch?.status ?? "received", type, kind, department },
      subject: subject as RecordAnswer["subject"],
      subjectName: subjectName as string,
      ...{ number, version, fields: { subject, subjectName, ...fields } },
      eventTime: record.fields.eventTime as string,
      signedAt: record.signedAt.getTime() / 1000,
      anchoredAt: batch?.blockTime ?? null,
      batch: batch && { sequence: batch.sequence, index: record.batchIndex! },
      supersededBy: superseded && {
        record: superseded.successor,
        by: superseded.by,
        reason: superseded.reason,
        at: superseded.blockTime!,
      },
      ...standing,
    };
  }

  async #standing(id: string): Promise<Standing> {
    const rows: ResourceRow[] = await this.dataSource.query(
      `select ${RESOURCE_COLUMNS} from record r ${RESOURCE_JOINS} where r.id = $1`,
      [id],
    );
    return standingOf(rows[0]!, todayInChina());
  }
}

/** @throws Refusal RECORD_INVALID */
function accepted(validation: Validation): ValidRecord {
  if (!validation.ok) throw new Refusal("RECORD_INVALID", { problems: validation.problems });
  return validation.record;
}

/** What a record supersedes stands in its statement, as a link. */
function withCitation(fields: NewRecord["fields"], supersedes: NewRecord["supersedes"]): NewRecord["fields"] {
  const { links = [] } = fields;
  if (!supersedes || !Array.isArray(links)) return fields;
  return { ...fields, links: [...(links as unknown[]), { rel: "supersedes", record: supersedes.record }] };
}

/** @throws Refusal when it was refused */
export function answered(outcome: Outcome): RecordReference & { created: boolean } {
  if (outcome.outcome !== "refused") {
    const { id, recordHash, status } = outcome;
    return { id, recordHash, status, created: outcome.outcome === "created" };
  }
  const { outcome: _, code, ...facts } = outcome;
  throw new Refusal(code, { facts });
}
