import type { Hex } from "./bytes.ts";
import type { Kind } from "./words.ts";

export interface Block {
  readonly number: number;
  readonly hash: Hex;
  /** Unix seconds. */
  readonly time: number;
}

export interface Log {
  readonly address: Hex;
  readonly topics: readonly Hex[];
  readonly data: Hex;
  /** Position within the block, as JSON-RPC's `logIndex`. */
  readonly logIndex: number;
}

export interface Transaction {
  readonly blockNumber: number;
  readonly blockHash: Hex;
  readonly succeeded: boolean;
  readonly logs: readonly Log[];
}

export interface AnchoredBatch {
  readonly root: Hex;
  readonly kind: number;
  readonly year: number;
  readonly count: number;
  /** Block time, Unix seconds. */
  readonly anchoredAt: number;
}

export interface Supersession {
  readonly successor: Hex;
  /** Department that anchored the successor. */
  readonly by: string;
  /** 1 correction 更正, 2 withdrawal 撤销, 3 repair 信用修复, 4 annulment 复议/判决. */
  readonly reason: number;
  /** Block time, Unix seconds. */
  readonly at: number;
}

/**
 * A look at one chain: what is final now, and what the ledger and the registry say now. Their entries are written once and
 * carry their block time, so that the state of any past block follows from today's, on nodes that keep no old state too; only
 * a head is overwritten. Every method may reject when the node does not answer; `verify` reports that as `CHAIN_UNREACHABLE`, or
 * as `STATE_UNAVAILABLE` for {@link StateUnavailable}.
 */
export interface ChainReader {
  chainId(): Promise<number>;
  /** A block of the chain as the node sees it, or null when it has none of that number. */
  block(number: number): Promise<Block | null>;
  /** The newest block that is final by the trusted chain's rule. */
  finalBlock(): Promise<Block>;
  transaction(hash: Hex): Promise<Transaction | null>;
  batchOf(department: string, sequence: number): Promise<AnchoredBatch | null>;
  /** What became of a record, on this ledger or one that took over from it. */
  supersessionOf(department: string, recordHash: Hex): Promise<Supersession | null>;
  /** Whether the statement key was good for the department and kind at a moment (Unix seconds), as far as is known today. */
  wasAuthorised(department: string, kind: Kind, thumbprint: Hex, moment: number): Promise<boolean>;
  /** The ledger that took over and the block from which on it did, or null while this one is the current one. */
  retirement(): Promise<{ readonly successor: Hex; readonly block: number } | null>;
  /** Whether this was the head of a bucket as of a block. */
  hadHead(kind: Kind, year: number, bucket: bigint, head: Hex, atBlock: number): Promise<boolean>;
}

/** Thrown by a reader that cannot find out what was true at a past block. */
export class StateUnavailable extends Error {
  override readonly name = "StateUnavailable";
}
