import { bucketOf, foldHead, merkleTree, type Entry, type Hex } from "@quanlian/proof";
import type { ReplayedBatch } from "./ledger-events.ts";
import { Contradiction } from "./logs.ts";

/** All pairs of one bucket in the order of anchoring, and the head that they fold to. */
export interface Bucket {
  kind: number;
  year: number;
  bucket: bigint;
  pairs: Entry[];
  head: Hex;
}

/** Every bucket that holds something. @param batches in the order of the chain */
export function fillBuckets(batches: readonly ReplayedBatch[], prefixBits: number): Bucket[] {
  const buckets = new Map<string, Omit<Bucket, "head">>();
  for (const { kind, year, entries } of batches) {
    for (const entry of entries) {
      const bucket = bucketOf(entry.streamKey, prefixBits);
      const name = `${kind}/${year}/${bucket}`;
      const known = buckets.get(name) ?? { kind, year, bucket, pairs: [] };
      known.pairs.push(entry);
      buckets.set(name, known);
    }
  }
  return [...buckets.values()].map((bucket) => ({ ...bucket, head: foldHead(bucket.pairs) }));
}

/** The last sequence of each department; none may skip or repeat, and each root must be that of the entries. */
export function lastSequences(batches: readonly ReplayedBatch[]): Map<string, number> {
  const last = new Map<string, number>();
  for (const { department, sequence, entries, root } of batches) {
    const expected = (last.get(department) ?? 0) + 1;
    if (sequence !== expected)
      throw new Contradiction(`Department ${department}: batch ${sequence} after ${expected - 1}.`);
    if (merkleTree(entries.map(({ recordHash }) => recordHash)).root !== root) {
      throw new Contradiction(`Department ${department}: the root of batch ${sequence} is not that of its records.`);
    }
    last.set(department, sequence);
  }
  return last;
}
