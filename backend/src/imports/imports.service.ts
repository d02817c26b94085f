import { randomBytes } from "node:crypto";
import { Readable } from "node:stream";
import { Injectable } from "@nestjs/common";
import { InjectRepository } from "@nestjs/typeorm";
import type { FastifyRequest } from "fastify";
import { type EntityManager, type Repository } from "typeorm";
import type { Access } from "../access/access.ts";
import { Backlog } from "../anchoring/backlog.ts";
import { uuidv7 } from "../database/uuid.ts";
import { DepartmentsService } from "../departments/departments.service.ts";
import { KeyVault } from "../departments/key-vault.ts";
import { Refusal } from "../http/refusal.ts";
import { DataKeys } from "../personal/data-keys.ts";
import { writeErrorReport } from "../records/files/error-report.ts";
import type { FileRow } from "../records/files/file-row.ts";
import { recordTypes } from "../records/types/record-types.ts";
import { Submissions } from "../review/submissions.ts";
import { ColumnMappings } from "./column-mappings.service.ts";
import { ImportJob, uploadKeyContext } from "./import-job.entity.ts";
import type { ErrorFormat, ImportAnswer } from "./imports.schemas.ts";
import { Rejections } from "./rejections.ts";
import { readUpload } from "./upload-form.ts";
import { Uploads } from "./uploads.ts";

/** Files of records: taken in as jobs, watched, and answered with what was wrong. */
@Injectable()
export class ImportsService {
  constructor(
    @InjectRepository(ImportJob) private readonly jobs: Repository<ImportJob>,
    private readonly rejections: Rejections,
    private readonly dataKeys: DataKeys,
    private readonly departments: DepartmentsService,
    private readonly mappings: ColumnMappings,
    private readonly uploads: Uploads,
    private readonly backlog: Backlog,
    private readonly submissions: Submissions,
  ) {}

  /** Keeps the file and leaves the rest to a worker. @throws Refusal */
  async submit(request: FastifyRequest, dryRun: boolean, access: Access): Promise<ImportAnswer> {
    if (!dryRun) await this.backlog.checkAccepting();
    await this.dataKeys.prepare();
    const id = uuidv7();
    const fileKey = randomBytes(32);
    try {
      const { fileName, bytes, fields } = await readUpload(request, (content) =>
        this.uploads.keep(id, content, new KeyVault(fileKey)),
      );
      const { reviewRequired, ...checked } = await this.#checked(fields, access);
      await this.dataKeys.prepare();
      const key = this.dataKeys.take();
      const uploadKey = key.vault.seal(fileKey, uploadKeyContext(id));
      const isReviewed = reviewRequired && !dryRun;
      await this.jobs.manager.transaction(async (manager) => {
        const status = isReviewed ? "reviewing" : "waiting";
        await manager.insert(ImportJob, { id, ...checked, fileName, bytes, dryRun, uploadKey, status });
        await this.dataKeys.keep([{ owner: id, key }], manager);
        if (isReviewed) await this.submissions.keep(checked.department, { import: id }, access.principal.id!, manager);
      });
    } catch (error) {
      await this.uploads.discard(id);
      throw error;
    }
    return this.show(id);
  }

  /** A second person has approved it: a worker takes it up once `manager` has committed. */
  async release(id: string, manager: EntityManager): Promise<void> {
    await manager.update(ImportJob, { id, status: "reviewing" }, { status: "waiting" });
  }

  /** A second person has refused it. The file is to be discarded once `manager` has committed. */
  async refuse(id: string, manager: EntityManager): Promise<void> {
    await manager.update(
      ImportJob,
      { id, status: "reviewing" },
      {
        ...{ status: "refused", finishedAt: new Date() },
        uploadKey: null,
      },
    );
  }

  discard(id: string): Promise<void> {
    return this.uploads.discard(id);
  }

  /** @throws Refusal IMPORT_NOT_FOUND */
  async show(id: string): Promise<ImportAnswer> {
    const { createdAt, finishedAt, ...job } = await this.#find(id);
    return { ...job, createdAt: createdAt.toISOString(), finishedAt: finishedAt?.toISOString() ?? null };
  }

  /** The rejected rows as a file, in the order of the import. @throws Refusal IMPORT_NOT_FOUND, KMS_UNAVAILABLE, CONTENT_UNREADABLE */
  async errors(id: string, format: ErrorFormat): Promise<{ content: Readable; fileName: string }> {
    const { fileName } = await this.#find(id);
    const rows = await this.rejections.of(id);
    const content = format === "ndjson" ? Readable.from(lines(rows)) : writeErrorReport(rows, format);
    return { content, fileName: `${fileName.replace(/\.[^.]*$/, "")}-errors.${format}` };
  }

  async #find(id: string): Promise<ImportJob> {
    const job = await this.jobs.findOneBy({ id });
    if (!job) throw new Refusal("IMPORT_NOT_FOUND");
    return job;
  }

  async #checked({ department, type, mapping }: Readonly<Record<string, string>>, access: Access) {
    if (!department) throw new Refusal("FIELD_MISSING", { facts: { field: "department" } });
    access.check({ department });
    const { reviewRequired } = await this.departments.registered(department);
    if (type && !recordTypes.has(type))
      throw new Refusal("TYPE_UNKNOWN", { facts: { types: [...recordTypes.keys()] } });
    if (!mapping) return { reviewRequired, department, type: type || null, mapping: {} };
    const saved = await this.mappings.named(department, mapping);
    if (type && type !== saved.type) throw new Refusal("TYPE_UNKNOWN", { facts: { types: [saved.type] } });
    return { reviewRequired, department, type: saved.type, mapping: saved.columns };
  }
}

/** One line a rejected row, without its content: for programs that only count and point. */
async function* lines(rows: AsyncIterable<FileRow>): AsyncGenerator<string> {
  for await (const { row, type, problems } of rows) yield `${JSON.stringify({ row, type, problems })}\n`;
}
