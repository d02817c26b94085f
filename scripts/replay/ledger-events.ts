import type { Entry, Hex } from "@quanlian/proof";
import type { Provider } from "ethers";
import { AuditLedger__factory } from "../../backend/src/chain/contracts/index.ts";
import type { BatchAnchoredEvent } from "../../backend/src/chain/contracts/AuditLedger.ts";
import { entriesFromCalldata } from "./calldata.ts";
import { blockTimes, Contradiction, inPieces } from "./logs.ts";

/** Batches whose transactions are fetched side by side. */
const SIDE_BY_SIDE = 32;

/** A batch as the chain tells it: its event, the time of its block, the entries out of its calldata. */
export interface ReplayedBatch {
  ledger: string;
  /** bytes18 as 0x hex. */
  department: string;
  sequence: number;
  kind: number;
  year: number;
  root: Hex;
  entries: Entry[];
  blockNumber: number;
  /** Block time, Unix seconds. */
  anchoredAt: number;
  transactionHash: string;
}

export interface ReplayedSupersession {
  department: string;
  recordHash: string;
  successor: string;
  by: string;
  reason: number;
  /** Block time, Unix seconds. */
  supersededAt: number;
}

/** Every batch of a ledger in the order of the chain. @throws Contradiction */
export async function readBatches(
  provider: Provider,
  address: string,
  fromBlock: number,
  toBlock: number,
): Promise<ReplayedBatch[]> {
  const ledger = AuditLedger__factory.connect(address, provider);
  const query = (from: number, to: number) => ledger.queryFilter(ledger.filters.BatchAnchored(), from, to);
  const logs = await inPieces(fromBlock, toBlock, query);
  const timeOf = blockTimes(provider);
  const read = async (log: BatchAnchoredEvent.Log): Promise<ReplayedBatch> => ({
    ledger: log.address,
    department: log.args.department,
    sequence: Number(log.args.sequence),
    kind: Number(log.args.kind),
    year: Number(log.args.year),
    root: log.args.root as Hex,
    entries: await entriesOf(provider, log),
    blockNumber: log.blockNumber,
    anchoredAt: await timeOf(log.blockNumber),
    transactionHash: log.transactionHash,
  });
  const batches: ReplayedBatch[] = [];
  for (let i = 0; i < logs.length; i += SIDE_BY_SIDE) {
    batches.push(...(await Promise.all(logs.slice(i, i + SIDE_BY_SIDE).map(read))));
  }
  return batches;
}

async function entriesOf(provider: Provider, { args, transactionHash }: BatchAnchoredEvent.Log): Promise<Entry[]> {
  const transaction = await provider.getTransaction(transactionHash);
  if (!transaction) throw new Contradiction(`The node has an event but not its transaction ${transactionHash}.`);
  const entries = entriesFromCalldata(transaction.data, args);
  if (!entries) throw new Contradiction(`The calldata of ${transactionHash} does not carry the entries of its batch.`);
  return entries;
}

/** Every supersession of a ledger in the order of the chain. */
export async function readSupersessions(
  provider: Provider,
  address: string,
  fromBlock: number,
  toBlock: number,
): Promise<ReplayedSupersession[]> {
  const ledger = AuditLedger__factory.connect(address, provider);
  const query = (from: number, to: number) => ledger.queryFilter(ledger.filters.RecordSuperseded(), from, to);
  const logs = await inPieces(fromBlock, toBlock, query);
  const timeOf = blockTimes(provider);
  return Promise.all(
    logs.map(async ({ args, blockNumber }) => ({
      department: args.department,
      recordHash: args.recordHash,
      successor: args.successor,
      by: args.by,
      reason: Number(args.reason),
      supersededAt: await timeOf(blockNumber),
    })),
  );
}
