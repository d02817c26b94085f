import { Injectable } from "@nestjs/common";
import { DataSource } from "typeorm";
import { Config } from "../config.ts";
import { Refusal } from "../http/refusal.ts";

const KEPT_MS = 1_000;

/** How old the oldest record is that is not final yet: the measure of whether anchoring keeps up. */
@Injectable()
export class Backlog {
  #measured: { at: number; age: Promise<number> } | undefined;

  constructor(
    private readonly dataSource: DataSource,
    private readonly config: Config,
  ) {}

  /** Seconds; 0 when everything is final. Measured at most once a second. */
  oldestAge(now = Date.now()): Promise<number> {
    if (!this.#measured || now - this.#measured.at >= KEPT_MS) this.#measured = { at: now, age: this.#measure() };
    return this.#measured.age;
  }

  async isStalled(): Promise<boolean> {
    return (await this.oldestAge()) > this.config.stallSeconds;
  }

  /** @throws Refusal ANCHORING_STALLED when configured to fail closed */
  async checkAccepting(): Promise<void> {
    if (this.config.refuseWhenStalled && (await this.isStalled()))
      throw new Refusal("ANCHORING_STALLED", { retryAfter: 30 });
  }

  async #measure(): Promise<number> {
    const [row]: { age: string | null }[] = await this.dataSource.query(
      `select extract(epoch from now() - least(
         (select min(received_at) from record where batch is null),
         (select min(sealed_at) from batch where status <> 'final'))) as age`,
    );
    return Math.max(0, Number(row?.age ?? 0));
  }
}
