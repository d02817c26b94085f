import { isHex, type Hex } from "../bytes.ts";
import { UnusableAnswer } from "../rpc-answers.ts";
import type { Send } from "../rpc-chain.ts";
import { assembleFinalityProof, type AccountAnswer } from "./assemble.ts";
import type { FinalityProof } from "./finality-proof.ts";
import { lengthQuestions, type RegistryLengths, type StateQuestions } from "./questions.ts";

/** What is to be proven of one block. */
export interface Wanted {
  /** Positions of transactions that anchored batches. */
  readonly transactions: readonly number[];
  /** Whose history in the registry is among the questions. */
  readonly departments: readonly string[];
  readonly questions: (lengths: RegistryLengths) => StateQuestions;
}

/**
 * Asks one node for all that proves what is wanted of a block. Whether it spoke the truth, `verifyFinalityProof` says.
 * @throws UnusableAnswer; whatever `send` throws; RangeError when an answer is missing
 */
export async function askForProof(
  send: Send,
  registry: Hex,
  block: number,
  { transactions, departments, questions }: Wanted,
): Promise<FinalityProof> {
  const at = `0x${block.toString(16)}`;
  const accounts = questions(await askLengths(send, registry, departments, at));
  const [header, receipts, ...answers] = await Promise.all([
    send("debug_getRawHeader", [at]),
    transactions.length > 0 ? send("debug_getRawReceipts", [at]) : [],
    ...accounts.map(({ address, slots }) => send("eth_getProof", [address, [...slots], at])),
  ]);
  return assembleFinalityProof(
    { header: someBytes(header), rawReceipts: listOfBytes(receipts), accounts: answers.map(toAccount) },
    { transactions, accounts },
  );
}

/** How long the registry's arrays are, by a node's word: too short, and the proof will not reach what it is wanted for. */
async function askLengths(
  send: Send,
  registry: Hex,
  departments: readonly string[],
  at: string,
): Promise<RegistryLengths> {
  const words = await Promise.all(
    lengthQuestions(departments).map((slot) => send("eth_getStorageAt", [registry, slot, at])),
  );
  const [vrfKeys, ...histories] = words.map(toLength);
  return { vrfKeys: vrfKeys!, history: new Map([...new Set(departments)].map((one, i) => [one, histories[i]!])) };
}

/** As many entries as a proof may hold, at most: a node must not make us ask for more. */
const MOST_ENTRIES = 10_000;

function toLength(answer: unknown): number {
  const length = isHex(answer) ? Number(answer) : NaN;
  if (Number.isSafeInteger(length) && length <= MOST_ENTRIES) return length;
  throw new UnusableAnswer("the node's answer is not the length of a list");
}

function toAccount(answer: unknown): AccountAnswer {
  const { address, accountProof, storageProof } = (answer ?? {}) as Record<string, unknown>;
  if (typeof address !== "string" || !Array.isArray(storageProof)) throw new UnusableAnswer("not an account's proof");
  return {
    address: address as Hex,
    accountProof: listOfBytes(accountProof),
    storageProof: storageProof.map((entry: unknown) => {
      const { key, proof } = (entry ?? {}) as Record<string, unknown>;
      if (typeof key !== "string" || !/^0x[0-9a-f]{1,64}$/i.test(key)) throw new UnusableAnswer("not a slot's proof");
      return { key, proof: listOfBytes(proof) };
    }),
  };
}

function listOfBytes(answer: unknown): Hex[] {
  if (!Array.isArray(answer)) throw new UnusableAnswer("the node's answer is not a list");
  return answer.map(someBytes);
}

function someBytes(answer: unknown): Hex {
  if (!isHex(answer)) throw new UnusableAnswer("the node's answer is not made of bytes");
  return answer;
}
