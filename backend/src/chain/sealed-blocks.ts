import type { Hex } from "@quanlian/proof";
import {
  assembleFinalityProof,
  type AccountAnswer,
  type Contracts,
  type FinalityProof,
  lengthQuestions,
  type Proven,
  type QbftTrust,
  qbftJudge,
  type RegistryLengths,
  type StateQuestions,
  verifyFinalityProof,
} from "@quanlian/proof/finality";
import { z } from "zod";
import { ChainUnavailable } from "./chain-error.ts";
import type { RpcClient } from "./rpc-client.ts";
import type { Block } from "./words.ts";

const hex = z.string().regex(/^0x([0-9a-f]{2})*$/);
const accountAnswer = z.object({
  address: z.string(),
  accountProof: z.array(hex),
  storageProof: z.array(z.object({ key: z.string(), proof: z.array(hex) })),
});

/** What is to be proven of one block. */
export interface Wanted {
  /** Positions of transactions that anchored batches. */
  readonly transactions: readonly number[];
  /** Whose history in the registry is among the questions. */
  readonly departments: readonly string[];
  readonly questions: (lengths: RegistryLengths) => StateQuestions;
}

type Ask = (method: string, params: readonly unknown[]) => Promise<unknown>;

/**
 * A chain of which no node is believed: a block counts by its validators' seals, what it holds by proofs against its header. What
 * one node gets wrong, the next one is asked for; a node can withhold and delay, not deceive.
 */
export class SealedBlocks {
  readonly qbft: QbftTrust;
  readonly #client: RpcClient;
  readonly #contracts: Contracts;
  readonly #judge: ReturnType<typeof qbftJudge>;

  constructor(client: RpcClient, contracts: Contracts, qbft: QbftTrust) {
    this.qbft = qbft;
    this.#client = client;
    this.#contracts = contracts;
    this.#judge = qbftJudge(qbft);
  }

  /** A final block, which on such a chain is every sealed one. @throws ChainUnavailable when no node shows it sealed */
  block(at: number | "latest"): Promise<Block> {
    return this.#client.inTurn(async (ask) => {
      const raw = hex.parse(await ask("debug_getRawHeader", [at === "latest" ? at : quantity(at)]));
      const block = this.#judge(Buffer.from(raw.slice(2), "hex"));
      if (!block.ok) throw new ChainUnavailable(`a node's header ${at} is not sealed: ${block.code}`);
      const { number, hash, timestamp: time } = block;
      if (at !== "latest" && number !== at) throw new ChainUnavailable(`a node's header ${at} is block ${number}`);
      return { number, hash, time };
    });
  }

  /**
   * A proof about a block, already verified.
   * @param check gives null or says what the proof lacks of what it was wanted for
   * @throws ChainUnavailable when no node has the answers of which it is made
   */
  prove(block: number, wanted: Wanted, check: (proven: Proven) => string | null): Promise<FinalityProof> {
    return this.#client.inTurn(async (ask) => {
      const proof = await this.#assemble(block, wanted, ask);
      const proven = verifyFinalityProof(proof, this.#judge, this.#contracts.ledger);
      const problem = proven.ok ? (numberProblem(proven, block) ?? check(proven)) : proven.code;
      if (problem !== null) throw new ChainUnavailable(`a node's proof of block ${block} does not hold: ${problem}`);
      return proof;
    });
  }

  async #assemble(block: number, wanted: Wanted, ask: Ask): Promise<FinalityProof> {
    const { transactions, departments, questions } = wanted;
    const at = quantity(block);
    const accounts = questions(await this.#lengths(departments, at, ask));
    const header = hex.parse(await ask("debug_getRawHeader", [at])) as Hex;
    const receipts = transactions.length > 0 ? await ask("debug_getRawReceipts", [at]) : [];
    const answers = await Promise.all(accounts.map(({ address, slots }) => ask("eth_getProof", [address, slots, at])));
    return assembleFinalityProof(
      {
        header,
        rawReceipts: z.array(hex).parse(receipts) as Hex[],
        accounts: z.array(accountAnswer).parse(answers) as AccountAnswer[],
      },
      { transactions, accounts },
    );
  }

  /** How long the registry's arrays are, by a node's word: too short, and the proof will not reach what it is wanted for. */
  async #lengths(departments: readonly string[], at: string, ask: Ask): Promise<RegistryLengths> {
    const words = await Promise.all(
      lengthQuestions(departments).map((slot) => ask("eth_getStorageAt", [this.#contracts.registry, slot, at])),
    );
    const [vrfKeys, ...histories] = words.map((word) => Number(z.string().parse(word)));
    return { vrfKeys: vrfKeys!, history: new Map([...new Set(departments)].map((one, i) => [one, histories[i]!])) };
  }
}

function numberProblem({ block }: Proven, wanted: number): string | null {
  return block.number === wanted ? null : `it is about block ${block.number}`;
}

function quantity(number: number): string {
  return `0x${number.toString(16)}`;
}
