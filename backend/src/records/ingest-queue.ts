import { Injectable } from "@nestjs/common";
import { DataSource } from "typeorm";
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
  readonly resolve: (outcome: Outcome) => void;
  readonly reject: (error: unknown) => void;
  /** The span of the request. */
  readonly trace: string | undefined;
}

/** Commits records that arrive one by one in groups: under load, one transaction serves many requests. */
@Injectable()
export class IngestQueue {
  readonly #waiting: Waiting[] = [];
  /** Those who wait until fewer records do. */
  #forRoom: (() => void)[] = [];
  #running = 0;

  constructor(
    private readonly dataSource: DataSource,
    private readonly ingest: Ingest,
    private readonly tracing: Tracing,
    private readonly traces: TraceContexts,
  ) {}

  /** Resolves when the record's transaction is committed. @throws Refusal OVERLOADED */
  take(incoming: Incoming): Promise<Outcome> {
    if (this.#waiting.length >= MAX_WAITING) throw new Refusal("OVERLOADED", { retryAfter: 1 });
    return new Promise((resolve, reject) => {
      this.#waiting.push({ incoming, resolve, reject, trace: this.tracing.current });
      setImmediate(() => this.#start());
    });
  }

  /** Resolves when so few records wait that many more may be brought. */
  async room(): Promise<void> {
    while (this.#waiting.length >= ROOM) await new Promise<void>((resolve) => this.#forRoom.push(resolve));
  }

  #start(): void {
    if (this.#running >= MAX_RUNNING || this.#waiting.length === 0) return;
    const group = this.#waiting.splice(0, MAX_GROUP);
    if (this.#waiting.length < ROOM) for (const resolve of this.#forRoom.splice(0)) resolve();
    this.#running++;
    void this.#commit(group).finally(() => {
      this.#running--;
      this.#start();
    });
  }

  /** A group that fails is tried again one by one, so that no record suffers for its neighbours. */
  async #commit(group: readonly Waiting[]): Promise<void> {
    const causes = group.map(({ trace }) => trace);
    const span = this.tracing.begin("ingest", causes, { "quanlian.records": group.length });
    try {
      const incoming = group.map((waiting) => waiting.incoming);
      await this.ingest.prepare(incoming);
      const outcomes = await this.dataSource.transaction(async (manager) => {
        const taken = await this.ingest.take(incoming, manager);
        if (span) await this.traces.keep(createdIn(taken), span.context, manager);
        return taken;
      });
      group.forEach(({ resolve }, i) => resolve(outcomes[i]!));
    } catch (error) {
      if (group.length === 1) return group[0]!.reject(error);
      for (const waiting of group) await this.#commit([waiting]);
    } finally {
      span?.end();
    }
  }
}

function createdIn(outcomes: readonly Outcome[]): string[] {
  return outcomes.flatMap((outcome) => (outcome.outcome === "created" ? [outcome.id] : []));
}
