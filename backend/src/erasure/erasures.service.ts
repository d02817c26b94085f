import { Injectable } from "@nestjs/common";
import { DataSource, type EntityManager } from "typeorm";
import { RowSeals } from "../database/row-seals.ts";
import type { KeyVault } from "../departments/key-vault.ts";
import { Finding } from "../findings/finding.entity.ts";
import { FINDING, sealedFinding } from "../findings/finding-seal.ts";
import { Refusal } from "../http/refusal.ts";
import { Rejections } from "../imports/rejections.ts";
import { PersonalFields } from "../personal/personal-fields.ts";
import { RECORD, sealedColumns } from "../records/record-seal.ts";
import { RecordRow } from "../records/record.entity.ts";
import { Submissions } from "../review/submissions.ts";
import { ERASED_SUBJECT } from "../subjects/subject-index.ts";
import { Erasure, type ErasureReason } from "./erasure.entity.ts";
import { ERASURE, sealedErasure } from "./erasure-seal.ts";
import type { ErasureAnswer } from "./erasure.schemas.ts";
import { isTrace, type Traces, tracesOf } from "./traces.ts";

const NOTHING = Buffer.alloc(0);

type Note = Pick<Erasure, keyof Erasure>;

/** What of a department was sent and is no record: where the record that is to be erased may be found again. */
interface Sent {
  readonly traces: Traces;
  readonly submissions: readonly string[];
  /** Keys of the imports of which rows without a readable number are kept. */
  readonly imports: ReadonlyMap<string, KeyVault>;
}

/**
 * Erases what is personal in a record (个人信息保护法 art. 47): its key, its ciphertext, everything derived from it, and what its
 * department sent of it that never became a record. What the chain rests on stays: the issuer-signed part, whose digests are salted, the record hash, the stream key and the place in a batch.
 */
@Injectable()
export class Erasures {
  constructor(
    private readonly dataSource: DataSource,
    private readonly seals: RowSeals,
    private readonly rejections: Rejections,
    private readonly submissions: Submissions,
    private readonly personal: PersonalFields,
  ) {}

  /**
   * All of it or nothing, in one transaction. What was erased before stays as it was noted then; what its department has sent
   * of it since goes as well.
   * @throws Refusal RECORD_NOT_FOUND, NOTHING_PERSONAL, NOT_FINAL, ERASURE_BLOCKED, KMS_UNAVAILABLE
   */
  async erase(id: string, reason: ErasureReason, actor: string): Promise<ErasureAnswer> {
    const sent = await this.#sent(id);
    return this.dataSource.transaction(async (manager) => {
      const record = await manager.findOne(RecordRow, { where: { id }, lock: { mode: "pessimistic_write" } });
      if (!record) throw new Refusal("RECORD_NOT_FOUND");
      if (record.personal === null) throw new Refusal("NOTHING_PERSONAL");
      if (!(await isFinal(record, manager))) throw new Refusal("NOT_FINAL");
      await this.#emptySent(record.department, sent, manager);
      const known = await manager.findOneBy(Erasure, { record: id });
      if (known) return shown(known);
      await this.#empty(record, manager);
      await this.#emptyFindings(id, manager);
      await manager.query(`delete from data_key where owner = $1`, [id]);
      await manager.query(`delete from idempotency_key where record = $1`, [id]);
      await forgetDerived(record, manager);
      return shown(
        await this.#note({ record: id, department: record.department, actor, reason, erasedAt: new Date() }, manager),
      );
    });
  }

  /** Everything is opened before the transaction: a KMS is a journey away. @throws Refusal RECORD_NOT_FOUND, KMS_UNAVAILABLE */
  async #sent(id: string): Promise<Sent> {
    const stored = await this.dataSource.getRepository(RecordRow).findOneBy({ id });
    if (!stored) throw new Refusal("RECORD_NOT_FOUND");
    const [record] = await this.personal.open([stored]);
    const { department, type, number, fields } = record!;
    const traces = tracesOf(type, number, fields);
    const submissions = await this.submissions.about(department, (sent) => isTrace(traces, sent.type, sent.fields));
    return { traces, submissions, imports: await this.rejections.unnumbered(department) };
  }

  /** What still waits may yet become a record, or rows of an import: it is settled first. @throws Refusal ERASURE_BLOCKED */
  async #emptySent(department: string, { traces, submissions, imports }: Sent, manager: EntityManager): Promise<void> {
    const open = await unsettledImports(department, [...imports.keys()], manager);
    const waiting = await this.submissions.forget(submissions, manager);
    if (open.length + waiting.length > 0)
      throw new Refusal("ERASURE_BLOCKED", { facts: { imports: open, submissions: [...waiting] } });
    await this.rejections.forgetNumber(department, traces.number, manager);
    for (const [job, vault] of imports)
      await this.rejections.forgetUnnumbered(job, vault, ({ type, cells }) => isTrace(traces, type, cells), manager);
  }

  /** The record is sealed anew as what is left of it. */
  async #empty(record: RecordRow, manager: EntityManager): Promise<void> {
    const seal = this.seals.seal(RECORD, sealedColumns(record));
    const person = record.subjectType === "person" ? { subjectId: ERASED_SUBJECT, subjectName: "" } : {};
    await manager.update(RecordRow, { id: record.id }, { personal: NOTHING, seal, ...person });
  }

  /** Two contents under one number are proven by statements that hold both: the finding remains, they do not. */
  async #emptyFindings(record: string, manager: EntityManager): Promise<void> {
    const findings = await manager.findBy(Finding, { record });
    for (const finding of findings.filter(({ personal }) => personal !== null)) {
      const empty = { ...finding, personal: NOTHING };
      const seal = this.seals.seal(FINDING, sealedFinding(empty));
      await manager.update(Finding, { id: finding.id }, { personal: NOTHING, seal });
      await manager.query(`delete from data_key where owner = $1`, [finding.id]);
    }
  }

  async #note(note: Omit<Note, "seal">, manager: EntityManager): Promise<Note> {
    const sealed = { ...note, seal: this.seals.seal(ERASURE, sealedErasure(note)) };
    await manager.insert(Erasure, sealed);
    return sealed;
  }
}

/** Imports that have not ended, or have left rows without a number since these were looked for. */
async function unsettledImports(
  department: string,
  seen: readonly string[],
  manager: EntityManager,
): Promise<string[]> {
  const rows: { id: string }[] = await manager.query(
    `select id from import_job j where department = $1 and (status in ('reviewing', 'waiting', 'running') or id <> all($2::uuid[])
       and exists (select from data_key k where k.owner = j.id)
       and exists (select from import_rejection r where r.import = j.id and r.number_index is null))`,
    [department, seen],
  );
  return rows.map(({ id }) => id);
}

/** Before that the department may still have to see what it signs. */
async function isFinal({ batch }: RecordRow, manager: EntityManager): Promise<boolean> {
  const [row]: { status: string }[] = await manager.query(`select status from batch where id = $1`, [batch]);
  return row?.status === "final";
}

/** The stream of a person of whom no other record is left, and every finished paper that may show the record. */
async function forgetDerived(record: RecordRow, manager: EntityManager): Promise<void> {
  const { subjectType, subjectId, receivedAt, kind, year } = record;
  const about = [subjectType, subjectId];
  await manager.query(
    `with papers as (delete from certificate where subject_type = $1 and subject_id = $2 and created_at >= $3 returning id)
     delete from data_key k using papers p where k.owner = p.id`,
    [...about, receivedAt],
  );
  if (subjectType !== "person") return;
  await manager.query(
    `delete from stream s where (s.subject_type, s.subject_id, s.kind, s.year) = ($1, $2, $3::smallint, $4::smallint)
       and not exists (select from record r where (r.subject_type, r.subject_id, r.kind, r.year) = ($1, $2, $3::smallint, $4::smallint))`,
    [...about, kind, year],
  );
}

function shown({ record, reason, actor, erasedAt }: Note): ErasureAnswer {
  return { record, reason, actor, erasedAt: erasedAt.toISOString() };
}
