import { Injectable } from "@nestjs/common";
import { DataSource } from "typeorm";
import { unsealedGroups } from "./groups.ts";
import { Config } from "../config.ts";
import { Refusal } from "../http/refusal.ts";

const KEPT_MS = 1_000;

/**
 * How old the oldest record is that is not final yet: the measure of whether anchoring keeps up. Departments that
 * an alarm has stopped do not count: they wait for a person; nor do batches that wait for their department's own agent
 * (unsigned.ts), and those behind them.
 */
@Injectable()
export class Backlog {
  #measured: { at: number; age: Promise<number> } | undefined;

  constructor(
    private readonly dataSource: DataSource,
    private readonly config: Config,
  ) {}

  /** Seconds; 0 when everything is final. Measured at most once a second. */
  oldestAge(now = performance.now()): Promise<number> {
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
    const groups = await unsealedGroups(this.dataSource, 1);
    const [batch]: { age: string | null }[] = await this.dataSource.query(
      `select extract(epoch from now() - min(b.sealed_at)) as age from batch b join department d on d.uscc = b.department
       where b.status <> 'final' and d.stopped_because is null and not (d.keeps_own_keys and exists (
         select from batch u where u.department = b.department and u.sequence <= b.sequence
           and u.status = 'sealed' and u.signature is null))`,
    );
    return Math.max(0, Number(batch?.age ?? 0), ...groups.map(({ age }) => age / 1000));
  }
}
