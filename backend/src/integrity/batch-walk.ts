import { setImmediate as breathe } from "node:timers/promises";
import { Injectable } from "@nestjs/common";
import { entriesHash, type Hex, merkleTree } from "@quanlian/proof";
import { DataSource, MoreThan } from "typeorm";
import { Batch } from "../anchoring/batch.entity.ts";
import { batchDigest, signerOf } from "../chain/batch-signing.ts";
import { Ledger } from "../chain/ledger.ts";
import type { AnchoredBatch } from "../chain/words.ts";
import type { Authority } from "./authority.ts";
import { checkBatchRow, compareEntries, entriesAgree } from "./batch-checks.ts";
import { type Found, locate } from "./found.ts";
import { checkRecord, type Difference, type Means, statementKeyOf, type StoredRecord } from "./record-checks.ts";
import { StoredRecords } from "./stored-records.ts";

/** Records checked between two moments in which the process may do something else. */
const BREATH = 32;

/** What a walk over batches needs beside them. */
export interface BatchMeans extends Means {
  readonly authority: Authority;
  /** Unix seconds. */
  readonly timeOf: (block: number) => Promise<number>;
}

/** Batches with all their records, beside the ledger's events. */
@Injectable()
export class BatchWalk {
  constructor(
    private readonly dataSource: DataSource,
    private readonly records: StoredRecords,
    private readonly ledger: Ledger,
  ) {}

  async compare(event: AnchoredBatch, means: BatchMeans): Promise<Found[]> {
    const { department, sequence } = event;
    const at = { department, sequence };
    const batch = await this.dataSource.getRepository(Batch).findOneBy({ department, sequence });
    if (!batch) return [{ layer: "chain", field: "department, sequence", stored: null, expected: event.root, ...at }];
    const [records, time] = await Promise.all([this.records.ofBatch(batch.id), means.timeOf(event.blockNumber)]);
    return [
      ...(batch.status === "final" ? [] : [{ ...notFinal(batch.status), ...at }]),
      ...checkBatchRow(batch, event, time).map(({ index: _, ...difference }) => ({ ...difference, ...at })),
      ...(await this.#checkSignature(batch, event, time, means)).map((difference) => ({ ...difference, ...at })),
      ...(await checkAll(records, sequence, means)),
      ...(await checkKeys(records, event, time, means)),
      ...(await this.#compareEntries(records, event)),
    ];
  }

  /** Batches that are sealed and not final as of a block: their records must still be what was sealed, and signed. */
  async compareUnanchored(afterBlock: number): Promise<Found[]> {
    const batches = await this.dataSource.getRepository(Batch).find({
      where: [{ status: "sealed" }, { status: "submitted" }, { blockNumber: MoreThan(afterBlock) }],
      order: { id: "ASC" },
    });
    const found: Found[] = [];
    for (const batch of batches) {
      const { department, sequence } = batch;
      const differences = checkSealed(batch, await this.records.ofBatch(batch.id));
      found.push(...differences.map((difference) => ({ ...difference, department, sequence })));
    }
    return found;
  }

  /**
   * The signature is that of an account that signed for the department then, or, where a contract signs for it, the
   * one that the ledger was given.
   */
  async #checkSignature(
    batch: Batch,
    event: AnchoredBatch,
    time: number,
    { authority }: BatchMeans,
  ): Promise<Difference[]> {
    const signer = batch.signature && signerOf(batchDigest(this.ledger.identity, event), batch.signature);
    if (signer && (await authority.wasGood(event.department, event.kind, signer, time))) return [];
    const call = await this.ledger.anchorCallOf(event.transactionHash);
    if (call && batch.signature === call.signature) return [];
    return [{ layer: "batch", field: "signature", stored: batch.signature, expected: call?.signature ?? null }];
  }

  async #compareEntries(records: readonly StoredRecord[], event: AnchoredBatch): Promise<Found[]> {
    const entries = entriesOf(records);
    if (entriesAgree(entries, event)) return [];
    const onChain = await this.ledger.anchorCallOf(event.transactionHash);
    const { department, sequence } = event;
    return compareEntries(entries, onChain?.entries, event).map(({ index, ...difference }) => {
      const record = records.find(({ batchIndex }) => batchIndex === index);
      return record ? locate(difference, record, sequence) : { ...difference, department, sequence, batchIndex: index };
    });
  }
}

function notFinal(stored: string): Difference {
  return { layer: "batch", field: "status", stored, expected: "final" };
}

async function checkAll(records: readonly StoredRecord[], sequence: number, means: Means): Promise<Found[]> {
  const found: Found[] = [];
  for (const [i, record] of records.entries()) {
    if (i % BREATH === 0) await breathe();
    for (const difference of checkRecord(record, means)) found.push(locate(difference, record, sequence));
  }
  return found;
}

/** Was each statement key that signed in this batch authorised when it was anchored? */
async function checkKeys(
  records: readonly StoredRecord[],
  { department, kind, sequence }: AnchoredBatch,
  time: number,
  { authority }: BatchMeans,
): Promise<Found[]> {
  const found: Found[] = [];
  for (const [key, signed] of Map.groupBy(records, ({ statement }) => statementKeyOf(statement))) {
    if (key === null || (await authority.wasGood(department, kind, key, time))) continue;
    const difference: Difference = {
      layer: "key",
      field: null,
      stored: key,
      expected: "a key authorised at the time",
    };
    found.push(...signed.map((record) => locate(difference, record, sequence)));
  }
  return found;
}

function entriesOf(records: readonly StoredRecord[]) {
  return records.map(({ recordHash, streamKey, batchIndex }) => ({ recordHash, streamKey, index: batchIndex! }));
}

/** A sealed batch beside its records, while the ledger cannot be asked yet. */
function checkSealed(batch: Batch, records: readonly StoredRecord[]): Difference[] {
  const entries = entriesOf(records);
  const columns: [name: string, stored: string | number, expected: string | number][] = [
    ["count", batch.count, records.length],
    ["root", batch.root, records.length === 0 ? "" : rootOf(entries)],
    ["entries_hash", batch.entriesHash, entriesHash(entries)],
    ...records.flatMap((record): [string, string | number, string | number][] => [
      ["department", batch.department, record.department],
      ["kind", batch.kind, record.kind],
      ["year", batch.year, record.year],
    ]),
  ];
  const differing = new Map(columns.filter(([, stored, expected]) => stored !== expected).map((one) => [one[0], one]));
  return [...differing.values()].map(([field, stored, expected]) => {
    return { layer: "batch", field, stored: String(stored), expected: String(expected) };
  });
}

function rootOf(entries: readonly { readonly recordHash: Hex }[]): Hex {
  return merkleTree(entries.map(({ recordHash }) => recordHash)).root;
}
