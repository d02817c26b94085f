import { fromHex, type Hex } from "../bytes.ts";
import { buildTrie } from "./build-trie.ts";
import type { FinalityProof } from "./finality-proof.ts";
import { encodeInteger } from "./rlp.ts";
import type { StateProof } from "./state-proof.ts";

/** Making proofs out of what a node answers. What is made here is believed by nobody before it is verified. */

/** The part of an EIP-1186 (eth_getProof) answer that a state proof is made of. */
export interface AccountAnswer {
  readonly address: Hex;
  readonly accountProof: readonly Hex[];
  /** In any order; keys as hex quantities or words. */
  readonly storageProof: readonly { readonly key: string; readonly proof: readonly Hex[] }[];
}

/**
 * Proof for the transaction at `index` of a block.
 * @param rawReceipts all raw receipts of the block in order (debug_getRawReceipts)
 */
export function assembleFinalityProof(header: Hex, rawReceipts: readonly Hex[], index: number): FinalityProof {
  const receipt = rawReceipts[index];
  if (receipt === undefined) throw new RangeError(`no receipt ${index} among ${rawReceipts.length}`);
  const trie = buildTrie(rawReceipts.map((raw, i) => ({ key: encodeInteger(i), value: fromHex(raw) })));
  return { kind: "qbft", header, index, receipt, receiptProof: trie.prove(encodeInteger(index)) };
}

/** Proof of the slots asked for, from the answers about them at one block; each trie node is kept once. */
export function assembleStateProof(
  header: Hex,
  accounts: StateProof["accounts"],
  answers: readonly AccountAnswer[],
): StateProof {
  const inOrderOfUse = accounts.flatMap(({ address, slots }) => {
    const answer = answers.find((candidate) => candidate.address.toLowerCase() === address);
    if (!answer) throw new RangeError(`no answer about ${address}`);
    return [...answer.accountProof, ...slots.flatMap((slot) => storageNodes(answer, slot))];
  });
  return { kind: "qbft", header, accounts, nodes: [...new Set(inOrderOfUse)] };
}

/** Some nodes answer with the empty node 0x80 about an account without storage; its root says as much. */
function storageNodes(answer: AccountAnswer, slot: Hex): readonly Hex[] {
  const found = answer.storageProof.find(({ key }) => BigInt(key) === BigInt(slot));
  if (!found) throw new RangeError(`no answer about slot ${slot} of ${answer.address}`);
  return found.proof.filter((node) => node !== "0x80");
}
