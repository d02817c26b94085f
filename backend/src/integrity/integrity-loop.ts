import { type BeforeApplicationShutdown, Injectable, Logger } from "@nestjs/common";
import { DataSource } from "typeorm";
import { BackgroundLoop } from "../background-loop.ts";
import { Config } from "../config.ts";
import { whileLocked } from "../database/session-lock.ts";
import { Monitor } from "./monitor.ts";
import { IntegrityRunner } from "./integrity-runner.ts";

const PAUSE_MS = 250;
const INTEGRITY_LOCK = [7_201, "integrity"] as const;

/**
 * Looks at what is stored, in one worker at a time: the runs that were asked for first, one after the other, and
 * between them, for ever, the monitor's walk at its own pace.
 */
@Injectable()
export class IntegrityLoop implements BeforeApplicationShutdown {
  readonly #loop = new BackgroundLoop(new Logger(IntegrityLoop.name), (signal) => this.#round(signal));

  constructor(
    private readonly dataSource: DataSource,
    private readonly runner: IntegrityRunner,
    private readonly monitor: Monitor,
    private readonly config: Config,
  ) {}

  start(): void {
    this.#loop.start();
  }

  async beforeApplicationShutdown(): Promise<void> {
    await this.#loop.stop();
  }

  async #round(signal: AbortSignal): Promise<number> {
    const next = await this.#next();
    if (next !== undefined) await whileLocked(this.dataSource, INTEGRITY_LOCK, () => this.#run(next, signal));
    else if (this.config.integrityRate > 0)
      return (await whileLocked(this.dataSource, INTEGRITY_LOCK, () => this.monitor.advance(new Date()))) ?? PAUSE_MS;
    return PAUSE_MS;
  }

  /** To the end, or until it is asked to stop between two steps. */
  async #run(id: string, signal: AbortSignal): Promise<void> {
    while (!signal.aborted && (await this.runner.advance(id)).status === "running");
  }

  async #next(): Promise<string | undefined> {
    const [row]: { id: string }[] = await this.dataSource.query(
      `select id from integrity_run where status = 'running' and purpose = 'request' order by started_at limit 1`,
    );
    return row?.id;
  }
}
