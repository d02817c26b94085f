import { Injectable, Logger } from "@nestjs/common";
import { InjectRepository } from "@nestjs/typeorm";
import type { Hex } from "@quanlian/proof";
import type { FinalityProof } from "@quanlian/proof/finality";
import { DataSource, type EntityManager, type Repository } from "typeorm";
import { finalBlock } from "../chain/finality.ts";
import { Ledger } from "../chain/ledger.ts";
import type { AnchoredBatch, Block, SupersededRecord } from "../chain/words.ts";
import { Config } from "../config.ts";
import { fromHex, toHex } from "../database/bytea.ts";
import { Alarms } from "../findings/alarms.ts";
import { Metrics } from "../health/metrics.ts";
import { announceFinal, announceSuperseded } from "../webhooks/announce.ts";
import { TraceContexts } from "../tracing/trace-contexts.ts";
import { Batch } from "./batch.entity.ts";
import { LedgerState } from "./ledger-state.entity.ts";

/** Blocks taken in at once. */
const STRIDE = 5_000;
/** A proof takes a few questions to a node, one after the other: nodes answer several at a time. */
const PROVEN_AT_ONCE = 8;
/** How long a node may know less than we have read before we believe that the chain itself went back, in milliseconds. */
const LAG_GRACE_MS = 15_000;
/** How long the event of a successful transaction may stay away before its block is read again, in milliseconds. */
const MISSED_MS = 60_000;

/**
 * Follows the ledger's events through the final blocks and makes batches final: only when an event carries exactly what
 * was sealed. What the ledger holds and we did not seal raises an alarm.
 */
@Injectable()
export class Confirmation {
  readonly #log = new Logger(Confirmation.name);
  #behindSince: number | undefined;

  constructor(
    private readonly dataSource: DataSource,
    @InjectRepository(LedgerState) private readonly states: Repository<LedgerState>,
    private readonly ledger: Ledger,
    private readonly config: Config,
    private readonly alarms: Alarms,
    private readonly metrics: Metrics,
    private readonly traces: TraceContexts,
  ) {}

  /** Takes in the next stretch of final blocks. @returns whether there may be more */
  async follow(now: number): Promise<boolean> {
    const state = await this.states.findOneByOrFail({ ledger: this.ledger.identity.ledger });
    if (!(await this.#isOurChain(state, now))) return false;
    const final = await finalBlock(this.config.finality, this.ledger);
    if (!final || final.number <= state.scannedBlock) return false;
    const to = Math.min(final.number, state.scannedBlock + STRIDE);
    const last = to === final.number ? final : await this.ledger.blockAt(to);
    if (!last) return false;
    const [batches, superseded] = await Promise.all([
      this.ledger.anchoredBatches(state.scannedBlock + 1, to),
      this.ledger.supersededRecords(state.scannedBlock + 1, to),
    ]);
    await this.#takeIn(batches, superseded, state, last);
    return to < final.number;
  }

  /**
   * Reads again the blocks of transactions that succeeded long ago and whose events never came: a node that lagged behind
   * another one may have answered with the logs it had so far.
   */
  async rereadMissed(): Promise<void> {
    const missed: { hash: Buffer }[] = await this.dataSource.query(
      `select hash from relay_transaction where mined and created_at < now() - $1 * interval '1 millisecond' limit 16`,
      [MISSED_MS],
    );
    const state = await this.states.findOneByOrFail({ ledger: this.ledger.identity.ledger });
    for (const { hash } of missed) {
      const block = await this.ledger.blockOf(toHex(hash));
      if (block === undefined || block > state.scannedBlock) continue;
      const [batches, superseded] = [
        await this.ledger.anchoredBatches(block, block),
        await this.ledger.supersededRecords(block, block),
      ];
      await this.#takeIn(batches, superseded, state, { number: state.scannedBlock, hash: state.scannedHash });
    }
  }

  /** Whether the node still has the block that was read last. If it has another one, or none for long: roll back. */
  async #isOurChain(state: LedgerState, now: number): Promise<boolean> {
    const block = await this.ledger.blockAt(state.scannedBlock);
    if (block?.hash === state.scannedHash) {
      this.#behindSince = undefined;
      return true;
    }
    this.#behindSince ??= now;
    if (!block && now - this.#behindSince < LAG_GRACE_MS) return false;
    await this.#rollBack(state);
    this.#behindSince = undefined;
    return false;
  }

  async #takeIn(
    events: readonly AnchoredBatch[],
    superseded: readonly SupersededRecord[],
    state: LedgerState,
    last: Pick<Block, "number" | "hash">,
  ): Promise<void> {
    const times = await this.#blockTimes([...events, ...superseded]);
    const proofs = await this.#prove(events, superseded);
    const gas = await Promise.all(events.map(({ transactionHash }) => this.ledger.gasUsed(transactionHash)));
    await this.dataSource.transaction(async (manager) => {
      await moveOn(state, last, manager);
      const sealed = await loadSealed(events, manager);
      const ours = events.filter((event) => isSame(event, sealed.get(nameOf(event))));
      const finalised = await finalise(ours, times, proofs, manager);
      this.#count(finalised);
      const batches = finalised.map(({ id }) => id);
      await announceFinal(batches, manager);
      for (const batch of batches) await this.traces.mark("final", batch, manager);
      await this.traces.forget(batches, manager);
      for (const event of events)
        if (!ours.includes(event)) await this.#alarm(event, sealed.get(nameOf(event)), manager);
      for (const event of superseded)
        if (!(await finaliseSupersession(event, times, manager))) await this.#alarmSupersession(event, manager);
    });
    this.metrics.gasUsed.inc(gas.reduce((sum, used) => sum + used, 0));
    if (events.length > 0) this.#log.log({ batches: events.length, block: last.number }, "batches are final");
  }

  /** Where blocks are sealed, every event is proven before it counts; the batches' proofs are kept for their receipts. */
  async #prove(
    events: readonly AnchoredBatch[],
    superseded: readonly SupersededRecord[],
  ): Promise<ReadonlyMap<AnchoredBatch, FinalityProof>> {
    const proofs = new Map<AnchoredBatch, FinalityProof>();
    if (!this.ledger.sealed) return proofs;
    const keys = await loadStatementKeys(events, this.dataSource.manager);
    for (let at = 0; at < events.length; at += PROVEN_AT_ONCE) {
      const some = events.slice(at, at + PROVEN_AT_ONCE);
      const made = await Promise.all(some.map((one) => this.ledger.proveBatch(one, keys.get(nameOf(one)) ?? [])));
      for (const [i, proof] of made.entries()) if (proof) proofs.set(some[i]!, proof);
    }
    for (const event of superseded) await this.ledger.checkSuperseded(event);
    return proofs;
  }

  #count(batches: readonly Finalised[]): void {
    for (const { count, sealed_at, waited } of batches) {
      this.metrics.batchSize.observe(count);
      for (const seconds of waited) this.metrics.acceptedToFinal.observe(seconds);
      this.metrics.batchesFinal.inc();
      this.metrics.recordsFinal.inc(count);
      this.metrics.sealedToFinal.observe((Date.now() - sealed_at.getTime()) / 1000);
    }
  }

  async #blockTimes(events: readonly { readonly blockNumber: number }[]): Promise<Map<number, number>> {
    const numbers = [...new Set(events.map(({ blockNumber }) => blockNumber))];
    const blocks = await Promise.all(numbers.map((number) => this.ledger.blockAt(number)));
    return new Map(blocks.map((block, i) => [numbers[i]!, block!.time]));
  }

  /** Batches of departments that this service does not serve are none of its business. */
  async #alarm(event: AnchoredBatch, sealed: Sealed | undefined, manager: EntityManager): Promise<void> {
    const { department, sequence, root, blockNumber } = event;
    const known: unknown[] = await manager.query(`select 1 from department where uscc = $1`, [department]);
    if (known.length === 0) return;
    await this.alarms.raise(
      {
        code: sealed ? "ROOT_MISMATCH" : "UNKNOWN_BATCH",
        department,
        fingerprint: `${department} ${sequence} ${root}`,
        evidence: { sequence, blockNumber, onChain: root, stored: sealed?.root ?? null },
      },
      manager,
    );
  }

  async #alarmSupersession(event: SupersededRecord, manager: EntityManager): Promise<void> {
    const { department, recordHash, successor, by, reason, blockNumber } = event;
    const known: unknown[] = await manager.query(`select 1 from record where record_hash = $1 and department = $2`, [
      fromHex(recordHash),
      department,
    ]);
    if (known.length === 0) return;
    await this.alarms.raise(
      {
        code: "UNKNOWN_SUPERSESSION",
        department,
        fingerprint: `${department} ${recordHash} ${successor}`,
        evidence: { recordHash, onChain: successor, by, reason, blockNumber },
      },
      manager,
    );
  }

  /** The chain went back behind a block that was called final: what lay there is sealed again and will be re-sent. */
  async #rollBack(state: LedgerState): Promise<void> {
    const common = await this.#lastCommonBlock();
    await this.dataSource.transaction(async (manager) => {
      await moveOn(state, common, manager);
      const [undone]: [unknown[], number] = await manager.query(
        `update batch set status = 'sealed', submitted_at = null, final_at = null, transaction_hash = null,
           block_number = null, block_hash = null, block_time = null, log_index = null, finality = null
         where status = 'submitted' or (status = 'final' and block_number > $1) returning id`,
        [common.number],
      );
      await manager.query(
        `update supersession set status = 'sealed', submitted_at = null, transaction_hash = null, block_number = null,
           block_time = null, log_index = null
         where status = 'submitted' or (status = 'final' and block_number > $1)`,
        [common.number],
      );
      await manager.query(`delete from relay_transaction`);
      await this.alarms.raise(
        {
          code: "CHAIN_ROLLED_BACK",
          department: null,
          fingerprint: state.scannedHash,
          evidence: { from: state.scannedBlock, to: common.number, batches: undone.length },
        },
        manager,
      );
    });
  }

  /** The newest block with a final batch that the node still has; the genesis block when it has none of them. */
  async #lastCommonBlock(): Promise<{ number: number; hash: `0x${string}` }> {
    const rows: { block_number: string; block_hash: Buffer }[] = await this.dataSource.query(
      `select distinct block_number, block_hash from batch where status = 'final' order by block_number`,
    );
    let [known, unknown] = [-1, rows.length];
    while (unknown - known > 1) {
      const middle = (known + unknown) >> 1;
      const row = rows[middle]!;
      const block = await this.ledger.blockAt(Number(row.block_number));
      if (block?.hash === toHex(row.block_hash)) known = middle;
      else unknown = middle;
    }
    const row = rows[known];
    if (!row) return { number: 0, hash: this.ledger.identity.genesisHash };
    return { number: Number(row.block_number), hash: toHex(row.block_hash) };
  }
}

/**
 * Notes how far the chain has been read. A worker that was the leader once and stood still meanwhile finds that another
 * one has read on, and changes nothing.
 */
async function moveOn(from: LedgerState, to: Pick<Block, "number" | "hash">, manager: EntityManager): Promise<void> {
  const { ledger, scannedBlock, scannedHash } = from;
  const next = { scannedBlock: to.number, scannedHash: to.hash };
  const { affected } = await manager.update(LedgerState, { ledger, scannedBlock, scannedHash }, next);
  if (affected !== 1) throw new Error("another worker has read on from this block");
}

type Content = Pick<Batch, "kind" | "year" | "count" | "root" | "entriesHash">;
type Sealed = Content & Pick<Batch, "id">;

function nameOf({ department, sequence }: { department: string; sequence: number }): string {
  return `${department} ${sequence}`;
}

/** Whether the ledger took exactly what was sealed. */
export function isSame(event: AnchoredBatch, sealed: Content | undefined): boolean {
  return (
    sealed !== undefined &&
    event.root === sealed.root &&
    event.entriesHash === sealed.entriesHash &&
    event.count === sealed.count &&
    event.kind === sealed.kind &&
    event.year === sealed.year
  );
}

async function loadSealed(events: readonly AnchoredBatch[], manager: EntityManager): Promise<Map<string, Sealed>> {
  if (events.length === 0) return new Map();
  const rows: SealedRow[] = await manager.query(
    `select b.id, b.department, b.sequence, b.kind, b.year, b.count, b.root, b.entries_hash
     from unnest($1::text[], $2::bigint[]) as e(department, sequence) join batch b using (department, sequence)`,
    [events.map((e) => e.department), events.map((e) => e.sequence)],
  );
  return new Map(
    rows.map(({ root, entries_hash, ...row }) => [
      `${row.department} ${row.sequence}`,
      { ...row, root: toHex(root), entriesHash: toHex(entries_hash) },
    ]),
  );
}

/** Thumbprints of the statement keys of the batches that these events name, as far as they are ours. */
async function loadStatementKeys(
  events: readonly AnchoredBatch[],
  manager: EntityManager,
): Promise<ReadonlyMap<string, Hex[]>> {
  const rows: { department: string; sequence: string; headers: string[] }[] = await manager.query(
    `select b.department, b.sequence, array_agg(distinct split_part(r.statement, '.', 1)) as headers
     from unnest($1::text[], $2::bigint[]) as e(department, sequence) join batch b using (department, sequence)
     join record r on r.batch = b.id group by b.department, b.sequence`,
    [events.map((e) => e.department), events.map((e) => e.sequence)],
  );
  return new Map(
    rows.map((row) => [nameOf({ ...row, sequence: Number(row.sequence) }), row.headers.map(thumbprintIn)]),
  );
}

/** The key that a statement's header names. */
function thumbprintIn(header: string): Hex {
  const { kid } = JSON.parse(Buffer.from(header, "base64url").toString("utf8")) as { kid: string };
  return toHex(Buffer.from(kid, "base64url"));
}

interface SealedRow {
  readonly id: string;
  readonly department: string;
  readonly sequence: string;
  readonly kind: number;
  readonly year: number;
  readonly count: number;
  readonly root: Buffer;
  readonly entries_hash: Buffer;
}

async function finalise(
  events: readonly AnchoredBatch[],
  times: ReadonlyMap<number, number>,
  proofs: ReadonlyMap<AnchoredBatch, FinalityProof>,
  manager: EntityManager,
): Promise<Finalised[]> {
  if (events.length === 0) return [];
  const [rows]: [Finalised[], number] = await manager.query(
    `update batch b set status = 'final', final_at = now(), submitted_at = coalesce(submitted_at, now()),
       transaction_hash = e.transaction_hash, block_number = e.block_number, block_hash = e.block_hash,
       block_time = e.block_time, log_index = e.log_index, finality = e.finality
     from unnest($1::text[], $2::bigint[], $3::bytea[], $4::bigint[], $5::bytea[], $6::bigint[], $7::int[],
       $8::json[])
       as e(department, sequence, transaction_hash, block_number, block_hash, block_time, log_index, finality)
     where b.department = e.department and b.sequence = e.sequence returning b.id, b.count, b.sealed_at,
       array(select extract(epoch from now() - r.received_at)::float8 from record r where r.batch = b.id) as waited`,
    [
      events.map((e) => e.department),
      events.map((e) => e.sequence),
      events.map((e) => fromHex(e.transactionHash)),
      events.map((e) => e.blockNumber),
      events.map((e) => fromHex(e.blockHash)),
      events.map((e) => times.get(e.blockNumber)!),
      events.map((e) => e.logIndex),
      events.map((e) => proofs.get(e) ?? null),
    ],
  );
  await manager.query(`delete from relay_transaction where batch = any($1)`, [rows.map(({ id }) => id)]);
  return rows;
}

/** @returns whether this service asked for exactly this */
async function finaliseSupersession(
  event: SupersededRecord,
  times: ReadonlyMap<number, number>,
  manager: EntityManager,
): Promise<boolean> {
  const [rows]: [{ id: string }[], number] = await manager.query(
    `update supersession set status = 'final', submitted_at = coalesce(submitted_at, now()),
       transaction_hash = $5, block_number = $6, block_time = $7, log_index = $8
     where department = $1 and record_hash = $2 and successor = $3 and reason = $4 and by = $9 returning id`,
    [
      ...[event.department, fromHex(event.recordHash), fromHex(event.successor), event.reason],
      ...[fromHex(event.transactionHash), event.blockNumber, times.get(event.blockNumber)!, event.logIndex, event.by],
    ],
  );
  const successors = rows.map(({ id }) => id);
  await manager.query(`delete from relay_transaction where supersession = any($1)`, [successors]);
  await announceSuperseded(successors, manager);
  return rows.length > 0;
}

interface Finalised {
  readonly id: string;
  readonly count: number;
  readonly sealed_at: Date;
  /** Seconds since each of its records was accepted. */
  readonly waited: readonly number[];
}
