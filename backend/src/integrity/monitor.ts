import { Injectable } from "@nestjs/common";
import { InjectRepository } from "@nestjs/typeorm";
import { DataSource, MoreThanOrEqual, type Repository } from "typeorm";
import { unsealedGroups } from "../anchoring/groups.ts";
import { Config } from "../config.ts";
import { uuidv7 } from "../database/uuid.ts";
import { IntegrityRun } from "./integrity-run.entity.ts";
import { IntegrityRunner } from "./integrity-runner.ts";

/** A round begins at most so often, however little there is to look at. */
const REST_MS = 60_000;
/** What a step costs that looks at no record. */
const LEAST_RECORDS = 20;
/** A step's pause is cut into pieces, so that a run that somebody asked for does not wait for it. */
const LONGEST_PAUSE_MS = 1_000;
/** Records that wait to be sealed from which on the monitor waits too: since they wait a second or so, as many come in a second. */
const BUSY = 128;
/** How long a step waits at most while records come in. */
export const LONGEST_YIELD_MS = 60_000;

/**
 * The walk that never ends: round after round over everything stored, at so many records a second. While many records come in
 * it lets them have the processor, but takes a step every minute all the same: whoever sends records for ever must not keep it from looking.
 */
@Injectable()
export class Monitor {
  #notBefore = 0;
  #yieldingSince: number | undefined;

  constructor(
    @InjectRepository(IntegrityRun) private readonly runs: Repository<IntegrityRun>,
    private readonly runner: IntegrityRunner,
    private readonly config: Config,
    private readonly dataSource: DataSource,
  ) {}

  /** The next step, if it is time for it. @returns how long to pause then, in milliseconds */
  async advance(now: Date): Promise<number> {
    const due = this.#notBefore - now.getTime();
    if (due > 0) return Math.min(due, LONGEST_PAUSE_MS);
    if (await this.#yields(now)) return LONGEST_PAUSE_MS;
    const before = await this.#round(now);
    if (!before) return LONGEST_PAUSE_MS;
    const after = await this.runner.advance(before.id);
    const looked = Math.max(after.records - before.records, LEAST_RECORDS);
    this.#notBefore = now.getTime() + (looked / this.config.integrityRate) * 1000;
    if (after.status === "done") await this.#forget(after);
    return 0;
  }

  /** Every process sees in the database how many records wait; those of departments that an alarm has stopped do not count. */
  async #yields(now: Date): Promise<boolean> {
    const groups = await unsealedGroups(this.dataSource, BUSY);
    const waiting = groups.reduce((sum, group) => sum + group.waiting, 0);
    this.#yieldingSince ??= now.getTime();
    if (waiting >= BUSY && now.getTime() - this.#yieldingSince < LONGEST_YIELD_MS) return true;
    this.#yieldingSince = undefined;
    return false;
  }

  /** The round under way, or a new one when the last has rested long enough. */
  async #round(now: Date): Promise<IntegrityRun | null> {
    const open = await this.runs.findOneBy({ purpose: "monitor", status: "running" });
    if (open) return open;
    const since = new Date(now.getTime() - REST_MS);
    if (await this.runs.existsBy({ purpose: "monitor", startedAt: MoreThanOrEqual(since) })) return null;
    const id = uuidv7();
    await this.runs.insert({ id, purpose: "monitor", depth: "full", phase: "batches", position: {} });
    return this.runs.findOneByOrFail({ id });
  }

  /** Of the rounds that found nothing, the last one is enough. */
  async #forget({ id }: IntegrityRun): Promise<void> {
    await this.runs
      .createQueryBuilder()
      .delete()
      .where("purpose = 'monitor' and status = 'done' and differences = 0 and id <> :id", { id })
      .execute();
  }
}
