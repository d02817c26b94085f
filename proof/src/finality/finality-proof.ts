import { fromHex, isHex, type Hex } from "../bytes.ts";
import type { Json } from "../json.ts";
import { array, integer, literal, object, where } from "../shape.ts";
import { batchesAnchored, type BatchAnchored } from "./batch-anchored.ts";
import { refuse, type Refusal } from "./codes.ts";
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

const anyBytes = where((value) => isHex(value));
const finalityProof = object({
  kind: literal("qbft"),
  header: anyBytes,
  index: integer(0),
  receipt: anyBytes,
  receiptProof: array(anyBytes, 64),
});

export type VerifiedFinality =
  { readonly ok: true; readonly block: FinalBlock; readonly events: readonly BatchAnchored[] } | Refusal;

/**
 * The block and the batches that `proof` proves. The caller compares them with the batch and the anchor that it was shown.
 * @param ledger address of the trusted ledger, lower case
 */
export function verifyFinalityProof(proof: Json, trust: QbftTrust, ledger: Hex): VerifiedFinality {
  const problem = finalityProof(proof, "finality");
  if (problem !== null) return refuse("PROOF_MALFORMED", { member: problem });
  const { header, index, receipt, receiptProof } = proof as unknown as FinalityProof;
  const block = verifyQbftHeader(fromHex(header), trust);
  if (!block.ok) return block;
  const included = verifyReceiptProof(block.receiptsRoot, index, fromHex(receipt), receiptProof.map(fromHex));
  if (!included.ok) return included;
  const batches = batchesAnchored(included.logs, ledger);
  return batches.ok ? { ok: true, block, events: batches.events } : batches;
}
