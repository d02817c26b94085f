import { Injectable } from "@nestjs/common";
import { DataSource } from "typeorm";
import { Groups } from "../groups.ts";
import { Refusal } from "../http/refusal.ts";
import { TraceContexts } from "../tracing/trace-contexts.ts";
import { Tracing } from "../tracing/tracing.ts";
import { Ingest, type Incoming, type Outcome } from "./ingest.ts";

/** Records that may wait; beyond it the client is told to come back. */
const MAX_WAITING = 4_096;
/** From so many waiting on, those who bring many at a time wait themselves. */
const ROOM = MAX_WAITING / 4;
/** Records committed together. */
const MAX_GROUP = 256;
/** Groups of one process under way at a time: while some are in PostgreSQL, another is signed. */
const MAX_RUNNING = 3;

interface Waiting {
  readonly incoming: Incoming;
  /** The span of the request. */
  readonly trace: string | undefined;
}

/** Commits records that arrive one by one in groups. */
@Injectable()
export class IngestQueue {
  readonly #groups = new Groups((group: readonly Waiting[]) => this.#settle(group), {
    items: MAX_GROUP,
    groups: MAX_RUNNING,
  });
  /** Those who wait until fewer records do. */
  #forRoom: (() => void)[] = [];

  constructor(
    private readonly dataSource: DataSource,
    private readonly ingest: Ingest,
    private readonly tracing: Tracing,
    private readonly traces: TraceContexts,
  ) {}

  /** Resolves when the record's transaction is committed. @throws Refusal OVERLOADED */
  take(incoming: Incoming): Promise<Outcome> {
    if (this.#groups.waiting >= MAX_WAITING) throw new Refusal("OVERLOADED", { retryAfter: 1 });
    return this.#groups.take({ incoming, trace: this.tracing.current });
  }

  /** Resolves when so few records wait that many more may be brought. */
  async room(): Promise<void> {
    while (this.#groups.waiting >= ROOM) await new Promise<void>((resolve) => this.#forRoom.push(resolve));
  }

  /** A group that fails is tried again one by one, so that no record suffers for its neighbours. */
  async #settle(group: readonly Waiting[]): Promise<(Outcome | Error)[]> {
    if (this.#groups.waiting < ROOM) for (const resolve of this.#forRoom.splice(0)) resolve();
    try {
      return await this.#commit(group);
    } catch (error) {
      if (group.length === 1) return [error as Error];
      const outcomes: (Outcome | Error)[] = [];
      for (const one of group) outcomes.push(...(await this.#settle([one])));
      return outcomes;
    }
  }

  async #commit(group: readonly Waiting[]): Promise<Outcome[]> {
    const causes = group.map(({ trace }) => trace);
    const span = this.tracing.begin("ingest", causes, { "quanlian.records": group.length });
    try {
      const incoming = group.map((waiting) => waiting.incoming);
      await this.ingest.prepare(incoming);
      return await this.dataSource.transaction(async (manager) => {
        const taken = await this.ingest.take(incoming, manager);
        if (span) await this.traces.keep(createdIn(taken), span.context, manager);
        return taken;
      });
    } finally {
      span?.end();
    }
  }
}

function createdIn(outcomes: readonly Outcome[]): string[] {
  return outcomes.flatMap((outcome) => (outcome.outcome === "created" ? [outcome.id] : []));
}
