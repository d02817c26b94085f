import { entriesHash, type Hex, merkleTree } from "@quanlian/proof";
import { keccak } from "../chain/keccak.ts";
import type { Batch } from "../anchoring/batch.entity.ts";
import type { AnchoredBatch, LedgerEntry } from "../chain/words.ts";
import type { Difference } from "./record-checks.ts";

/** The place of an entry in a batch, as it is stored. */
export interface StoredEntry extends LedgerEntry {
  readonly index: number;
}

/** The entries of a batch as its records are stored. */
export function entriesOf(records: readonly (LedgerEntry & { readonly batchIndex: number | null })[]): StoredEntry[] {
  return records.map(({ recordHash, streamKey, batchIndex }) => ({ recordHash, streamKey, index: batchIndex! }));
}

/** A difference in a batch; `index` tells which entry, when it concerns one. */
export interface BatchDifference extends Difference {
  readonly index: number | null;
}

/** The row of a batch beside the event that the ledger emitted for it. */
export function checkBatchRow(batch: Batch, event: AnchoredBatch, blockTime: number): BatchDifference[] {
  const columns: [string, string | number | null, string | number][] = [
    ["kind", batch.kind, event.kind],
    ["year", batch.year, event.year],
    ["count", batch.count, event.count],
    ["root", batch.root, event.root],
    ["entries_hash", batch.entriesHash, event.entriesHash],
    ["transaction_hash", batch.transactionHash, event.transactionHash],
    ["block_number", batch.blockNumber, event.blockNumber],
    ["block_hash", batch.blockHash, event.blockHash],
    ["block_time", batch.blockTime, blockTime],
    ["log_index", batch.logIndex, event.logIndex],
  ];
  return columns
    .filter(([, stored, expected]) => stored !== expected)
    .map(([field, stored, expected]) => {
      return {
        layer: "batch",
        field,
        stored: stored === null ? null : String(stored),
        expected: String(expected),
        index: null,
      };
    });
}

/** Whether the stored entries are, in their order, what the ledger took: root, count, and the hash over all of them. */
export function entriesAgree(entries: readonly StoredEntry[], event: AnchoredBatch): boolean {
  return (
    entries.length === event.count &&
    entries.every(({ index }, i) => index === i) &&
    entriesHash(entries, keccak) === event.entriesHash &&
    merkleTree(
      entries.map(({ recordHash }) => recordHash),
      keccak,
    ).root === event.root
  );
}

/**
 * Names every entry that differs from what the ledger took. Without the ledger's entries (another contract relayed
 * them) only the batch as a whole can be named.
 */
export function compareEntries(
  stored: readonly StoredEntry[],
  onChain: readonly LedgerEntry[] | undefined,
  event: AnchoredBatch,
): BatchDifference[] {
  if (!onChain) {
    const agreed = { layer: "entries", field: "entries_hash", expected: event.entriesHash, index: null } as const;
    return [{ ...agreed, stored: stored.length === 0 ? null : entriesHash(stored, keccak) }];
  }
  const byIndex = new Map(stored.map((entry) => [entry.index, entry]));
  const indexes = new Set([...onChain.keys(), ...byIndex.keys()]);
  return [...indexes].sort((a, b) => a - b).flatMap((index) => compareEntry(byIndex.get(index), onChain[index], index));
}

function compareEntry(
  stored: LedgerEntry | undefined,
  expected: LedgerEntry | undefined,
  index: number,
): BatchDifference[] {
  const pairs: [field: string, stored: Hex | undefined, expected: Hex | undefined][] = [
    ["record_hash", stored?.recordHash, expected?.recordHash],
    ["stream_key", stored?.streamKey, expected?.streamKey],
  ];
  return pairs
    .filter(([, ours, theirs], i) => ours !== theirs && (i === 0 || (stored && expected)))
    .map(([field, ours, theirs]) => {
      return { layer: "entries", field, stored: ours ?? null, expected: theirs ?? null, index };
    });
}
