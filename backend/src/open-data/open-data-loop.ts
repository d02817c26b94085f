import { type BeforeApplicationShutdown, Injectable, Logger } from "@nestjs/common";
import { DataSource } from "typeorm";
import { BackgroundLoop } from "../background-loop.ts";
import { Config } from "../config.ts";
import { whileLocked } from "../database/session-lock.ts";
import { todayInChina } from "../records/china-time.ts";
import { OpenData } from "./open-data.ts";

const PAUSE_MS = 60_000;
export const OPEN_DATA_LOCK = [7_205, "open-data"] as const;

/** Makes each day's snapshot of open data, in one worker at a time. */
@Injectable()
export class OpenDataLoop implements BeforeApplicationShutdown {
  readonly #loop = new BackgroundLoop(new Logger(OpenDataLoop.name), async () => {
    await whileLocked(this.dataSource, OPEN_DATA_LOCK, () => this.#today(Date.now()));
    return PAUSE_MS;
  });

  constructor(
    private readonly dataSource: DataSource,
    private readonly openData: OpenData,
    private readonly config: Config,
  ) {}

  start(): void {
    if (this.config.openDataDir !== undefined) this.#loop.start();
  }

  async beforeApplicationShutdown(): Promise<void> {
    await this.#loop.stop();
  }

  async #today(now: number): Promise<void> {
    if (!(await this.openData.has(todayInChina(now)))) await this.openData.make(now);
  }
}
