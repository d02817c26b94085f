import { type BeforeApplicationShutdown, Injectable, Logger } from "@nestjs/common";
import { DataSource, type QueryRunner } from "typeorm";
import { BackgroundLoop } from "../background-loop.ts";
import { ImportJob } from "./import-job.entity.ts";
import { ImportRunner } from "./import-runner.ts";

const PAUSE_MS = 250;

/** First key of the advisory locks that claim import jobs; the second is the job's. */
const IMPORT_LOCKS = 7_201;

/** Runs waiting imports one after the other; several workers share them by advisory locks that end with their session. */
@Injectable()
export class ImportLoop implements BeforeApplicationShutdown {
  readonly #loop = new BackgroundLoop(new Logger(ImportLoop.name), (signal) => this.#round(signal));

  constructor(
    private readonly dataSource: DataSource,
    private readonly runner: ImportRunner,
  ) {}

  start(): void {
    this.#loop.start();
  }

  async beforeApplicationShutdown(): Promise<void> {
    await this.#loop.stop();
  }

  async #round(signal: AbortSignal): Promise<number> {
    const session = this.dataSource.createQueryRunner();
    try {
      const id = await this.#claim(session);
      if (id === undefined) return PAUSE_MS;
      try {
        await this.runner.run(await this.dataSource.getRepository(ImportJob).findOneByOrFail({ id }), signal);
        return 0;
      } finally {
        await session.query(`select pg_advisory_unlock($1, hashtext($2))`, [IMPORT_LOCKS, id]);
      }
    } finally {
      await session.release();
    }
  }

  async #claim(session: QueryRunner): Promise<string | undefined> {
    const jobs: { id: string }[] = await session.query(
      `select id from import_job where status in ('waiting', 'running') order by created_at`,
    );
    for (const { id } of jobs) {
      const [row]: { held: boolean }[] = await session.query(`select pg_try_advisory_lock($1, hashtext($2)) as held`, [
        IMPORT_LOCKS,
        id,
      ]);
      if (row?.held && (await this.#isOpen(id))) return id;
      if (row?.held) await session.query(`select pg_advisory_unlock($1, hashtext($2))`, [IMPORT_LOCKS, id]);
    }
    return undefined;
  }

  /** Another worker may have finished it between the two questions. */
  async #isOpen(id: string): Promise<boolean> {
    const { status } = await this.dataSource.getRepository(ImportJob).findOneByOrFail({ id });
    return status === "waiting" || status === "running";
  }
}
