import { Injectable, Logger } from "@nestjs/common";
import { DataSource, type EntityManager, IsNull } from "typeorm";
import { LedgerState } from "../anchoring/ledger-state.entity.ts";
import { ChainRefused, ChainUnavailable } from "../chain/chain-error.ts";
import { finalBlock } from "../chain/finality.ts";
import { Ledger } from "../chain/ledger.ts";
import type { AnchoredBatch, Block } from "../chain/words.ts";
import { Config } from "../config.ts";
import { toHex } from "../database/bytea.ts";
import { Findings } from "../findings/findings.ts";
import { Authority } from "./authority.ts";
import { BatchRecords, type LookAt } from "./batch-records.ts";
import { type BatchMeans, BatchWalk } from "./batch-walk.ts";
import { type Found, locate } from "./found.ts";
import { HeadWalk } from "./head-walk.ts";
import { IntegrityDifference } from "./integrity-difference.entity.ts";
import { IntegrityRun, type Phase, type Position } from "./integrity-run.entity.ts";
import { checkRecord } from "./record-checks.ts";
import { onceFollowed } from "./rollback.ts";
import { StoredRecords } from "./stored-records.ts";
import { SupersessionWalk } from "./supersession-walk.ts";
import { TableWalk } from "./table-walk.ts";

/** Blocks in a step: at most as many as nodes are asked for logs of at once. */
const MOST_BLOCKS = 2_000;
/** Higher than the index of any event in a block. */
const LAST_LOG = Number.MAX_SAFE_INTEGER;
/** How often the heads are begun anew when the node no longer has the state of their block. */
const HEAD_ATTEMPTS = 10;

/** How large a run's steps are, and who looks at their records. */
export interface Pace {
  /** Records looked at between two savings of the position, about. */
  readonly step: number;
  readonly lookAt: LookAt;
}

interface Step {
  readonly phase: Phase | "done";
  readonly position: Position;
  readonly records?: number;
  readonly batches?: number;
  readonly buckets?: number;
  readonly headsCompared?: boolean;
  readonly found: readonly Found[];
}

/**
 * Re-derives everything stored up to the chain as of one final block, step by step: seal, statement, fields, hash,
 * signature, columns, stream key, batch, entries, supersessions, heads; and the reverse, that everything on the chain is
 * here. Each step saves what it found together with where it stands.
 */
@Injectable()
export class IntegrityRunner {
  readonly #steady: Pace;
  readonly #log = new Logger(IntegrityRunner.name);

  constructor(
    private readonly dataSource: DataSource,
    private readonly records: StoredRecords,
    batchRecords: BatchRecords,
    private readonly batches: BatchWalk,
    private readonly supersessions: SupersessionWalk,
    private readonly tables: TableWalk,
    private readonly heads: HeadWalk,
    private readonly ledger: Ledger,
    private readonly config: Config,
    private readonly findings: Findings,
  ) {
    this.#steady = { step: 1_000, lookAt: batchRecords.lookAtCalmly };
  }

  /** The next step of a run, by default in small steps and in this thread, where others want their answers. @returns how it then stands */
  async advance(id: string, pace: Pace = this.#steady): Promise<IntegrityRun> {
    const runs = this.dataSource.getRepository(IntegrityRun);
    const run = await runs.findOneByOrFail({ id });
    if (run.status === "done") return run;
    if (run.blockNumber === null) await this.#pin(id);
    else await this.#take(run, await this.#step(run, pace));
    return runs.findOneByOrFail({ id });
  }

  /** Fixes the block as of which the whole run looks at the chain. */
  async #pin(id: string): Promise<void> {
    const block = await this.#block();
    if (!block) throw new ChainUnavailable("the node shows no final block");
    await this.dataSource
      .getRepository(IntegrityRun)
      .update({ id, blockNumber: IsNull() }, { blockNumber: block.number, blockHash: block.hash });
  }

  /**
   * The last final block that was taken in: up to it, and no farther, the database must agree with the chain. When the node has no such
   * block, and nobody brings the two together (the tables' phase says so), its own last final one.
   */
  async #block(): Promise<Block | undefined> {
    const scanned = await onceFollowed(
      () => this.#scanned(),
      (block) => block !== undefined,
    );
    return scanned ?? finalBlock(this.config.finality, this.ledger);
  }

  async #scanned(): Promise<Block | undefined> {
    const [state] = await this.dataSource.getRepository(LedgerState).find();
    const block = state && (await this.ledger.blockAt(state.scannedBlock));
    return block && block.hash === state.scannedHash ? block : undefined;
  }

  /** What was found counts while the chain is the one that was looked at; one that has gone back meanwhile is looked at anew. */
  async #take(run: IntegrityRun, step: Step): Promise<void> {
    if (step.found.length > 0 && (await this.#hasGoneBack(run))) await this.#beginAnew(run);
    else await this.#save(run, step);
  }

  /** Or whether the database went back with a chain that has come again since, and is on its way to the run's block. */
  async #hasGoneBack({ blockNumber, blockHash, position: { heads } }: IntegrityRun): Promise<boolean> {
    const { number, hash } = heads
      ? { number: heads.block, hash: heads.hash }
      : { number: blockNumber!, hash: blockHash };
    if ((await this.ledger.blockAt(number))?.hash !== hash) return true;
    const scanned = await this.#scanned();
    return scanned !== undefined && scanned.number < blockNumber!;
  }

  async #beginAnew({ id }: IntegrityRun): Promise<void> {
    const counts = { records: 0, batches: 0, buckets: 0, differences: 0 };
    const beginning = { phase: "batches", position: {}, blockNumber: null, blockHash: null } as const;
    await this.dataSource.transaction(async (manager) => {
      await manager.delete(IntegrityDifference, { run: id });
      await manager.update(IntegrityRun, { id }, { ...counts, ...beginning });
    });
  }

  #step(run: IntegrityRun, pace: Pace): Promise<Step> {
    switch (run.phase) {
      case "batches":
        return this.#batchStep(run, pace);
      case "unanchored":
        return this.#unanchoredStep(run, pace);
      case "tables":
        return this.#tableStep(run);
      case "heads":
        return this.#headStep(run);
    }
  }

  async #batchStep(run: IntegrityRun, { step, lookAt }: Pace): Promise<Step> {
    const { block = 0, logIndex = -1, sequences = {}, stride = 64 } = run.position;
    const to = Math.min(block + stride, run.blockNumber!);
    const events = (await this.ledger.anchoredBatches(block, to)).filter(
      (event) => event.blockNumber > block || event.logIndex > logIndex,
    );
    const some = firstWith(events, step);
    const means = this.#means(run, lookAt);
    const found = await this.batches.compare(some, means);
    const last = some.at(-1);
    const seen = { ...sequences, ...Object.fromEntries(some.map((event) => [event.department, event.sequence])) };
    const more = some.length < events.length;
    const at = more ? { block: last!.blockNumber, logIndex: last!.logIndex } : { block: to, logIndex: LAST_LOG };
    if (!more) found.push(...(await this.supersessions.compare(block, to, means)));
    const done = !more && to === run.blockNumber;
    const records = some.reduce((sum, event) => sum + event.count, 0);
    return {
      phase: done ? "unanchored" : "batches",
      position: { ...at, sequences: seen, stride: nextStride(stride, more, records, step) },
      records,
      batches: some.length,
      found: done ? [...found, ...(await this.#notOnChain(seen, run.blockNumber!))] : found,
    };
  }

  #means({ depth }: IntegrityRun, lookAt: LookAt): BatchMeans {
    const times = new Map<number, Promise<number>>();
    const ask = async (block: number) => (await this.ledger.blockAt(block))!.time;
    const timeOf = (block: number) => {
      const time = times.get(block) ?? ask(block);
      times.set(block, time);
      return time;
    };
    return { depth, lookAt, authority: new Authority(this.ledger), timeOf };
  }

  /** Batches that are called final here although the ledger has fewer of their department. */
  async #notOnChain(sequences: Readonly<Record<string, number>>, block: number): Promise<Found[]> {
    const rows: { department: string; sequence: string; root: Buffer }[] = await this.dataSource.query(
      `select b.department, b.sequence, b.root from batch b
       left join unnest($1::text[], $2::bigint[]) as s(department, last) using (department)
       where b.status = 'final' and b.sequence > coalesce(s.last, 0)
         and b.block_number <= $3
       order by b.department, b.sequence`,
      [Object.keys(sequences), Object.values(sequences), block],
    );
    return rows.map(({ department, sequence, root }) => ({
      ...{ layer: "chain", field: "department, sequence", stored: toHex(root), expected: null },
      ...{ department, sequence: Number(sequence) },
    }));
  }

  async #unanchoredStep(run: IntegrityRun, { step }: Pace): Promise<Step> {
    const { record } = run.position;
    const found = record === undefined ? await this.batches.compareUnanchored(run.blockNumber!) : [];
    const after = record ?? "00000000-0000-0000-0000-000000000000";
    const records = await this.records.notFinal(after, run.blockNumber!, step);
    const means = await this.records.means(run.depth);
    for (const one of records) found.push(...checkRecord(one, means).map((d) => locate(d, one, null)));
    const done = records.length < step;
    return {
      phase: done ? "tables" : "unanchored",
      position: done ? {} : { record: records.at(-1)!.id },
      records: records.length,
      found,
    };
  }

  async #tableStep({ position }: IntegrityRun): Promise<Step> {
    const found = position.stream ? [] : await this.tables.small(new Authority(this.ledger));
    const streams = await this.tables.streams(position.stream);
    return {
      phase: streams.last ? "tables" : "heads",
      position: streams.last ? { stream: streams.last } : {},
      found: [...found, ...streams.found],
    };
  }

  async #headStep(run: IntegrityRun): Promise<Step> {
    const heads = run.position.heads ?? {
      ...{ block: run.blockNumber!, hash: run.blockHash! },
      ...{ stream: 0, window: 0, attempts: 1 },
    };
    try {
      const step = await this.heads.step(heads);
      if (!step) return { phase: "done", position: {}, found: [] };
      return { phase: "heads", position: { heads: step.next }, buckets: step.buckets, found: step.found };
    } catch (error) {
      if (!(error instanceof ChainRefused)) throw error;
      return this.#headsAnew(heads.attempts);
    }
  }

  /** The node has pruned the state of that block: begin again at the newest one, or say that it cannot be done. */
  async #headsAnew(attempts: number): Promise<Step> {
    const block = await this.#block();
    if (attempts >= HEAD_ATTEMPTS || !block) return { phase: "done", position: {}, headsCompared: false, found: [] };
    const heads = { block: block.number, hash: block.hash, stream: 0, window: 0, attempts: attempts + 1 };
    return { phase: "heads", position: { heads }, found: [] };
  }

  async #save(run: IntegrityRun, step: Step): Promise<void> {
    const done = step.phase === "done";
    await this.dataSource.transaction(async (manager) => {
      await this.#keep(run, step.found, manager);
      await manager.update(
        IntegrityRun,
        { id: run.id },
        {
          ...(done ? { status: "done", finishedAt: new Date() } : { phase: step.phase }),
          position: step.position,
          records: run.records + (step.records ?? 0),
          batches: run.batches + (step.batches ?? 0),
          buckets: run.buckets + (step.buckets ?? 0),
          headsCompared: run.headsCompared && (step.headsCompared ?? true),
          differences: run.differences + step.found.length,
        },
      );
    });
    if (done)
      this.#log.log({ run: run.id, differences: run.differences + step.found.length }, "integrity run finished");
  }

  /** Each difference belongs to its run, and is a finding: the same one found again is the same finding. */
  async #keep(run: IntegrityRun, found: readonly Found[], manager: EntityManager): Promise<void> {
    if (found.length === 0) return;
    await manager.query(KEEP, [run.id, run.differences, JSON.stringify(found)]);
    for (const difference of found) {
      const { department = null, record = null } = difference;
      const fingerprint = `INTEGRITY ${[difference.layer, difference.field, record, department, difference.sequence].join(" ")}`;
      const evidence = { ...difference, run: run.id };
      await this.findings.record({ code: "INTEGRITY", department, record, fingerprint, evidence }, manager);
    }
  }
}

/**
 * With each difference, since when: the first run that ever found it, and the last one before that which was through and
 * had not found it.
 */
const KEEP = `
insert into integrity_difference (run, position, layer, field, record, department, sequence, batch_index, type, number,
  stored, expected, first_found, last_right)
select $1, $2::int + (row_number() over ())::int, d.*, coalesce(e.first, now()),
  (select max(r.started_at) from integrity_run r where r.status = 'done' and r.started_at < coalesce(e.first, now())
     and not exists (select from integrity_difference o where o.run = r.id and o.layer = d.layer
       and (o.field, o.record, o.department, o.sequence) is not distinct from (d.field, d.record, d.department, d.sequence)))
from jsonb_to_recordset($3) as d(layer text, field text, record uuid, department text, sequence bigint,
  "batchIndex" int, type text, number text, stored text, expected text)
left join lateral (select min(first_found) as first from integrity_difference o where o.layer = d.layer
  and (o.field, o.record, o.department, o.sequence) is not distinct from (d.field, d.record, d.department, d.sequence)) e on true`;

/** So many blocks next that they hold about one step's records. */
function nextStride(stride: number, more: boolean, records: number, step: number): number {
  if (more) return Math.max(1, Math.floor(stride / 2));
  return records < step / 2 ? Math.min(MOST_BLOCKS, stride * 2) : stride;
}

/** The first events that together hold at least so many records. */
function firstWith(events: readonly AnchoredBatch[], records: number): AnchoredBatch[] {
  let sum = 0;
  const end = events.findIndex((event) => (sum += event.count) >= records);
  return end < 0 ? [...events] : events.slice(0, end + 1);
}
