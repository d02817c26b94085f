import { Injectable, Logger } from "@nestjs/common";
import { InjectRepository } from "@nestjs/typeorm";
import { DataSource, type EntityManager, type Repository } from "typeorm";
import { DepartmentsService } from "../departments/departments.service.ts";
import type { Department } from "../departments/department.entity.ts";
import { KeyVault } from "../departments/key-vault.ts";
import type { ErrorCode } from "../errors.ts";
import { admissionProblem } from "../records/admission.ts";
import { FileError } from "../records/files/file-error.ts";
import type { FileNote, FileRow } from "../records/files/file-row.ts";
import { readFile } from "../records/files/read-file.ts";
import { Ingest, type Outcome } from "../records/ingest.ts";
import { type Fault, fault, problem, type Problem } from "../records/problems.ts";
import { todayInChina } from "../records/china-time.ts";
import { LocalFields } from "../records/local-fields.service.ts";
import type { LocalSchemas } from "../records/types/local-fields.ts";
import type { ValidRecord } from "../records/types/record-type.ts";
import { recordTypes } from "../records/types/record-types.ts";
import { validateRecord } from "../records/types/validate.ts";
import { DataKeys } from "../personal/data-keys.ts";
import { DryRun, type Preview } from "./dry-run.ts";
import { ImportJob, uploadKeyContext } from "./import-job.entity.ts";
import { Rejections } from "./rejections.ts";
import { Uploads } from "./uploads.ts";

/** Rows of one transaction. */
const CHUNK = 500;
const MAX_NOTES = 100;

/** What the rows of one import are judged with. */
interface Context {
  readonly department: Department | undefined;
  readonly local: LocalSchemas;
}

interface Judged {
  readonly row: FileRow;
  readonly record: ValidRecord | null;
  readonly problems: readonly Problem[];
}

/** What becomes of a row that can be read: a record, one that is there already, or a refusal and why. */
type Fate = "accepted" | "duplicate" | Fault;

/**
 * Takes the rows of one file in, chunk by chunk. Records, rejections and the place in the file are committed together,
 * so an import that was cut off at any moment goes on with the first row that is not in the database.
 */
@Injectable()
export class ImportRunner {
  readonly #log = new Logger(ImportRunner.name);

  constructor(
    private readonly dataSource: DataSource,
    @InjectRepository(ImportJob) private readonly jobs: Repository<ImportJob>,
    private readonly departments: DepartmentsService,
    private readonly localFields: LocalFields,
    private readonly ingest: Ingest,
    private readonly dryRun: DryRun,
    private readonly uploads: Uploads,
    private readonly rejections: Rejections,
    private readonly dataKeys: DataKeys,
  ) {}

  /** Runs the job to its end, or until `signal` asks to stop between two chunks. */
  async run(job: ImportJob, signal: AbortSignal): Promise<void> {
    const context = await this.#contextOf(job);
    const notes: FileNote[] = [];
    const tell = (note: FileNote) => notes.length < MAX_NOTES && notes.push(note);
    const type = job.type === null ? {} : { type: job.type };
    const rows = readFile(this.uploads.read(job.id, await this.#uploadKey(job)), {
      ...{ fileName: job.fileName, directory: this.uploads.folder, mapping: job.mapping, ...type },
      tell: (note) => void tell(note),
    });
    let failure: Problem | null = null;
    try {
      for await (const chunk of chunks(rows, job.rowsRead)) {
        await this.#takeChunk(job, context, chunk);
        if (signal.aborted) return;
      }
    } catch (error) {
      if (!(error instanceof FileError)) throw error;
      failure = error.problem;
    }
    await this.#finish(job, notes, failure);
  }

  /** @throws Refusal KMS_UNAVAILABLE; what else fails is an import whose data key is gone */
  async #uploadKey({ id }: ImportJob): Promise<KeyVault | null> {
    const { uploadKey } = await this.jobs.findOneOrFail({ where: { id }, select: { id: true, uploadKey: true } });
    if (uploadKey === null) return null;
    const vault = (await this.dataKeys.of([id])).get(id);
    if (!vault) throw new Error(`import ${id} has no data key`);
    return new KeyVault(vault.open(uploadKey, uploadKeyContext(id)));
  }

  async #contextOf(job: ImportJob): Promise<Context> {
    const department = (await this.departments.byUscc([job.department])).get(job.department);
    return { department, local: await this.localFields.schemasOf(job.department) };
  }

  async #takeChunk(job: ImportJob, context: Context, rows: readonly FileRow[]): Promise<void> {
    const today = todayInChina();
    const judged = rows.map((row) => judge(row, job, context, today));
    const good = judged.flatMap(({ row, record }) => (record ? [{ row, record }] : []));
    await this.dataKeys.prepare();
    if (!job.dryRun) await this.ingest.prepare(good);
    await this.dataSource.transaction(async (manager) => {
      const fates = await this.#fatesOf(job, good, manager);
      const refused = good.flatMap(({ row }, i) => refusedRow(row, fates[i]!));
      const rejected = [...judged.filter(({ record }) => record === null).map(rejectedRow), ...refused];
      await this.rejections.keep(job.id, rejected, manager);
      const count = (fate: Fate) => fates.filter((one) => one === fate).length;
      await manager.query(
        `update import_job set status = 'running', rows_read = rows_read + $2, accepted = accepted + $3,
           duplicates = duplicates + $4, rejected = rejected + $5 where id = $1`,
        [job.id, rows.length, count("accepted"), count("duplicate"), rejected.length],
      );
    });
  }

  async #fatesOf(
    job: ImportJob,
    good: readonly { readonly row: FileRow; readonly record: ValidRecord }[],
    manager: EntityManager,
  ): Promise<Fate[]> {
    if (!job.dryRun) return (await this.ingest.take(good, manager, job.id)).map(fateOfOutcome);
    const candidates = good.map(({ row, record }) => ({ row: row.row, record }));
    return (await this.dryRun.look(job.id, candidates, manager)).map(fateOfPreview);
  }

  async #finish(job: ImportJob, notes: FileNote[], failure: Problem | null): Promise<void> {
    const status = failure ? "failed" : "done";
    if (job.dryRun) await this.dryRun.forget(job.id);
    await this.jobs.update({ id: job.id }, { status, notes, failure, finishedAt: new Date(), uploadKey: null });
    await this.uploads.discard(job.id);
    this.#log.log({ import: job.id, status, code: failure?.code }, "import finished");
  }
}

/** The rows after the first `skip`, in chunks. A file that breaks off yields the rows before the break first. */
async function* chunks(rows: AsyncIterable<FileRow>, skip: number): AsyncGenerator<FileRow[]> {
  let chunk: FileRow[] = [];
  let seen = 0;
  try {
    for await (const row of rows) {
      if (seen++ < skip) continue;
      chunk.push(row);
      if (chunk.length < CHUNK) continue;
      yield chunk;
      chunk = [];
    }
  } catch (error) {
    if (chunk.length > 0) yield chunk;
    throw error;
  }
  if (chunk.length > 0) yield chunk;
}

function judge(row: FileRow, job: ImportJob, { department, local }: Context, today: string): Judged {
  const type = recordTypes.get(row.type ?? "");
  if (row.problems.length > 0 || !type) return { row, record: null, problems: row.problems };
  const validation = validateRecord(type, row.cells, { department: job.department, today, local });
  if (!validation.ok) return { row, record: null, problems: validation.problems };
  const { record } = validation;
  const code = record.department === job.department ? admissionProblem(record, department) : "DEPARTMENT_MISMATCH";
  return code === null
    ? { row, record, problems: [] }
    : { row, record: null, problems: [problem(null, notAdmitted(code))] };
}

function notAdmitted(code: ErrorCode): Fault {
  return fault(code, "请核对作出机关代码与导入部门", "Compare the deciding department's code with the importing one");
}

function rejectedRow({ row, problems }: Judged): FileRow {
  return { ...row, problems };
}

function refusedRow(row: FileRow, fate: Fate): FileRow[] {
  if (typeof fate === "string") return [];
  // What was erased does not come back by being sent again, not even as a rejected row.
  const cells = fate.code === "RECORD_ERASED" ? {} : row.cells;
  return [{ ...row, cells, problems: [problem(null, fate)] }];
}

function fateOfOutcome(outcome: Outcome): Fate {
  if (outcome.outcome !== "refused") return outcome.outcome === "created" ? "accepted" : "duplicate";
  return onRecord(outcome.code, "stored" in outcome ? outcome.stored : "latest" in outcome ? outcome.latest : null);
}

function fateOfPreview(preview: Preview): Fate {
  switch (preview.outcome) {
    case "new":
      return "accepted";
    case "repeated":
    case "repeatedAbove":
      return "duplicate";
    case "conflict":
      return onRecord("NUMBER_CONFLICT", preview.with.recordHash);
    case "stale":
      return onRecord("SUPERSEDES_UNKNOWN", preview.latest);
    case "contradicts":
      return inTheSameFile(preview.row);
  }
}

function onRecord(code: ErrorCode, hash: string | null): Fault {
  const known = hash ?? "";
  return fault(
    code,
    `已上链记录 ${known}；如需更正，请以更正方式提交`,
    `On record as ${known}; send a correction that cites it`,
  );
}

function inTheSameFile(row: number): Fault {
  return fault(
    "NUMBER_CONFLICT",
    `与本文件第${row}行文号相同、内容不同`,
    `Row ${row} of this file has the same number`,
  );
}
