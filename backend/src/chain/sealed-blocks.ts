import {
  askForProof,
  type Contracts,
  type FinalityProof,
  type HeaderJudge,
  type Proven,
  type QbftTrust,
  qbftJudge,
  verifyFinalityProof,
  type Wanted,
} from "@quanlian/proof/finality";
import { recoverKey } from "@quanlian/proof/libsecp256k1";
import { z } from "zod";
import { ChainUnavailable } from "./chain-error.ts";
import type { RpcClient } from "./rpc-client.ts";
import type { ValidatorsFile } from "./validators-file.ts";
import type { Block } from "./words.ts";

const hex = z.string().regex(/^0x([0-9a-f]{2})*$/);

/**
 * A chain of which no node is believed: a block counts by its validators' seals, what it holds by proofs against its header. What
 * one node gets wrong, the next one is asked for; a node can withhold and delay, not deceive.
 */
export class SealedBlocks {
  readonly #client: RpcClient;
  readonly #contracts: Contracts;
  readonly #validators: ValidatorsFile;
  #judgeNow: HeaderJudge;

  constructor(client: RpcClient, contracts: Contracts, validators: ValidatorsFile) {
    this.#client = client;
    this.#contracts = contracts;
    this.#validators = validators;
    this.#judgeNow = qbftJudge(validators.qbft, recoverKey);
  }

  /** Whose seals count, as known at present. */
  get qbft(): QbftTrust {
    return this.#validators.qbft;
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
      const proof = await askForProof(ask, this.#contracts.registry, block, wanted);
      const proven = verifyFinalityProof(proof, this.#judge, this.#contracts.ledger);
      const problem = proven.ok ? (numberProblem(proven, block) ?? check(proven)) : proven.code;
      if (problem !== null) throw new ChainUnavailable(`a node's proof of block ${block} does not hold: ${problem}`);
      return proof;
    });
  }

  /** Seals of people whom we do not know may be those of newly elected validators. */
  readonly #judge: HeaderJudge = (raw) => {
    const verdict = this.#judgeNow(raw);
    const areOthers = !verdict.ok && (verdict.code === "VALIDATORS_MISMATCH" || verdict.code === "VALIDATORS_UNKNOWN");
    if (!areOthers || !this.#validators.refresh()) return verdict;
    this.#judgeNow = qbftJudge(this.#validators.qbft, recoverKey);
    return this.#judgeNow(raw);
  };
}

function numberProblem({ block }: Proven, wanted: number): string | null {
  return block.number === wanted ? null : `it is about block ${block.number}`;
}

function quantity(number: number): string {
  return `0x${number.toString(16)}`;
}
