import { type BeforeApplicationShutdown, Inject, Injectable, Logger } from "@nestjs/common";
import { BackgroundLoop } from "../background-loop.ts";
import { checkSameChain } from "../chain/connect-ledger.ts";
import { Ledger } from "../chain/ledger.ts";
import { RpcClient } from "../chain/rpc-client.ts";
import { Confirmation } from "./confirmation.ts";
import { Leadership } from "./leadership.ts";
import { Relay } from "./relay.ts";
import { RelayTransactions } from "./relay-transactions.ts";
import { Sealing } from "./sealing.ts";
import { Signing } from "./signing.ts";

/** While transactions are under way, and when there are none. */
const PAUSE_MS = 100;
const IDLE_PAUSE_MS = 300;

/** The worker's loop: seal, sign, relay, confirm, and again. Each step may fail and be repeated without harm. */
@Injectable()
export class AnchoringLoop implements BeforeApplicationShutdown {
  readonly #loop = new BackgroundLoop(new Logger(AnchoringLoop.name), async () => {
    await this.round(performance.now());
    return (await this.transactions.any()) ? PAUSE_MS : IDLE_PAUSE_MS;
  });
  #isOurChain = false;

  constructor(
    @Inject(RpcClient) private readonly client: RpcClient,
    private readonly ledger: Ledger,
    private readonly sealing: Sealing,
    private readonly signing: Signing,
    private readonly relay: Relay,
    private readonly transactions: RelayTransactions,
    private readonly confirmation: Confirmation,
    private readonly leadership: Leadership,
  ) {}

  start(): void {
    this.#loop.start();
  }

  async beforeApplicationShutdown(): Promise<void> {
    await this.#loop.stop();
  }

  /**
   * One round of all steps. Sealing and signing are for every worker, the chain is for the leader.
   * @param now of a clock that never jumps, in milliseconds
   */
  async round(now: number): Promise<void> {
    await this.sealing.sealDue();
    await this.signing.signSealed();
    if (!(await this.leadership.held())) return;
    if (!this.#isOurChain) await checkSameChain(this.client, this.ledger);
    this.#isOurChain = true;
    await this.relay.pass();
    while (await this.confirmation.follow(now));
    await this.confirmation.rereadMissed();
  }
}
