import { StateUnavailable, type Block, type ChainReader, type Hex, type Transaction } from "@quanlian/proof";

/**
 * A chain as data: what test vectors bring along in place of a node (docs/format.md §12). Entries with `block` hold from
 * that block on; of several for one key, the last one at or before the block in question counts.
 */
export interface RecordedChain {
  readonly chainId: number;
  readonly finalBlock: number;
  /** State of earlier blocks is not available, as on a pruned node. */
  readonly stateFrom: number;
  readonly blocks: readonly Block[];
  readonly transactions: readonly (Transaction & { readonly hash: Hex })[];
  readonly batches: readonly {
    readonly department: string;
    readonly sequence: number;
    readonly root: Hex;
    readonly kind: number;
    readonly year: number;
    readonly count: number;
    readonly anchoredAt: number;
    readonly block: number;
  }[];
  readonly heads: readonly {
    readonly kind: number;
    readonly year: number;
    /** Lower-case hex without leading zeros, `0x0` for bucket 0. */
    readonly bucket: Hex;
    readonly head: Hex;
    readonly block: number;
  }[];
  readonly supersessions: readonly {
    readonly department: string;
    readonly recordHash: Hex;
    readonly successor: Hex;
    readonly by: string;
    readonly reason: number;
    readonly at: number;
    readonly block: number;
  }[];
  /** Good at moments t with from ≤ t, and t < until unless `until` is null. */
  readonly keys: readonly {
    readonly department: string;
    readonly kinds: readonly number[];
    readonly thumbprint: Hex;
    readonly from: number;
    readonly until: number | null;
  }[];
  readonly retired: { readonly successor: Hex; readonly block: number } | null;
}

/** Reads a recorded chain as `verify` reads a node. */
export function readRecordedChain(chain: RecordedChain): ChainReader {
  const asOf = <T extends { readonly block: number }>(
    rows: readonly T[],
    atBlock: number,
    fits: (row: T) => boolean,
  ) => {
    if (atBlock < chain.stateFrom) throw new StateUnavailable(`state of block ${atBlock} is pruned`);
    return rows.findLast((row) => row.block <= atBlock && fits(row));
  };
  const blockAt = (number: number) => chain.blocks.find((block) => block.number === number) ?? null;
  return {
    chainId: async () => chain.chainId,
    block: async (number) => blockAt(number),
    finalBlock: async () => {
      const block = blockAt(chain.finalBlock);
      if (!block) throw new Error("the final block is not among the blocks");
      return block;
    },
    transaction: async (hash) => chain.transactions.find((transaction) => transaction.hash === hash) ?? null,
    batchOf: async (department, sequence, atBlock) =>
      asOf(chain.batches, atBlock, (row) => row.department === department && row.sequence === sequence) ?? null,
    headOf: async (kind, year, bucket, atBlock) => {
      const name = `0x${bucket.toString(16)}`;
      const row = asOf(
        chain.heads,
        atBlock,
        (head) => head.kind === kind && head.year === year && head.bucket === name,
      );
      return row?.head ?? `0x${"00".repeat(32)}`;
    },
    retiredFor: async (atBlock) => asOf(chain.retired ? [chain.retired] : [], atBlock, () => true)?.successor ?? null,
    supersessionOf: async (department, recordHash, atBlock) =>
      asOf(chain.supersessions, atBlock, (row) => row.department === department && row.recordHash === recordHash) ??
      null,
    wasAuthorised: async (department, kind, thumbprint, moment) =>
      chain.keys.some(
        (key) =>
          key.department === department &&
          key.kinds.includes(kind) &&
          key.thumbprint === thumbprint &&
          key.from <= moment &&
          (key.until === null || moment < key.until),
      ),
  };
}
