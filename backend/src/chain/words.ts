import type { Hex, Kind } from "@quanlian/proof";

/** A block by number and hash; `time` in Unix seconds. */
export interface Block {
  readonly number: number;
  readonly hash: Hex;
  readonly time: number;
}

/** What a signer signs and the ledger anchors. */
export interface BatchContent {
  readonly department: string;
  readonly kind: Kind;
  readonly year: number;
  readonly sequence: number;
  readonly entriesHash: Hex;
}

export interface LedgerEntry {
  readonly streamKey: Hex;
  readonly recordHash: Hex;
}

/** A `BatchAnchored` event and where it lies. */
export interface AnchoredBatch extends BatchContent {
  readonly count: number;
  readonly root: Hex;
  readonly blockNumber: number;
  readonly blockHash: Hex;
  readonly transactionHash: Hex;
  /** Position of the transaction in its block. */
  readonly transactionIndex: number;
  readonly logIndex: number;
}

/** What a transaction that anchors a batch carries beside the batch's own words. */
export interface AnchorCall {
  readonly entries: readonly LedgerEntry[];
  readonly signature: Hex;
}

/** What the registry says of a department from `since` (Unix seconds) until its next state. */
export interface DepartmentState {
  readonly since: number;
  /** Bit k is set when it holds capability k. */
  readonly capabilities: number;
  readonly suspended: boolean;
  readonly signer: Hex;
}

/** A key is good from `from` until before `until` (Unix seconds; 0: without end). `from` 0: never registered. */
export interface KeyLife {
  readonly from: number;
  readonly until: number;
}

/** A record in its batch, with the path that proves it. */
export interface AnchoredRecord {
  readonly department: string;
  readonly sequence: number;
  readonly recordHash: Hex;
  readonly path: readonly Hex[];
}

/** A `RecordSuperseded` event and where it lies. */
export interface SupersededRecord {
  readonly department: string;
  readonly recordHash: Hex;
  readonly successor: Hex;
  readonly by: string;
  readonly reason: number;
  readonly blockNumber: number;
  readonly transactionHash: Hex;
  readonly logIndex: number;
}

/** What a transaction may pay per gas, in wei; zero on networks without fees. */
export interface Fees {
  readonly maxFeePerGas: bigint;
  readonly maxPriorityFeePerGas: bigint;
}

/** A signed transaction as it is kept before it is sent. */
export interface RawTransaction {
  readonly hash: Hex;
  readonly nonce: number;
  readonly raw: Buffer;
}

/** The fixed facts of the ledger a service writes to. */
export interface LedgerIdentity {
  readonly chainId: number;
  readonly genesisHash: Hex;
  readonly ledger: Hex;
  readonly registry: Hex;
  readonly prefixBits: number;
  /** VRF public keys by the first year they serve, ascending. */
  readonly vrfKeys: readonly { readonly fromYear: number; readonly key: Hex }[];
}
