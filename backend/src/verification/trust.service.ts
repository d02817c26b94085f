import type { TrustedChain, TrustList } from "@quanlian/proof";
import { Inject, Injectable } from "@nestjs/common";
import { Ledger } from "../chain/ledger.ts";
import { Config } from "../config.ts";

/** Injection token of the ledgers of other regions that are accepted. */
export const OTHER_CHAINS = Symbol("other chains");

/** The ledgers that this service accepts documents of: its own, and those of the configured file. */
@Injectable()
export class Trust {
  #own: TrustedChain | undefined;

  constructor(
    private readonly ledger: Ledger,
    private readonly config: Config,
    @Inject(OTHER_CHAINS) private readonly others: readonly TrustedChain[],
  ) {}

  /** The own chain; another object after its validators have changed. */
  get own(): TrustedChain {
    if (this.#own?.qbft !== this.ledger.sealed?.qbft) this.#own = undefined;
    return (this.#own ??= this.#ownChain());
  }

  list(now: number): TrustList {
    const chains = [this.own, ...this.others.filter((chain) => chain.ledger !== this.own.ledger)];
    return { format: "quanlian-trust/1", name: this.config.region.zh, issuedAt: now, chains };
  }

  #ownChain(): TrustedChain {
    const { rule } = this.config.finality;
    const confirmations = rule === "confirmations" ? this.config.finality.confirmations : 0;
    const seals = this.ledger.sealed && { qbft: this.ledger.sealed.qbft };
    const nodes = [`${this.config.publicUrl}/api/v1/chain/rpc`];
    return { region: this.config.region, ...this.ledger.identity, finality: { rule, confirmations }, nodes, ...seals };
  }
}
