import { Injectable } from "@nestjs/common";
import { entriesHash, type Hex } from "@quanlian/proof";
import { DataSource, type EntityManager } from "typeorm";
import { finalBlock } from "../chain/finality.ts";
import { Ledger } from "../chain/ledger.ts";
import { ChainUnavailable } from "../chain/chain-error.ts";
import type { AnchorCall, AnchoredBatch, Block, LedgerEntry } from "../chain/words.ts";
import { Config } from "../config.ts";
import { fromHex } from "../database/bytea.ts";
import { uuidv7 } from "../database/uuid.ts";
import type { ErrorCode } from "../errors.ts";
import { Alarms } from "../findings/alarms.ts";
import { Refusal } from "../http/refusal.ts";
import { Ingest, type Incoming } from "../records/ingest.ts";
import { IssuedStatements } from "../records/issued-statements.ts";
import { type Reason, REASONS } from "../records/supersession-rules.ts";
import { StreamKeys } from "../subjects/stream-keys.service.ts";
import { differencesOf, LedgerComparison } from "./ledger-comparison.ts";

/** Records put back in one transaction. */
const CHUNK = 128;

/** A batch that was entered as the ledger holds it. */
export interface RestoredBatch {
  readonly department: string;
  readonly sequence: number;
  readonly count: number;
}

/** An entry of the ledger whose record is not here. */
export interface MissingRecord {
  readonly department: string;
  readonly sequence: number;
  /** Position in the batch, from 0. */
  readonly index: number;
  readonly recordHash: Hex;
}

/** A statement that somebody brings back; `name` is what its bringer calls it. */
export interface Brought {
  readonly name: string;
  readonly statement: string;
}

/** What became of it: put in its place, here already, not missing on this ledger, or not to be believed. */
export interface Return {
  readonly name: string;
  readonly outcome: "restored" | "here" | "not-missing" | "refused";
  readonly code?: ErrorCode | "WRONG_STREAM";
}

interface Place extends MissingRecord {
  readonly batch: string;
  readonly streamKey: Hex;
  readonly blockNumber: number;
}

interface Found {
  readonly name: string;
  readonly incoming: Incoming;
  readonly place: Place;
}

/**
 * Rebuilds what an older database lacks beside a newer ledger: batches from the transactions that anchored them, records
 * from statements that departments or enterprises have kept. Nothing is anchored or made final here; the chain is read
 * once more from the first batch that was missing, and the service confirms everything in the way that it always does.
 */
@Injectable()
export class Restoring {
  constructor(
    private readonly dataSource: DataSource,
    private readonly ledger: Ledger,
    private readonly config: Config,
    private readonly comparison: LedgerComparison,
    private readonly alarms: Alarms,
    private readonly statements: IssuedStatements,
    private readonly streams: StreamKeys,
    private readonly ingest: Ingest,
  ) {}

  /** Enters the batches of a department that only the ledger holds, and stops the department. @throws ChainUnavailable */
  async batches(department: string): Promise<RestoredBatch[]> {
    const sides = await this.comparison.bothSides(department, await this.#final());
    const wrong = new Set(differencesOf(sides).flatMap(({ code, of }) => (isOfBatch(code) ? [of] : [])));
    const events = sides.ledger.batches.filter(({ sequence }) => wrong.has(sequence));
    if (events.length === 0) return [];
    const calls = await Promise.all(events.map((event) => this.#callOf(event)));
    const before = await this.ledger.blockAt(events[0]!.blockNumber - 1);
    const entered: RestoredBatch[] = [];
    await this.dataSource.transaction(async (manager) => {
      await this.#stop(events[0]!, manager);
      for (const [i, event] of events.entries())
        if (await enter(event, calls[i], manager))
          entered.push({ department, sequence: event.sequence, count: event.count });
      await manager.query(`update department set next_sequence = greatest(next_sequence, $2) where uscc = $1`, [
        department,
        events.at(-1)!.sequence + 1,
      ]);
      await readAgainFrom(before, manager);
    });
    return entered;
  }

  /** Each is checked against its department's key and the ledger, then put in its place, in the order of the ledger. */
  async records(brought: readonly Brought[]): Promise<Return[]> {
    const places = new Map((await this.#places()).map((place) => [place.recordHash, place]));
    const reasons = await this.#reasons();
    const returns: Return[] = [];
    const found = new Map<Hex, Found>();
    for (const { name, statement } of brought) {
      const read = await this.#read(statement);
      if ("code" in read) returns.push({ name, outcome: "refused", code: read.code });
      else {
        const { recordHash } = read.signed!;
        const place = places.get(recordHash);
        const reason = reasons.get(recordHash);
        if (!place) returns.push({ name, outcome: (await this.#isHere(recordHash)) ? "here" : "not-missing" });
        else if (this.streams.derive(read.record) !== place.streamKey)
          returns.push({ name, outcome: "refused", code: "WRONG_STREAM" });
        else if (found.has(recordHash)) returns.push({ name, outcome: "here" });
        else found.set(recordHash, { name, place, incoming: { ...read, ...(reason && { reason }) } });
      }
    }
    const inOrder = [...found.values()].toSorted((a, b) => byPlace(a.place, b.place));
    for (let i = 0; i < inOrder.length; i += CHUNK) returns.push(...(await this.#putBack(inOrder.slice(i, i + CHUNK))));
    return returns;
  }

  /** Everything that the ledger holds of the departments served here, and whose record is not here. */
  async missing(): Promise<MissingRecord[]> {
    return (await this.#places()).map(({ department, sequence, index, recordHash }) => {
      return { department, sequence, index, recordHash };
    });
  }

  async #putBack(found: readonly Found[]): Promise<Return[]> {
    const all = found.map(({ incoming }) => incoming);
    await this.ingest.prepare(all);
    const before = await this.ledger.blockAt(Math.min(...found.map(({ place }) => place.blockNumber)) - 1);
    return this.dataSource.transaction(async (manager) => {
      const outcomes = await this.ingest.take(all, manager);
      const returns: Return[] = [];
      const placed: [id: string, place: Place][] = [];
      for (const [i, outcome] of outcomes.entries()) {
        const { name, place } = found[i]!;
        if (outcome.outcome === "created") placed.push([outcome.id, place]);
        if (outcome.outcome === "created") returns.push({ name, outcome: "restored" });
        else returns.push({ name, outcome: "refused", code: "code" in outcome ? outcome.code : "NUMBER_CONFLICT" });
      }
      await put(placed, manager);
      await readAgainFrom(before, manager);
      return returns;
    });
  }

  async #read(statement: string): Promise<Incoming | { readonly code: ErrorCode }> {
    try {
      return await this.statements.readAnchored(statement);
    } catch (error) {
      if (error instanceof Refusal) return { code: error.code };
      throw error;
    }
  }

  async #isHere(recordHash: Hex): Promise<boolean> {
    const rows: unknown[] = await this.dataSource.query(`select 1 from record where record_hash = $1`, [
      fromHex(recordHash),
    ]);
    return rows.length > 0;
  }

  /** Entries of batches that are here and not complete. */
  async #places(): Promise<Place[]> {
    const events = await this.ledger.anchoredBatches(0, (await this.#final()).number);
    const rows: { id: string; department: string; sequence: string; stored: number[] }[] = await this.dataSource.query(
      `select b.id, b.department, b.sequence, array(select r.batch_index from record r where r.batch = b.id) as stored
       from batch b where b.count > (select count(*) from record r where r.batch = b.id)`,
    );
    const places: Place[] = [];
    for (const { id, department, sequence, stored } of rows) {
      const event = events.find((one) => one.department === department && one.sequence === Number(sequence));
      const here = new Set(stored);
      for (const [index, entry] of (event ? await this.#entriesOf(event) : []).entries())
        if (!here.has(index)) places.push({ ...placeOf(event!, entry, index), batch: id });
    }
    return places.toSorted(byPlace);
  }

  async #entriesOf(event: AnchoredBatch): Promise<readonly LedgerEntry[]> {
    return (await this.#callOf(event))?.entries ?? [];
  }

  /** What the transaction carried, if that is what the event says; another contract may have relayed it otherwise. */
  async #callOf(event: AnchoredBatch): Promise<AnchorCall | undefined> {
    const call = await this.ledger.anchorCallOf(event.transactionHash);
    return call && entriesHash(call.entries) === event.entriesHash ? call : undefined;
  }

  /** Why a record took the place of another, by the successor: the statement says that it did, the ledger why. */
  async #reasons(): Promise<ReadonlyMap<Hex, Reason>> {
    const names = new Map(Object.entries(REASONS).map(([name, number]) => [number as number, name as Reason]));
    const events = await this.ledger.supersededRecords(0, (await this.#final()).number);
    return new Map(events.map(({ successor, reason }) => [successor, names.get(reason)!]));
  }

  async #final(): Promise<Block> {
    const final = await finalBlock(this.config.finality, this.ledger);
    if (!final) throw new ChainUnavailable("the chain shows no final block");
    return final;
  }

  /** As the service itself does when it meets such a batch: in case it has not yet. */
  async #stop({ department, sequence, root, blockNumber }: AnchoredBatch, manager: EntityManager): Promise<void> {
    const evidence = { sequence, blockNumber, onChain: root, stored: null };
    const fingerprint = `${department} ${sequence} ${root}`;
    await this.alarms.raise({ code: "UNKNOWN_BATCH", department, fingerprint, evidence }, manager);
  }
}

function isOfBatch(code: string): boolean {
  return code === "UNKNOWN_BATCH" || code === "ROOT_MISMATCH";
}

function placeOf({ department, sequence, blockNumber }: AnchoredBatch, entry: LedgerEntry, index: number) {
  return { department, sequence, index, blockNumber, recordHash: entry.recordHash, streamKey: entry.streamKey };
}

function byPlace(a: Place, b: Place): number {
  return a.blockNumber - b.blockNumber || a.sequence - b.sequence || a.index - b.index;
}

/**
 * A batch as the ledger holds it, with those of its records that are here. One of ours under the same sequence that was
 * never anchored, and never can be, is dissolved first: its records wait for another.
 * @returns false when ours is final with other content, which only fsck may judge
 */
async function enter(event: AnchoredBatch, call: AnchorCall | undefined, manager: EntityManager): Promise<boolean> {
  const { department, kind, year, sequence, count, root, entriesHash: hash } = event;
  if (!(await dissolve(department, sequence, manager))) return false;
  const id = uuidv7();
  await manager.query(
    `insert into batch (id, department, kind, year, sequence, count, root, entries_hash, signature)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
    [id, department, kind, year, sequence, count, fromHex(root), fromHex(hash), call ? fromHex(call.signature) : null],
  );
  const entries = call?.entries ?? [];
  await manager.query(
    `update record r set batch = $1, batch_index = e.index - 1
     from unnest($2::bytea[]) with ordinality as e(record_hash, index)
     where r.record_hash = e.record_hash and r.department = $3 and r.batch is null`,
    [id, entries.map(({ recordHash }) => fromHex(recordHash)), department],
  );
  return true;
}

async function dissolve(department: string, sequence: number, manager: EntityManager): Promise<boolean> {
  const [batch]: { id: string; status: string }[] = await manager.query(
    `select id, status from batch where department = $1 and sequence = $2 for update`,
    [department, sequence],
  );
  if (batch?.status === "final") return false;
  if (!batch) return true;
  await manager.query(`update record set batch = null, batch_index = null where batch = $1`, [batch.id]);
  await manager.query(`delete from relay_transaction where batch = $1`, [batch.id]);
  await manager.query(`delete from batch where id = $1`, [batch.id]);
  return true;
}

async function put(placed: readonly [id: string, place: Place][], manager: EntityManager): Promise<void> {
  await manager.query(
    `update record r set batch = p.batch, batch_index = p.index
     from unnest($1::uuid[], $2::uuid[], $3::int[]) as p(id, batch, index) where r.id = p.id`,
    [placed.map(([id]) => id), placed.map(([, { batch }]) => batch), placed.map(([, { index }]) => index)],
  );
}

/** Has the service read the chain again after this block; what is final stays so and is confirmed once more. */
async function readAgainFrom(block: Block | undefined, manager: EntityManager): Promise<void> {
  if (!block) throw new ChainUnavailable("the chain does not show the block before the first one that is missing");
  await manager.query(`update ledger_state set scanned_block = $1, scanned_hash = $2 where scanned_block > $1`, [
    block.number,
    fromHex(block.hash),
  ]);
}
