import { Injectable, Logger } from "@nestjs/common";
import { bucketOf, foldHead, type Kind, readStatement } from "@quanlian/proof";
import { Between, DataSource } from "typeorm";
import { Batch } from "../anchoring/batch.entity.ts";
import { ChainRefused } from "../chain/chain-error.ts";
import { finalBlock } from "../chain/finality.ts";
import { Ledger } from "../chain/ledger.ts";
import { Supersession } from "../anchoring/supersession.entity.ts";
import type { AnchoredBatch, SupersededRecord } from "../chain/words.ts";
import { Config } from "../config.ts";
import { fromHex, toHex } from "../database/bytea.ts";
import { RecordRow } from "../records/record.entity.ts";
import { checkBatchRow, compareEntries, entriesAgree } from "./batch-checks.ts";
import type { IntegrityDifference } from "./integrity-difference.entity.ts";
import { IntegrityRun, type Phase, type Position } from "./integrity-run.entity.ts";
import { checkRecord, type Difference, type Means, type StoredRecord } from "./record-checks.ts";
import { StoredRecords } from "./stored-records.ts";
import { type Window, windowsOf } from "./windows.ts";

/** Records looked at between two savings of the position. */
const STEP = 1_000;
const BLOCK_STRIDE = 512;
/** Higher than the index of any event in a block. */
const LAST_LOG = Number.MAX_SAFE_INTEGER;
/** How often the heads are begun anew when the node no longer has the state of their block. */
const HEAD_ATTEMPTS = 10;

type Found = Difference &
  Partial<Pick<IntegrityDifference, "record" | "department" | "sequence" | "type" | "number">> & {
    readonly batchIndex?: number | null;
  };

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
 * Re-derives everything stored up to the chain as of one final block, step by step: statement, fields, hash, signature,
 * columns, stream key, batch, entries, heads; and the reverse, that everything on the chain is here. Each step saves
 * what it found together with where it stands.
 */
@Injectable()
export class IntegrityRunner {
  readonly #log = new Logger(IntegrityRunner.name);

  constructor(
    private readonly dataSource: DataSource,
    private readonly records: StoredRecords,
    private readonly ledger: Ledger,
    private readonly config: Config,
  ) {}

  /** Runs to the end, or until `signal` asks to stop between two steps. */
  async run(id: string, signal: AbortSignal): Promise<void> {
    await this.#pin(id);
    const runs = this.dataSource.getRepository(IntegrityRun);
    for (;;) {
      const run = await runs.findOneByOrFail({ id });
      if (run.status === "done" || signal.aborted) return;
      await this.#save(run, await this.#step(run));
    }
  }

  /** Fixes the block as of which the whole run looks at the chain: the last final one that was taken in. */
  async #pin(id: string): Promise<void> {
    await this.dataSource.query(
      `update integrity_run set block_number = scanned_block, block_hash = scanned_hash from ledger_state
       where id = $1 and block_number is null`,
      [id],
    );
  }

  #step(run: IntegrityRun): Promise<Step> {
    switch (run.phase) {
      case "batches":
        return this.#batchStep(run);
      case "unanchored":
        return this.#unanchoredStep(run);
      case "heads":
        return this.#headStep(run);
    }
  }

  async #batchStep(run: IntegrityRun): Promise<Step> {
    const { block = 0, logIndex = -1, sequences = {} } = run.position;
    const to = Math.min(block + BLOCK_STRIDE, run.blockNumber!);
    const events = (await this.ledger.anchoredBatches(block, to)).filter(
      (event) => event.blockNumber > block || event.logIndex > logIndex,
    );
    const some = firstWith(events, STEP);
    const means = await this.records.means();
    const found: Found[] = [];
    for (const event of some) found.push(...(await this.#compareBatch(event, means)));
    const last = some.at(-1);
    const seen = { ...sequences, ...Object.fromEntries(some.map((event) => [event.department, event.sequence])) };
    const more = some.length < events.length;
    const at = more ? { block: last!.blockNumber, logIndex: last!.logIndex } : { block: to, logIndex: LAST_LOG };
    const count = some.reduce((sum, event) => sum + event.count, 0);
    if (!more) found.push(...(await this.#compareSupersessions(block, to)));
    const done = !more && to === run.blockNumber;
    return {
      phase: done ? "unanchored" : "batches",
      position: { ...at, sequences: seen },
      records: count,
      batches: some.length,
      found: done ? [...found, ...(await this.#notOnChain(seen, run.blockNumber!))] : found,
    };
  }

  async #compareBatch(event: AnchoredBatch, means: Means): Promise<Found[]> {
    const { department, sequence } = event;
    const batch = await this.dataSource.getRepository(Batch).findOneBy({ department, sequence });
    if (!batch) return this.#isOurs(department, { ...MISSING, expected: event.root, department, sequence });
    const records = await this.records.ofBatch(batch.id);
    const { time } = (await this.ledger.blockAt(event.blockNumber))!;
    const at = { department, sequence };
    const found: Found[] = [
      ...(batch.status === "final" ? [] : [{ ...status(batch.status), ...at }]),
      ...checkBatchRow(batch, event, time).map(({ index: _, ...difference }) => ({ ...difference, ...at })),
      ...records.flatMap((record) =>
        checkRecord(record, means).map((difference) => locate(difference, record, sequence)),
      ),
      ...(await this.#checkKeys(records, event, time)),
    ];
    const entries = records.map(({ recordHash, streamKey, batchIndex }) => ({
      recordHash,
      streamKey,
      index: batchIndex!,
    }));
    if (entriesAgree(entries, event)) return found;
    const onChain = await this.ledger.entriesOf(event.transactionHash);
    const named = compareEntries(entries, onChain, event).map(({ index, ...difference }) => {
      const record = records.find(({ batchIndex }) => batchIndex === index);
      return record ? locate(difference, record, sequence) : { ...difference, ...at, batchIndex: index };
    });
    return [...found, ...named];
  }

  /** Was each statement key that signed in this batch authorised when it was anchored? */
  async #checkKeys(records: readonly StoredRecord[], event: AnchoredBatch, time: number): Promise<Found[]> {
    const byKey = Map.groupBy(records, ({ statement }) => {
      const read = readStatement(statement);
      return read.ok ? toHex(Buffer.from(read.header.kid, "base64url")) : null;
    });
    const found: Found[] = [];
    for (const [key, signed] of byKey) {
      if (key === null || (await this.ledger.wasAuthorised(event.department, event.kind, key, time))) continue;
      const difference: Difference = {
        layer: "key",
        field: null,
        stored: key,
        expected: "a key authorised at the time",
      };
      found.push(...signed.map((record) => locate(difference, record, event.sequence)));
    }
    return found;
  }

  /** Both ways: what the ledger says was superseded in these blocks, and what is kept as having been superseded there. */
  async #compareSupersessions(fromBlock: number, toBlock: number): Promise<Found[]> {
    const rows = await this.dataSource
      .getRepository(Supersession)
      .findBy({ status: "final", blockNumber: Between(fromBlock, toBlock) });
    const events = await this.ledger.supersededRecords(fromBlock, toBlock);
    const name = ({ department, recordHash }: Pick<Supersession, "department" | "recordHash">) =>
      `${department} ${recordHash}`;
    const [stored, onChain] = [new Map(rows.map((row) => [name(row), row])), new Map(events.map((e) => [name(e), e]))];
    const names = [...new Set([...stored.keys(), ...onChain.keys()])];
    const found = await Promise.all(names.map((one) => this.#compareSupersession(stored.get(one), onChain.get(one))));
    return found.flat();
  }

  async #compareSupersession(row: Supersession | undefined, event: SupersededRecord | undefined): Promise<Found[]> {
    const [stored, expected] = [shownSupersession(row), shownSupersession(event)];
    if (stored === expected) return [];
    const { department, recordHash } = (row ?? event)!;
    const record = await this.dataSource.getRepository(RecordRow).findOneBy({ recordHash });
    const found: Found = {
      layer: "supersession",
      field: recordHash,
      stored,
      expected,
      department,
      record: record?.id ?? null,
    };
    return event ? this.#isOurs(department, found) : [found];
  }

  /** Batches on the ledger of departments that this service does not serve are none of its business. */
  async #isOurs(department: string, difference: Found): Promise<Found[]> {
    const rows: unknown[] = await this.dataSource.query(`select 1 from department where uscc = $1`, [department]);
    return rows.length > 0 ? [difference] : [];
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
      ...{ layer: "chain", field: null, stored: toHex(root), expected: null },
      ...{ department, sequence: Number(sequence) },
    }));
  }

  async #unanchoredStep(run: IntegrityRun): Promise<Step> {
    const after = run.position.record ?? "00000000-0000-0000-0000-000000000000";
    const records = await this.records.notFinal(after, run.blockNumber!, STEP);
    const means = await this.records.means();
    const found = records.flatMap((record) => checkRecord(record, means).map((d) => locate(d, record, null)));
    const done = records.length < STEP;
    return {
      phase: done ? "heads" : "unanchored",
      position: done ? {} : { record: records.at(-1)!.id },
      records: records.length,
      found,
    };
  }

  /** Folds the pairs of some buckets as they are stored and compares with the ledger's heads. */
  async #headStep(run: IntegrityRun): Promise<Step> {
    const heads = run.position.heads ?? { block: run.blockNumber!, stream: 0, window: 0, attempts: 1 };
    const stream = await this.#stream(heads.stream, heads.block);
    if (!stream) return { phase: "done", position: {}, found: [] };
    const windows = windowsOf(this.ledger.identity.prefixBits, stream.count, STEP);
    try {
      const { found, buckets } = await this.#compareHeads(stream, windows[heads.window]!, heads.block);
      const isLast = heads.window === windows.length - 1;
      const next = isLast ? { stream: heads.stream + 1, window: 0 } : { window: heads.window + 1 };
      return { phase: "heads", position: { heads: { ...heads, ...next } }, buckets, found };
    } catch (error) {
      if (!(error instanceof ChainRefused)) throw error;
      return this.#headsAnew(heads.attempts);
    }
  }

  /** The n-th kind and year that has records on chain, and how many. */
  async #stream(n: number, block: number): Promise<{ kind: Kind; year: number; count: number } | undefined> {
    const rows: { kind: Kind; year: number; count: number }[] = await this.dataSource.query(
      `select kind, year, sum(count)::int as count from batch where status = 'final' and block_number <= $1
       group by kind, year order by kind, year offset $2 limit 1`,
      [block, n],
    );
    return rows[0];
  }

  /** The node has pruned the state of that block: begin again at the newest final one, or say that it cannot be done. */
  async #headsAnew(attempts: number): Promise<Step> {
    const block = await finalBlock(this.config.finality, this.ledger);
    if (attempts >= HEAD_ATTEMPTS || !block) return { phase: "done", position: {}, headsCompared: false, found: [] };
    const heads = { block: block.number, stream: 0, window: 0, attempts: attempts + 1 };
    return { phase: "heads", position: { heads }, found: [] };
  }

  async #compareHeads(
    { kind, year }: { kind: Kind; year: number },
    window: Window,
    block: number,
  ): Promise<{ found: Found[]; buckets: number }> {
    const rows: { stream_key: Buffer; record_hash: Buffer }[] = await this.dataSource.query(
      `select r.stream_key, r.record_hash from record r join batch b on b.id = r.batch
       where r.kind = $1 and r.year = $2 and r.stream_key between $3 and $4
         and b.status = 'final' and b.block_number <= $5
       order by b.block_number, b.log_index, r.batch_index`,
      [kind, year, fromHex(window.from), fromHex(window.to), block],
    );
    const pairs = rows.map((row) => ({ streamKey: toHex(row.stream_key), recordHash: toHex(row.record_hash) }));
    const buckets = Map.groupBy(pairs, ({ streamKey }) => bucketOf(streamKey, this.ledger.identity.prefixBits));
    const found: Found[] = [];
    for (const [bucket, entries] of buckets) {
      const [stored, expected] = [foldHead(entries), await this.ledger.headOf(kind, year, bucket, block)];
      const field = `${kind}/${year}/${bucket}`;
      if (stored !== expected) found.push({ layer: "head", field, stored, expected });
    }
    return { found, buckets: buckets.size };
  }

  async #save(run: IntegrityRun, step: Step): Promise<void> {
    const done = step.phase === "done";
    await this.dataSource.transaction(async (manager) => {
      await manager.query(
        `insert into integrity_difference (run, position, layer, field, record, department, sequence, batch_index, type, number, stored, expected)
         select $1, $2::int + (row_number() over ())::int, d.* from jsonb_to_recordset($3) as d(layer text, field text,
           record uuid, department text, sequence bigint, "batchIndex" int, type text, number text, stored text, expected text)`,
        [run.id, run.differences, JSON.stringify(step.found)],
      );
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
}

const MISSING = { layer: "chain", field: null, stored: null } as const;

/** What both sides must agree on, as one text. */
function shownSupersession(one: Supersession | SupersededRecord | undefined): string | null {
  if (!one) return null;
  const { successor, reason, transactionHash, blockNumber, logIndex } = one;
  return `${successor} reason ${reason} in ${transactionHash}, block ${blockNumber}, log ${logIndex}`;
}

function status(stored: string): Difference {
  return { layer: "batch", field: "status", stored, expected: "final" };
}

function locate(difference: Difference, record: StoredRecord, sequence: number | null): Found {
  const { id, department, type, number, batchIndex } = record;
  return { ...difference, record: id, department, sequence, type, number, batchIndex };
}

/** The first events that together hold at least so many records. */
function firstWith(events: readonly AnchoredBatch[], records: number): AnchoredBatch[] {
  let sum = 0;
  const end = events.findIndex((event) => (sum += event.count) >= records);
  return end < 0 ? [...events] : events.slice(0, end + 1);
}
