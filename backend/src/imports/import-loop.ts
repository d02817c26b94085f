import { type BeforeApplicationShutdown, Injectable, Logger } from "@nestjs/common";
import { DataSource } from "typeorm";
import { BackgroundLoop } from "../background-loop.ts";
import { whileLocked } from "../database/session-lock.ts";
import { ImportJob, type ImportState } from "./import-job.entity.ts";
import { ImportRunner } from "./import-runner.ts";
import { Rejections } from "./rejections.ts";
import { Uploads } from "./uploads.ts";

const PAUSE_MS = 250;
/** How often what is no longer to be kept is removed, in milliseconds. */
const SWEEP_MS = 3_600_000;

/** Group of the advisory locks that claim import jobs by their ids. */
const IMPORT_LOCKS = 7_202;

/** Runs waiting imports one after the other; several workers share them by advisory locks that end with their session. */
@Injectable()
export class ImportLoop implements BeforeApplicationShutdown {
  readonly #loop = new BackgroundLoop(new Logger(ImportLoop.name), (signal) => this.#round(signal));
  #sweptAt = -Infinity;

  constructor(
    private readonly dataSource: DataSource,
    private readonly runner: ImportRunner,
    private readonly uploads: Uploads,
    private readonly rejections: Rejections,
  ) {}

  start(): void {
    this.#loop.start();
  }

  async beforeApplicationShutdown(): Promise<void> {
    await this.#loop.stop();
  }

  async #round(signal: AbortSignal): Promise<number> {
    const open: { id: string; status: ImportState }[] = await this.dataSource.query(
      `select id, status from import_job where status in ('reviewing', 'waiting', 'running') order by created_at`,
    );
    await this.#sweep(open);
    for (const { id } of open.filter(({ status }) => status !== "reviewing")) {
      await whileLocked(this.dataSource, [IMPORT_LOCKS, id], () => this.#run(id, signal));
      if (signal.aborted) break;
    }
    return PAUSE_MS;
  }

  async #sweep(open: readonly { id: string }[]): Promise<void> {
    if (performance.now() - this.#sweptAt < SWEEP_MS) return;
    await this.uploads.sweep(new Set(open.map(({ id }) => id)));
    await this.rejections.forgetOld();
    this.#sweptAt = performance.now();
  }

  /** Another worker may have finished it between the question and the lock. */
  async #run(id: string, signal: AbortSignal): Promise<void> {
    const job = await this.dataSource.getRepository(ImportJob).findOneByOrFail({ id });
    if (job.status === "waiting" || job.status === "running") await this.runner.run(job, signal);
  }
}
