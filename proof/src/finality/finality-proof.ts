import { batchesAnchored, type BatchAnchored } from "./batch-anchored.ts";
import { refuse, type Refusal } from "./codes.ts";
import { readHex, type Hex } from "./hex.ts";
import { hasExactly, readHexes } from "./members.ts";
import { verifyQbftHeader, type FinalBlock } from "./qbft.ts";
import { verifyReceiptProof } from "./receipt.ts";
import type { QbftTrust } from "./validators.ts";

/** The `finality` of a receipt: proves, with the trust list alone, that the ledger has anchored a batch (docs/format.md §9). */
export interface FinalityProof {
  readonly kind: "qbft";
  /** Raw header with round and seals. */
  readonly header: Hex;
  /** Position of the transaction in the block. */
  readonly index: number;
  /** Raw EIP-2718 receipt of the transaction. */
  readonly receipt: Hex;
  /** Nodes of the receipts trie from its root to the receipt. */
  readonly receiptProof: readonly Hex[];
}

export type VerifiedFinality =
  { readonly ok: true; readonly block: FinalBlock; readonly events: readonly BatchAnchored[] } | Refusal;

/**
 * The block and the batches that `proof` proves. The caller compares them with the batch and the anchor that it was shown.
 * @param proof as parsed from JSON, of any shape
 * @param ledger address of the trusted ledger, lower case
 */
export function verifyFinalityProof(proof: unknown, trust: QbftTrust, ledger: Hex): VerifiedFinality {
  const read = readFinalityProof(proof);
  if (!read) return refuse("PROOF_MALFORMED");
  const block = verifyQbftHeader(read.header, trust);
  if (!block.ok) return block;
  const receipt = verifyReceiptProof(block.receiptsRoot, read.index, read.receipt, read.receiptProof);
  if (!receipt.ok) return receipt;
  const batches = batchesAnchored(receipt.logs, ledger);
  return batches.ok ? { ok: true, block, events: batches.events } : batches;
}

function readFinalityProof(proof: unknown) {
  if (!hasExactly(proof, ["kind", "header", "index", "receipt", "receiptProof"]) || proof.kind !== "qbft")
    return undefined;
  const header = readHex(proof.header);
  const receipt = readHex(proof.receipt);
  const receiptProof = readHexes(proof.receiptProof);
  const { index } = proof;
  if (typeof index !== "number" || !Number.isSafeInteger(index) || index < 0) return undefined;
  return header && receipt && receiptProof && { header, index, receipt, receiptProof };
}
