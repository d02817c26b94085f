import { StateUnavailable, type Block, type ChainReader, type Hex, type Transaction } from "@quanlian/proof";

/**
 * A chain as data: what test vectors bring along in place of a node (docs/format.md §12). A head holds from its block on,
 * until the next one of the same bucket.
 */
export interface RecordedChain {
  readonly chainId: number;
  readonly finalBlock: number;
  /** Heads of earlier blocks are not available, as on a pruned node. */
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
    batchOf: async (department, sequence) =>
      chain.batches.find((row) => row.department === department && row.sequence === sequence) ?? null,
    supersessionOf: async (department, recordHash) =>
      chain.supersessions.find((row) => row.department === department && row.recordHash === recordHash) ?? null,
    retirement: async () => chain.retired,
    hadHead: async (kind, year, bucket, head, atBlock) => {
      if (atBlock < chain.stateFrom) throw new StateUnavailable(`the heads of block ${atBlock} are pruned`);
      const name = `0x${bucket.toString(16)}`;
      const row = chain.heads.findLast(
        (known) => known.kind === kind && known.year === year && known.bucket === name && known.block <= atBlock,
      );
      return head === (row?.head ?? `0x${"00".repeat(32)}`);
    },
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
