import type { Hex } from "../bytes.ts";
import type { Refusal } from "./codes.ts";
import { verifyFinalityProof, type FinalityProof, type Proven } from "./finality-proof.ts";
import { qbftJudge, type HeaderJudge } from "./qbft.ts";
import type { RecoverKey } from "./seals.ts";
import type { QbftTrust } from "./validators.ts";

/** What is remembered of one trust entry. */
interface Known {
  /** Knows keys and the newest headers. */
  readonly judge: HeaderJudge;
  /** By ledger and content, oldest first. */
  readonly proofs: Map<string, Proven>;
}

const REMEMBERED = 64;
/** Longest proof that is remembered, in characters: those of receipts have about 5,000, those of certificates are hardly seen twice. */
const SHORT = 65_536;

const known = new WeakMap<QbftTrust, Known>();

/**
 * As `verifyFinalityProof`, with what was found out before under the same trust entry: papers come in heaps, their blocks share keys, and
 * all receipts of a batch share one proof. A proof is recognised by its whole content, and only what held is remembered.
 */
export function provenUnder(
  trust: QbftTrust,
  ledger: Hex,
  proof: FinalityProof,
  recoverKey?: RecoverKey,
): Proven | Refusal {
  const { judge, proofs } = knownOf(trust, recoverKey);
  const content = `${ledger}${JSON.stringify(proof)}`;
  const before = proofs.get(content);
  if (before) return before;
  const proven = verifyFinalityProof(proof, judge, ledger);
  if (!proven.ok || content.length > SHORT) return proven;
  proofs.set(content, proven);
  if (proofs.size > REMEMBERED) proofs.delete(proofs.keys().next().value!);
  return proven;
}

/** Whoever asks first says how keys are recovered: all ways find the same. */
function knownOf(trust: QbftTrust, recoverKey: RecoverKey | undefined): Known {
  const made = known.get(trust) ?? { judge: qbftJudge(trust, recoverKey), proofs: new Map<string, Proven>() };
  known.set(trust, made);
  return made;
}
