import { type BeforeApplicationShutdown, Injectable, Logger } from "@nestjs/common";
import { DataSource } from "typeorm";
import { BackgroundLoop } from "../background-loop.ts";
import { Config } from "../config.ts";
import { whileLocked } from "../database/session-lock.ts";
import { DepartmentsService } from "../departments/departments.service.ts";
import { admissionProblem } from "../records/admission.ts";
import { instantOf, todayInChina } from "../records/china-time.ts";
import { IngestQueue } from "../records/ingest-queue.ts";
import { accessLog } from "../records/types/service-access-log.ts";
import { validateRecord } from "../records/types/validate.ts";
import { AccessLog } from "./access-log.ts";
import { LogHeads } from "./log-heads.ts";

const PAUSE_MS = 60_000;
const DAY_MS = 86_400_000;
const LOCK = [7_206, "access-log"] as const;

/**
 * A day's head is put on record an hour after the day is over, so that an entry from a process whose clock lags stays in it: the log is
 * in the order of its writing, and the head of a day once recorded is never computed again.
 */
const SETTLE_MS = 3_600_000;

/**
 * Puts the log's head on record every day, in the name of the department that runs the platform (`LOG_DEPARTMENT`), and
 * forgets what is older than the rule asks for. One worker at a time.
 */
@Injectable()
export class LogKeeping implements BeforeApplicationShutdown {
  readonly #log = new Logger(LogKeeping.name);
  readonly #loop = new BackgroundLoop(this.#log, async () => {
    await this.keep(Date.now());
    return PAUSE_MS;
  });

  constructor(
    private readonly dataSource: DataSource,
    private readonly accessLog: AccessLog,
    private readonly heads: LogHeads,
    private readonly departments: DepartmentsService,
    private readonly queue: IngestQueue,
    private readonly config: Config,
  ) {}

  start(): void {
    if (this.config.logDepartment !== undefined) this.#loop.start();
  }

  async beforeApplicationShutdown(): Promise<void> {
    await this.#loop.stop();
  }

  /** What is due at an instant, in milliseconds; doing it twice changes nothing. */
  async keep(now: number): Promise<void> {
    await whileLocked(this.dataSource, LOCK, async () => {
      await this.#record(todayInChina(now - SETTLE_MS - DAY_MS));
      const old = await this.heads.forgettable(now);
      if (old) await this.accessLog.forgetUpTo(old);
    });
  }

  async #record(day: string): Promise<void> {
    const number = `FWRZ-${day}`;
    if (await this.heads.has(number)) return;
    const nextDay = new Date(Date.parse(instantOf(day)) + DAY_MS).toISOString();
    const head = await this.accessLog.headBefore(nextDay);
    const department = await this.departments.current(this.config.logDepartment!);
    if (!head || !department) return;
    const { uscc, nameZh } = department;
    const fields = { number, subjectName: nameZh, logEntries: head.entries, logHash: head.hash, eventTime: day };
    const validation = validateRecord(accessLog, fields, { department: uscc });
    if (!validation.ok) throw new Error(`the head of the access log is no record: ${JSON.stringify(validation)}`);
    const problem = admissionProblem(validation.record, department);
    if (problem) return this.#log.warn(`the head of the access log cannot be put on record: ${problem}`);
    await this.queue.take({ record: validation.record });
  }
}
