export type { Hex } from "./bytes.ts";
export type { Json } from "./json.ts";
export { kindOf, type Kind, type PublicJwk, type Subject } from "./words.ts";
export { es256, thumbprint, type Suite } from "./suite.ts";
export { issueStatement, presentStatement, readStatement, recordHash } from "./statement.ts";
export type { BadStatement, Signer, Statement, StatementDraft } from "./statement.ts";
export { proveStream, streamKey, verifyStream, vrfPublicKey, type Curve } from "./stream.ts";
export { merkleRoot, merkleTree, type MerkleTree } from "./tree.ts";
export { bucketOf, EMPTY_HEAD, entriesHash, foldHead, type Entry } from "./head.ts";
export type { Anchor, BlockReference } from "./anchor.ts";
export {
  batchDigest,
  supersessionDigest,
  type SealedBatch,
  type UnsignedBatch,
  type UnsignedSupersession,
} from "./batch.ts";
export type { Batch, BatchedStatement } from "./record.ts";
export type { Receipt } from "./receipt.ts";
export { bundleReceipts, unbundleReceipts, type Bundle } from "./bundle.ts";
export { buildCertificate, type Certificate, type CertificateDraft, type CertificateSource } from "./certificate.ts";
export type { CertificateChain, CertificateStream, CertificateSupersession, Period } from "./certificate.ts";
export type { Equivocation } from "./equivocation.ts";
export type { Misconduct } from "./misconduct.ts";
export { readTrustList, type TrustedChain, type TrustList } from "./trust.ts";
export { StateUnavailable, type AnchoredBatch, type Block, type ChainReader, type Log } from "./chain.ts";
export type { Supersession, Transaction } from "./chain.ts";
export { rpcChain, type Send } from "./rpc-chain.ts";
export { verify, type VerifyOptions } from "./verify.ts";
export { decidingStep, type Clocks, type Step, type Verdict } from "./verdict.ts";
export { CODES, type Code } from "./codes.ts";
export { describeVerdict, type Description, type Labels, type Language } from "./describe.ts";
