import { setImmediate as breathe } from "node:timers/promises";
import { Injectable } from "@nestjs/common";
import { entriesHash, type Hex, merkleTree } from "@quanlian/proof";
import { DataSource, MoreThan } from "typeorm";
import { Batch } from "../anchoring/batch.entity.ts";
import { batchDigest, signerOf } from "../chain/batch-signing.ts";
import { keccak } from "../chain/keccak.ts";
import { Ledger } from "../chain/ledger.ts";
import type { AnchoredBatch } from "../chain/words.ts";
import type { Authority } from "./authority.ts";
import { checkBatchRow, compareEntries, entriesOf } from "./batch-checks.ts";
import type { LookAt, LookedAt } from "./batch-records.ts";
import { type Found, locate } from "./found.ts";
import type { Depth } from "./integrity-run.entity.ts";
import { type Difference, statementKeyOf, type StoredRecord } from "./record-checks.ts";
import { StoredRecords } from "./stored-records.ts";

/** What a walk over batches needs beside them. */
export interface BatchMeans {
  readonly depth: Depth;
  readonly lookAt: LookAt;
  readonly authority: Authority;
  /** Unix seconds. */
  readonly timeOf: (block: number) => Promise<number>;
}

/** A batch with what was found of its records and of its own signature. */
interface SeenBatch {
  readonly batch: Batch;
  readonly event: AnchoredBatch;
  readonly looked: LookedAt;
  readonly signature: readonly Difference[];
}

/** Batches with all their records, beside the ledger's events. */
@Injectable()
export class BatchWalk {
  constructor(
    private readonly dataSource: DataSource,
    private readonly records: StoredRecords,
    private readonly ledger: Ledger,
  ) {}

  /** The differences of each batch, in the order of the events. */
  async compare(events: readonly AnchoredBatch[], means: BatchMeans): Promise<Found[]> {
    const rows = await this.#rows(events);
    const stored = events.flatMap((event) => {
      const batch = rows.get(nameOf(event));
      return batch ? [{ id: batch.id, batch, event }] : [];
    });
    const [looked, signatures] = await Promise.all([
      means.lookAt(
        stored.map(({ id, event }) => ({ id, event })),
        means.depth,
      ),
      this.#signatures(stored, means),
      ...stored.map(({ event }) => means.timeOf(event.blockNumber)),
    ]);
    const seen = new Map(
      stored.map((one, i): [AnchoredBatch, SeenBatch] => [
        one.event,
        { ...one, looked: looked[i]!, signature: signatures[i]! },
      ]),
    );
    const found: Found[] = [];
    for (const event of events) found.push(...(await this.#compareOne(event, seen.get(event), means)));
    return found;
  }

  /** Whoever waits for other threads meanwhile must not keep this one from anything else. */
  async #signatures(
    stored: readonly Omit<SeenBatch, "looked" | "signature">[],
    means: BatchMeans,
  ): Promise<Difference[][]> {
    const signatures: Difference[][] = [];
    for (const { batch, event } of stored) {
      await breathe();
      signatures.push(await this.#checkSignature(batch, event, means));
    }
    return signatures;
  }

  async #rows(events: readonly AnchoredBatch[]): Promise<Map<string, Batch>> {
    const rows = await this.dataSource
      .getRepository(Batch)
      .createQueryBuilder("b")
      .where("(b.department, b.sequence) in (select * from unnest(:departments::text[], :sequences::bigint[]))", {
        departments: events.map(({ department }) => department),
        sequences: events.map(({ sequence }) => sequence),
      })
      .getMany();
    return new Map(rows.map((row) => [nameOf(row), row]));
  }

  async #compareOne(event: AnchoredBatch, seen: SeenBatch | undefined, means: BatchMeans): Promise<Found[]> {
    const { department, sequence } = event;
    const at = { department, sequence };
    if (!seen) return [{ layer: "chain", field: "department, sequence", stored: null, expected: event.root, ...at }];
    const { batch, looked, signature } = seen;
    const time = await means.timeOf(event.blockNumber);
    return [
      ...(batch.status === "final" ? [] : [{ ...notFinal(batch.status), ...at }]),
      ...checkBatchRow(batch, event, time).map(({ index: _, ...difference }) => ({ ...difference, ...at })),
      ...signature.map((difference) => ({ ...difference, ...at })),
      ...looked.found,
      ...(await this.#checkKeys(batch, looked.keys, event, time, means)),
      ...(looked.agree ? [] : await this.#compareEntries(batch, event)),
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
  async #checkSignature(batch: Batch, event: AnchoredBatch, { authority, timeOf }: BatchMeans): Promise<Difference[]> {
    const time = await timeOf(event.blockNumber);
    const signer = batch.signature && signerOf(batchDigest(this.ledger.identity, event), batch.signature);
    if (signer && (await authority.wasGood(event.department, event.kind, signer, time))) return [];
    const call = await this.ledger.anchorCallOf(event.transactionHash);
    if (call && batch.signature === call.signature) return [];
    return [{ layer: "batch", field: "signature", stored: batch.signature, expected: call?.signature ?? null }];
  }

  /** Was each statement key that signed in this batch authorised when it was anchored? */
  async #checkKeys(
    batch: Batch,
    keys: readonly Hex[],
    { department, kind, sequence }: AnchoredBatch,
    time: number,
    { authority }: BatchMeans,
  ): Promise<Found[]> {
    const found: Found[] = [];
    for (const key of keys) {
      if (await authority.wasGood(department, kind, key, time)) continue;
      const expected = "a key authorised at the time";
      const signed = (await this.records.ofBatch(batch.id)).filter(
        ({ statement }) => statementKeyOf(statement) === key,
      );
      found.push(
        ...signed.map((record) => locate({ layer: "key", field: null, stored: key, expected }, record, sequence)),
      );
    }
    return found;
  }

  async #compareEntries(batch: Batch, event: AnchoredBatch): Promise<Found[]> {
    const records = await this.records.ofBatch(batch.id);
    const onChain = await this.ledger.anchorCallOf(event.transactionHash);
    const { department, sequence } = event;
    return compareEntries(entriesOf(records), onChain?.entries, event).map(({ index, ...difference }) => {
      const record = records.find(({ batchIndex }) => batchIndex === index);
      return record ? locate(difference, record, sequence) : { ...difference, department, sequence, batchIndex: index };
    });
  }
}

function notFinal(stored: string): Difference {
  return { layer: "batch", field: "status", stored, expected: "final" };
}

function nameOf({ department, sequence }: Pick<Batch, "department" | "sequence">): string {
  return `${department} ${sequence}`;
}

/** A sealed batch beside its records, while the ledger cannot be asked yet. */
function checkSealed(batch: Batch, records: readonly StoredRecord[]): Difference[] {
  const entries = entriesOf(records);
  const columns: [name: string, stored: string | number, expected: string | number][] = [
    ["count", batch.count, records.length],
    ["root", batch.root, records.length === 0 ? "" : rootOf(entries)],
    ["entries_hash", batch.entriesHash, entriesHash(entries, keccak)],
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
  return merkleTree(
    entries.map(({ recordHash }) => recordHash),
    keccak,
  ).root;
}
