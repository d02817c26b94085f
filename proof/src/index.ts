export type { Hex } from "./bytes.ts";
export type { Json } from "./json.ts";
export type { Kind, PublicJwk, Subject } from "./words.ts";
export { es256, thumbprint, type Suite } from "./suite.ts";
export { issueStatement, presentStatement, readStatement, recordHash } from "./statement.ts";
export type { BadStatement, Signer, Statement, StatementDraft } from "./statement.ts";
export { proveStream, streamKey, verifyStream, vrfPublicKey, type Multiply } from "./stream.ts";
export { merkleRoot, merkleTree, type MerkleTree } from "./tree.ts";
export { bucketOf, entriesHash, foldHead, type Entry } from "./head.ts";
