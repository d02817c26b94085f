import { setTimeout as pause } from "node:timers/promises";
import type { Hex } from "@quanlian/proof";
import { Injectable } from "@nestjs/common";
import type { AnchoredBatch } from "../chain/words.ts";
import { entriesAgree, entriesOf } from "./batch-checks.ts";
import { type Found, locate } from "./found.ts";
import type { Depth } from "./integrity-run.entity.ts";
import { checkRecord, type Means, statementKeyOf, type StoredRecord } from "./record-checks.ts";
import { StoredRecords } from "./stored-records.ts";

/** Records read at a time: what a long run has in memory at once. */
const WINDOW = 1_000;
/** In a process that others wait for: a few records, some two milliseconds' work, then a rest of three times as long. */
const [BREATH, REST_MS] = [8, 6];

type Rest = () => Promise<void>;

/** A stored batch beside the ledger's event for it. */
export interface StoredBatch {
  readonly id: string;
  readonly event: AnchoredBatch;
}

/** What the records of a batch are found to be. */
export interface LookedAt {
  readonly found: readonly Found[];
  /** Whether they are, in their order, what the ledger took. */
  readonly agree: boolean;
  /** Thumbprints of the keys that they say they were signed with. */
  readonly keys: readonly Hex[];
}

/** Looks at all records of some batches; the answers are in the order of the batches. */
export type LookAt = (batches: readonly StoredBatch[], depth: Depth) => Promise<LookedAt[]>;

/** Everything about records that can be found out from database and keys alone, without the chain. */
@Injectable()
export class BatchRecords {
  constructor(private readonly records: StoredRecords) {}

  /** As fast as may be. */
  readonly lookAt: LookAt = (batches, depth) => this.#look(batches, depth, () => Promise.resolve());

  /** Beside others, who must hardly notice. */
  readonly lookAtCalmly: LookAt = (batches, depth) => this.#look(batches, depth, () => pause(REST_MS));

  async #look(batches: readonly StoredBatch[], depth: Depth, rest: Rest): Promise<LookedAt[]> {
    const means = await this.records.means(depth);
    const looked: LookedAt[] = [];
    for (const window of windowsOfBatches(batches)) {
      const records = await this.records.ofBatches(window.map(({ id }) => id));
      for (const { id, event } of window) looked.push(await lookAtOne(records.get(id) ?? [], event, means, rest));
    }
    return looked;
  }
}

/** Batches that together have about so many records as are read at a time. */
export function windowsOfBatches(batches: readonly StoredBatch[]): StoredBatch[][] {
  const windows: StoredBatch[][] = [];
  let records = WINDOW;
  for (const batch of batches) {
    if (records >= WINDOW) {
      windows.push([]);
      records = 0;
    }
    windows.at(-1)!.push(batch);
    records += batch.event.count;
  }
  return windows;
}

async function lookAtOne(
  records: readonly StoredRecord[],
  event: AnchoredBatch,
  means: Means,
  rest: Rest,
): Promise<LookedAt> {
  const found: Found[] = [];
  const keys = new Set<Hex>();
  for (const [i, record] of records.entries()) {
    if (i % BREATH === BREATH - 1) await rest();
    for (const difference of checkRecord(record, means)) found.push(locate(difference, record, event.sequence));
    const key = statementKeyOf(record.statement);
    if (key !== null) keys.add(key);
  }
  return { found, agree: entriesAgree(entriesOf(records), event), keys: [...keys] };
}
