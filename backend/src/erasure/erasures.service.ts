import { Injectable } from "@nestjs/common";
import { DataSource, type EntityManager } from "typeorm";
import { RowSeals } from "../database/row-seals.ts";
import { Finding } from "../findings/finding.entity.ts";
import { FINDING, sealedFinding } from "../findings/finding-seal.ts";
import { Refusal } from "../http/refusal.ts";
import { Rejections } from "../imports/rejections.ts";
import { RECORD, sealedColumns } from "../records/record-seal.ts";
import { RecordRow } from "../records/record.entity.ts";
import { ERASED_SUBJECT } from "../subjects/subject-index.ts";
import { Erasure, type ErasureReason } from "./erasure.entity.ts";
import { ERASURE, sealedErasure } from "./erasure-seal.ts";
import type { ErasureAnswer } from "./erasure.schemas.ts";

const NOTHING = Buffer.alloc(0);

type Note = Pick<Erasure, keyof Erasure>;

/**
 * Erases what is personal in a record (个人信息保护法 art. 47): its key, its ciphertext and everything derived from it. What the
 * chain rests on stays: the issuer-signed part, whose digests are salted, the record hash, the stream key and the place in a batch.
 */
@Injectable()
export class Erasures {
  constructor(
    private readonly dataSource: DataSource,
    private readonly seals: RowSeals,
    private readonly rejections: Rejections,
  ) {}

  /**
   * All of it or nothing, in one transaction. What was erased before stays as it was noted then.
   * @throws Refusal RECORD_NOT_FOUND, NOTHING_PERSONAL, NOT_FINAL
   */
  erase(id: string, reason: ErasureReason, actor: string): Promise<ErasureAnswer> {
    return this.dataSource.transaction(async (manager) => {
      const record = await manager.findOne(RecordRow, { where: { id }, lock: { mode: "pessimistic_write" } });
      if (!record) throw new Refusal("RECORD_NOT_FOUND");
      if (record.personal === null) throw new Refusal("NOTHING_PERSONAL");
      const known = await manager.findOneBy(Erasure, { record: id });
      if (known) return shown(known);
      if (!(await isFinal(record, manager))) throw new Refusal("NOT_FINAL");
      await this.#empty(record, manager);
      await this.#emptyFindings(id, manager);
      await manager.query(`delete from data_key where owner = $1`, [id]);
      await manager.query(`delete from idempotency_key where record = $1`, [id]);
      await this.rejections.forgetNumber(record.department, record.number, manager);
      await forgetDerived(record, manager);
      return shown(
        await this.#note({ record: id, department: record.department, actor, reason, erasedAt: new Date() }, manager),
      );
    });
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
