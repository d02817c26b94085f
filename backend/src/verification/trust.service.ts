import { readFileSync } from "node:fs";
import { readTrustList, type TrustedChain, type TrustList } from "@quanlian/proof";
import { Injectable } from "@nestjs/common";
import { Ledger } from "../chain/ledger.ts";
import { Config, ConfigError } from "../config.ts";

/** The ledgers that this service accepts documents of: its own, and those of the configured file. */
@Injectable()
export class Trust {
  readonly own: TrustedChain;
  readonly #others: readonly TrustedChain[];

  constructor(
    private readonly ledger: Ledger,
    private readonly config: Config,
  ) {
    this.own = this.#ownChain();
    this.#others = config.trustFile === undefined ? [] : readTrustFile(config.trustFile);
  }

  list(now: number): TrustList {
    const chains = [this.own, ...this.#others.filter((chain) => chain.ledger !== this.own.ledger)];
    return { format: "quanlian-trust/1", name: this.config.region.zh, issuedAt: now, chains };
  }

  #ownChain(): TrustedChain {
    const { rule } = this.config.finality;
    const confirmations = rule === "confirmations" ? this.config.finality.confirmations : 0;
    const nodes = [`${this.config.publicUrl}/api/v1/chain/rpc`];
    return { region: this.config.region, ...this.ledger.identity, finality: { rule, confirmations }, nodes };
  }
}

/** @throws ConfigError */
function readTrustFile(path: string): readonly TrustedChain[] {
  let bytes: Buffer;
  try {
    bytes = readFileSync(path);
  } catch {
    throw new ConfigError(`The trust file ${path} cannot be read.`);
  }
  const read = readTrustList(bytes);
  if (!read.ok) throw new ConfigError(`The trust file ${path} is not a quanlian-trust/1 list: ${read.problem}.`);
  return read.trustList.chains;
}
