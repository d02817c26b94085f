import { Injectable, Logger, type BeforeApplicationShutdown } from "@nestjs/common";
import { ChainUnavailable } from "../chain/chain-error.ts";
import { Confirmation } from "./confirmation.ts";
import { Leadership } from "./leadership.ts";
import { Relay } from "./relay.ts";
import { Sealing } from "./sealing.ts";
import { Signing } from "./signing.ts";

const PAUSE_MS = 100;
const PAUSE_AFTER_FAILURE_MS = 1_000;

/** The worker's loop: seal, sign, relay, confirm, and again. Each step may fail and be repeated without harm. */
@Injectable()
export class AnchoringLoop implements BeforeApplicationShutdown {
  readonly #log = new Logger(AnchoringLoop.name);
  readonly #stop = new AbortController();
  #done: Promise<void> | undefined;
  #chainAway = false;

  constructor(
    private readonly sealing: Sealing,
    private readonly signing: Signing,
    private readonly relay: Relay,
    private readonly confirmation: Confirmation,
    private readonly leadership: Leadership,
  ) {}

  start(): void {
    this.#done ??= this.#run();
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.#stop.abort();
    await this.#done;
  }

  /** One round of all steps. */
  async round(now: number): Promise<void> {
    await this.sealing.sealDue(now);
    await this.signing.signSealed();
    if (!(await this.leadership.held())) return;
    await this.relay.pass(now);
    while (await this.confirmation.follow(now));
  }

  async #run(): Promise<void> {
    while (!this.#stop.signal.aborted) await this.#pause(await this.#attempt());
  }

  async #attempt(): Promise<number> {
    try {
      await this.round(Date.now());
      this.#chainAway = false;
      return PAUSE_MS;
    } catch (error) {
      this.#report(error);
      return PAUSE_AFTER_FAILURE_MS;
    }
  }

  /** A chain that is away is said once, not every second. */
  #report(error: unknown): void {
    const away = error instanceof ChainUnavailable;
    if (!away || !this.#chainAway) this.#log[away ? "warn" : "error"]({ err: error }, "anchoring is held up");
    this.#chainAway = away;
  }

  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(done, ms);
      const { signal } = this.#stop;
      signal.addEventListener("abort", done, { once: true });
      function done() {
        clearTimeout(timer);
        signal.removeEventListener("abort", done);
        resolve();
      }
    });
  }
}
