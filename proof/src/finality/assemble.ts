import { fromHex, type Hex } from "../bytes.ts";
import { buildTrie } from "./build-trie.ts";
import type { FinalityProof } from "./finality-proof.ts";
import { decodeRlp, encodeInteger } from "./rlp.ts";

/** The part of an EIP-1186 (eth_getProof) answer that a proof is made of. */
export interface AccountAnswer {
  readonly address: Hex;
  readonly accountProof: readonly Hex[];
  /** In any order; keys as hex quantities or words. */
  readonly storageProof: readonly { readonly key: string; readonly proof: readonly Hex[] }[];
}

/** What a node answers about one block. */
export interface BlockAnswers {
  /** debug_getRawHeader */
  readonly header: Hex;
  /** debug_getRawReceipts: all of the block, in order; may be empty when no transaction is asked for. */
  readonly rawReceipts: readonly Hex[];
  /** eth_getProof, for every account that is asked for. */
  readonly accounts: readonly AccountAnswer[];
}

/**
 * Makes the proof of these transactions and slots out of what a node answers. It is for {@link verifyFinalityProof} to say
 * whether the node spoke the truth.
 * @throws RangeError when an answer is missing
 */
export function assembleFinalityProof(
  answers: BlockAnswers,
  asked: Pick<FinalityProof, "transactions" | "accounts">,
): FinalityProof {
  const { transactions, accounts } = asked;
  const inOrderOfUse = [...receiptNodes(answers, transactions), ...accounts.flatMap((one) => stateNodes(answers, one))];
  return { kind: "qbft", header: answers.header, transactions, accounts, nodes: [...new Set(inOrderOfUse)] };
}

function receiptNodes({ rawReceipts }: BlockAnswers, transactions: readonly number[]): Hex[] {
  if (transactions.length === 0) return [];
  const trie = buildTrie(rawReceipts.map((raw, i) => ({ key: encodeInteger(i), value: receiptBytes(fromHex(raw)) })));
  return transactions.flatMap((index) => {
    if (index >= rawReceipts.length) throw new RangeError(`no receipt ${index} among ${rawReceipts.length}`);
    return trie.prove(encodeInteger(index));
  });
}

/** The receipt as the trie holds it: Besu wraps those of typed transactions in a string, as they stand in a block's list of receipts. */
function receiptBytes(raw: Uint8Array): Uint8Array {
  const item = decodeRlp(raw);
  return item && !item.list ? item.payload : raw;
}

function stateNodes(answers: BlockAnswers, { address, slots }: FinalityProof["accounts"][number]): Hex[] {
  const answer = answers.accounts.find((candidate) => candidate.address.toLowerCase() === address);
  if (!answer) throw new RangeError(`no answer about ${address}`);
  return [...answer.accountProof, ...slots.flatMap((slot) => storageNodes(answer, slot))];
}

/** Some nodes answer with the empty node 0x80 about an account without storage; its root says as much. */
function storageNodes(answer: AccountAnswer, slot: Hex): readonly Hex[] {
  const found = answer.storageProof.find(({ key }) => BigInt(key) === BigInt(slot));
  if (!found) throw new RangeError(`no answer about slot ${slot} of ${answer.address}`);
  return found.proof.filter((node) => node !== "0x80");
}
