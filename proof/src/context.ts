import type { ChainReader } from "./chain.ts";
import type { Refusal } from "./finality/codes.ts";
import type { FinalityProof, Proven } from "./finality/finality-proof.ts";
import type { Suite } from "./suite.ts";
import type { ChainIdentity, SealedChain, TrustedChain } from "./trust.ts";

/** What a verification may draw on besides the document: everything from outside, resolved once. */
export interface Context {
  /** Unix seconds. */
  readonly now: number;
  suite(name: Suite["name"]): Suite | undefined;
  trusted(named: ChainIdentity): TrustedChain | undefined;
  /** The same reader for the same chain throughout; undefined when that chain shall not or cannot be asked. */
  reader(chain: TrustedChain): ChainReader | undefined;
  /** What a proof proves under the chain's validators; the same object is judged once. */
  proven(proof: FinalityProof, chain: SealedChain): Proven | Refusal;
}
