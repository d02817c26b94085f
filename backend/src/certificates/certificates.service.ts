import { Injectable } from "@nestjs/common";
import { InjectRepository } from "@nestjs/typeorm";
import { type FindOptionsWhere, In, type Repository } from "typeorm";
import type { Access } from "../access/access.ts";
import { AccessLog } from "../access/access-log.ts";
import { uuidv7 } from "../database/uuid.ts";
import { ERRORS } from "../errors.ts";
import { Refusal } from "../http/refusal.ts";
import { todayInChina } from "../records/china-time.ts";
import { RecordRow } from "../records/record.entity.ts";
import { SubjectIndex } from "../subjects/subject-index.ts";
import { CertificateJob } from "./certificate-job.entity.ts";
import { type CertificateOrder, orderOf } from "./certificate-order.ts";
import { CertificateParts } from "./certificate-parts.ts";
import type { CertificateAnswer, NewCertificate } from "./certificates.schemas.ts";
import { SealedCertificates } from "./sealed-certificates.ts";
import { newCode, readCode } from "./verification-code.ts";

/** Certificates: asked for, watched, and fetched. */
@Injectable()
export class CertificatesService {
  constructor(
    @InjectRepository(CertificateJob) private readonly jobs: Repository<CertificateJob>,
    @InjectRepository(RecordRow) private readonly records: Repository<RecordRow>,
    private readonly parts: CertificateParts,
    private readonly sealed: SealedCertificates,
    private readonly subjects: SubjectIndex,
    private readonly log: AccessLog,
  ) {}

  /** Keeps the order and leaves the rest to a worker. @throws Refusal SUBJECT_INVALID, PERIOD_NOT_COVERED, FORBIDDEN, RECORD_NOT_FOUND */
  async submit(asked: NewCertificate, access: Access): Promise<CertificateAnswer> {
    const { blockTime } = await this.parts.newestBlock();
    const order = orderOf(asked, todayInChina(blockTime * 1000));
    const { type: subjectType, id: subjectId } = order.subject;
    access.check(subjectType === "uscc" ? { subject: subjectId } : {});
    await this.#checkRecords(order);
    await this.log.appendMandate(access, subjectId);
    const id = uuidv7();
    await this.sealed.keep(id, newCode(), order);
    return this.show(id);
  }

  /** @throws Refusal CERTIFICATE_NOT_FOUND */
  async show(id: string): Promise<CertificateAnswer> {
    const job = await this.jobs.findOneBy({ id });
    if (!job) throw new Refusal("CERTIFICATE_NOT_FOUND");
    const { code, status, done, total, refusal, createdAt, finishedAt } = job;
    const { purpose, subject } = await this.sealed.order(job);
    return {
      ...{ id, code, purpose, subject, status, done, total },
      refusal: refusal && { ...refusal, zh: ERRORS[refusal.code].zh, en: ERRORS[refusal.code].en },
      createdAt: createdAt.toISOString(),
      finishedAt: finishedAt?.toISOString() ?? null,
    };
  }

  /** The certificate itself, byte for byte. @throws Refusal CERTIFICATE_NOT_FOUND, CERTIFICATE_NOT_READY */
  async document(id: string): Promise<string> {
    return this.#document({ id });
  }

  /** The certificate on paper. @throws Refusal CERTIFICATE_NOT_FOUND, CERTIFICATE_NOT_READY */
  async pdf(id: string): Promise<Buffer> {
    const { pdf } = await this.#finished({ id });
    return this.sealed.open(id, "pdf", pdf!);
  }

  /** The certificate for whoever holds the paper. @throws Refusal CERTIFICATE_NOT_FOUND */
  async documentByCode(typed: string): Promise<string> {
    return this.#document({ code: readCode(typed), status: "done" });
  }

  async #document(where: FindOptionsWhere<CertificateJob>): Promise<string> {
    const { id, document } = await this.#finished(where);
    return (await this.sealed.open(id, "document", document!)).toString();
  }

  async #finished(where: FindOptionsWhere<CertificateJob>): Promise<CertificateJob> {
    const job = await this.jobs.findOne({ where, select: { id: true, status: true, document: true, pdf: true } });
    if (!job) throw new Refusal("CERTIFICATE_NOT_FOUND");
    if (job.status !== "done") throw new Refusal("CERTIFICATE_NOT_READY", { facts: { status: job.status } });
    return job;
  }

  /** Records of somebody else are answered like records that do not exist. */
  async #checkRecords({ records, subject }: CertificateOrder): Promise<void> {
    const { type: subjectType, id: subjectId } = this.subjects.stored(subject);
    const about = { subjectType, subjectId };
    const found = await this.records.countBy({ id: In([...records]), ...about });
    if (found < records.length) throw new Refusal("RECORD_NOT_FOUND");
  }
}
