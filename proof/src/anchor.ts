import type { Hex } from "./bytes.ts";
import { batchAnchoredEvent } from "./abi.ts";
import { StateUnavailable, type ChainReader, type Transaction } from "./chain.ts";
import type { Code } from "./codes.ts";
import type { Batch } from "./record.ts";
import { bytes, integer, where } from "./shape.ts";
import { isUnixTime } from "./words.ts";
import type { ChainIdentity, TrustedChain } from "./trust.ts";
import { failed, passed, unknown, type Step, type StepName } from "./verdict.ts";

/** A block of a named chain. */
export interface BlockReference extends ChainIdentity {
  readonly blockNumber: number;
  readonly blockHash: Hex;
  /** Unix seconds. */
  readonly blockTime: number;
}

/** Where a batch was anchored. */
export interface Anchor extends BlockReference {
  readonly transactionHash: Hex;
  /** Position of the event within the block, as JSON-RPC's `logIndex`. */
  readonly logIndex: number;
}

export const chainIdentityMembers = { chainId: integer(1), genesisHash: bytes(32), ledger: bytes(20) };

export const blockReferenceMembers = {
  ...chainIdentityMembers,
  blockNumber: integer(0),
  blockHash: bytes(32),
  blockTime: where(isUnixTime),
};

export const anchorMembers = { ...blockReferenceMembers, transactionHash: bytes(32), logIndex: integer(0) };

/** Takes a step that asks a node; whatever goes wrong there leaves the step undecided. */
export async function asking(step: StepName, check: () => Promise<Step>): Promise<Step> {
  try {
    return await check();
  } catch (error) {
    const code = error instanceof StateUnavailable ? "STATE_UNAVAILABLE" : "CHAIN_UNREACHABLE";
    return unknown(step, code, { message: error instanceof Error ? error.message.slice(0, 200) : "no message" });
  }
}

/** Step `trust`: is this ledger on the verifier's list? */
export function checkTrust(named: ChainIdentity, trusted: TrustedChain | undefined): Step {
  const { chainId, genesisHash, ledger } = named;
  const evidence = { chainId, genesisHash, ledger };
  if (!trusted) return unknown("trust", "CHAIN_NOT_TRUSTED", evidence);
  return passed("trust", { ...evidence, regionZh: trusted.region.zh, regionEn: trusted.region.en });
}

/** Steps `chain` and `finality`: does the node serve that chain, and is the block final there, as described? */
export async function checkBlock(named: BlockReference, reader: ChainReader): Promise<Step[]> {
  const identity = await asking("chain", () => checkIdentity(named, reader));
  if (identity.outcome !== "passed") return [identity, unknown("finality", "NOT_CHECKED")];
  return [identity, await asking("finality", () => checkFinality(named, reader))];
}

/** Step `chain`: does the node serve that chain? */
export async function checkIdentity({ chainId, genesisHash }: ChainIdentity, reader: ChainReader): Promise<Step> {
  const answer = { chainId: await reader.chainId(), genesisHash: (await reader.block(0))?.hash ?? null };
  return answer.chainId === chainId && answer.genesisHash === genesisHash
    ? passed("chain", answer)
    : unknown("chain", "WRONG_CHAIN", answer);
}

async function checkFinality(
  { blockNumber, blockHash, blockTime }: BlockReference,
  reader: ChainReader,
): Promise<Step> {
  const final = await reader.finalBlock();
  const evidence = { blockNumber, finalBlock: final.number };
  if (final.number < blockNumber) return unknown("finality", "NOT_FINAL", evidence);
  const block = await reader.block(blockNumber);
  const seen = { ...evidence, blockHash: block?.hash ?? null, blockTime: block?.time ?? null };
  if (block?.hash !== blockHash) return failed("finality", "BLOCK_MISMATCH", seen, "blockHash");
  if (block.time !== blockTime) return failed("finality", "BLOCK_MISMATCH", seen, "blockTime");
  return passed("finality", seen);
}

/** Compares the ledger's own entry for a batch with what a document says of it; the code is null when they agree. */
export async function batchProblem(
  batch: Batch,
  reader: ChainReader,
): Promise<
  { code: Code; field?: string; seen: Record<string, string | number | null> } | { code: null; anchoredAt: number }
> {
  const seen = await reader.batchOf(batch.department, batch.sequence);
  if (!seen) return { code: "BATCH_UNKNOWN", seen: { department: batch.department, sequence: batch.sequence } };
  if (seen.root !== batch.root) return { code: "ROOT_MISMATCH", field: "root", seen: { ...seen } };
  for (const field of ["kind", "year", "count"] as const)
    if (seen[field] !== batch[field]) return { code: "BATCH_MISMATCH", field, seen: { ...seen } };
  return { code: null, anchoredAt: seen.anchoredAt };
}

/** Step `anchor`: ledger entry, transaction and event all say what the receipt says. */
export async function checkAnchor(batch: Batch, anchor: Anchor, reader: ChainReader): Promise<Step> {
  const found = await batchProblem(batch, reader);
  if (found.code !== null) return failed("anchor", found.code, found.seen, found.field);
  if (found.anchoredAt !== anchor.blockTime)
    return failed("anchor", "BATCH_MISMATCH", { anchoredAt: found.anchoredAt }, "blockTime");
  const { transactionHash, logIndex, blockNumber } = anchor;
  const evidence = { transactionHash, logIndex, blockNumber };
  const transaction = await reader.transaction(transactionHash);
  if (!transaction?.succeeded || transaction.blockNumber !== blockNumber || transaction.blockHash !== anchor.blockHash)
    return failed("anchor", "TRANSACTION_MISMATCH", { ...evidence, found: transaction !== null }, "transactionHash");
  return holdsEvent(transaction, batch, anchor)
    ? passed("anchor", { ...evidence, root: batch.root, anchoredAt: anchor.blockTime })
    : failed("anchor", "EVENT_MISMATCH", evidence, "logIndex");
}

function holdsEvent(transaction: Transaction, batch: Batch, { ledger, logIndex }: Anchor): boolean {
  const log = transaction.logs.find((candidate) => candidate.logIndex === logIndex);
  const { topics, dataBeforeEntriesHash } = batchAnchoredEvent(batch);
  return (
    log?.address === ledger &&
    log.topics.join() === topics.join() &&
    log.data.length === dataBeforeEntriesHash.length + 64 &&
    log.data.startsWith(dataBeforeEntriesHash)
  );
}
