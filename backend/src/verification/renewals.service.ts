import { Injectable } from "@nestjs/common";
import { type Renewal, renewPaper } from "@quanlian/proof/finality";
import { Ledger } from "../chain/ledger.ts";
import type { ErrorCode } from "../errors.ts";
import { Refusal } from "../http/refusal.ts";
import { Trust } from "./trust.service.ts";

type Refused = Extract<Renewal, { ok: false }>;

const CODES: Readonly<Record<Refused["because"], ErrorCode>> = {
  "not-genuine": "PAPER_NOT_RENEWABLE",
  "not-sealed": "PAPER_WITHOUT_SEALS",
  outdated: "PAPER_OUTDATED",
};

/** Gives papers a proof of today. Whoever has a paper may have it renewed: he learns nothing that is not public or in the paper. */
@Injectable()
export class Renewals {
  constructor(
    private readonly trust: Trust,
    private readonly ledger: Ledger,
  ) {}

  /**
   * @param now Unix seconds
   * @throws Refusal PAPER_NOT_RENEWABLE, PAPER_OUTDATED, PAPER_WITHOUT_SEALS; ChainUnavailable
   */
  async renew(document: string, now: number): Promise<Extract<Renewal, { ok: true }>["paper"]> {
    const { own } = this.trust;
    const renewal = await renewPaper(document, { trust: this.trust.list(now), now }, (chain, wanted) =>
      chain === own ? this.ledger.proveNewest(wanted) : Promise.resolve(null),
    );
    if (renewal.ok) return renewal.paper;
    const { step, code } = renewal.step;
    throw new Refusal(CODES[renewal.because], { facts: { step, code } });
  }
}
