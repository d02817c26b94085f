import { asking, batchProblem, type Anchor, type BlockReference } from "./anchor.ts";
import { StateUnavailable, type ChainReader } from "./chain.ts";
import type { Context } from "./context.ts";
import type { Refusal } from "./finality/codes.ts";
import type { FinalityProof, Proven } from "./finality/finality-proof.ts";
import { provenChain } from "./finality/proven-chain.ts";
import type { Batch } from "./record.ts";
import type { SealedChain, TrustedChain } from "./trust.ts";
import { failed, passed, unknown, type Step } from "./verdict.ts";

/** A finality proof with the chain whose validators can judge it. */
export interface JudgedProof {
  readonly proof: FinalityProof;
  readonly chain: SealedChain;
}

/** What a document proves by itself: steps `chain` and `finality`, and where both passed, the chain as of the proven block. */
export interface ProvenGround {
  readonly steps: readonly Step[];
  readonly ground: { readonly proven: Proven; readonly reader: ChainReader } | null;
}

/** The proof of a document if the trust list can judge it: it names the chain's validators. Otherwise a node is asked. */
export function proofOf(proof: FinalityProof | null, chain: TrustedChain | undefined): JudgedProof | null {
  return proof && chain?.qbft ? { proof, chain: chain as SealedChain } : null;
}

/**
 * Steps `chain` and `finality` without a node: the validators' seals show that the block is one of the trusted chain.
 * @param laterBlock whether a proof of a later block will do, which holds what the named block left in the state
 */
export function checkProvenBlock(
  named: BlockReference,
  { proof, chain }: JudgedProof,
  context: Context,
  laterBlock: boolean,
): ProvenGround {
  const proven = context.proven(proof, chain);
  if (!proven.ok) return { steps: refusedSteps(proven), ground: null };
  const finality = compareBlock(named, proven, laterBlock);
  const { chainId, genesisHash } = chain;
  const steps = [passed("chain", { chainId, genesisHash, sealers: proven.block.sealers.length }), finality];
  if (finality.outcome !== "passed") return { steps, ground: null };
  return { steps, ground: { proven, reader: provenChain(proven, { predecessors: [], ...chain }) } };
}

/** Validators whom the list does not know may be of a later list; everything else is the document's own fault. */
function refusedSteps({ code, evidence }: Refusal): Step[] {
  const seen = { refusal: code, ...evidence };
  if (code === "VALIDATORS_UNKNOWN" || code === "VALIDATORS_MISMATCH")
    return [unknown("chain", "VALIDATORS_UNKNOWN", seen), unknown("finality", "NOT_CHECKED")];
  return [unknown("chain", "NOT_CHECKED"), failed("finality", "FINALITY_PROOF_INVALID", seen, "finality")];
}

function compareBlock(named: BlockReference, { block }: Proven, laterBlock: boolean): Step {
  const { blockNumber, blockHash, blockTime } = named;
  const seen = { blockNumber, provenBlock: block.number, provenHash: block.hash, provenTime: block.timestamp };
  if (laterBlock && block.number > blockNumber) return passed("finality", seen);
  if (block.number !== blockNumber) return failed("finality", "BLOCK_MISMATCH", seen, "blockNumber");
  if (block.hash !== blockHash) return failed("finality", "BLOCK_MISMATCH", seen, "blockHash");
  if (block.timestamp !== blockTime) return failed("finality", "BLOCK_MISMATCH", seen, "blockTime");
  return passed("finality", seen);
}

/** Step `anchor` without a node: the event, or the ledger's stored entry, as the block commits to it. */
export function checkProvenAnchor(batch: Batch, anchor: Anchor, reader: ChainReader): Promise<Step> {
  return asking("anchor", async () => {
    const found = await batchProblem(batch, reader);
    if (found.code !== null) return failed("anchor", found.code, found.seen, found.field);
    const { blockNumber, blockTime } = anchor;
    if (found.anchoredAt !== blockTime)
      return failed("anchor", "BATCH_MISMATCH", { anchoredAt: found.anchoredAt }, "blockTime");
    return passed("anchor", { blockNumber, root: batch.root, anchoredAt: blockTime });
  });
}

/** Rejections of a reader that mean "the proof does not say", as an answer. */
export async function ifProven<T>(answer: Promise<T>): Promise<T | "unproven"> {
  return answer.catch((error: unknown) => {
    if (error instanceof StateUnavailable) return "unproven";
    throw error;
  });
}
