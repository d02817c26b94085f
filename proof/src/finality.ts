// What whoever runs a chain, or makes papers, needs of docs/finality.md; `verify` needs none of it.
export { askForProof, type Wanted } from "./finality/ask-node.ts";
export type { BatchAnchored } from "./finality/batch-anchored.ts";
export { verifyFinalityProof, type FinalityProof, type Proven } from "./finality/finality-proof.ts";
export { qbftJudge, type FinalBlock, type HeaderJudge } from "./finality/qbft.ts";
export { partQuestions, receiptQuestions } from "./finality/questions.ts";
export type { Contracts, PartQuestions, RegistryLengths } from "./finality/questions.ts";
export { ledgerSlots } from "./finality/storage.ts";
export { verifyValidatorChanges } from "./finality/validator-changes.ts";
export { readQbftTrust } from "./trust.ts";
export { trustFingerprint, updateDigest, updateTrustList } from "./trust-update.ts";
export { trustProblem, type QbftTrust } from "./finality/validators.ts";
export { renewPaper, type ProveState, type Renewal } from "./renew.ts";
