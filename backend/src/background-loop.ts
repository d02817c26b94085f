import type { Logger } from "@nestjs/common";
import { ChainUnavailable } from "./chain/chain-error.ts";

const PAUSE_AFTER_FAILURE_MS = 1_000;

/**
 * Runs a round again and again until it is stopped. A round returns how long to pause before the next, in
 * milliseconds; one that fails is repeated after a second, and the same failure is logged once, not every second.
 */
export class BackgroundLoop {
  readonly #log: Logger;
  readonly #round: (signal: AbortSignal) => Promise<number>;
  readonly #stop = new AbortController();
  #done: Promise<void> | undefined;
  #reported: string | undefined;

  constructor(log: Logger, round: (signal: AbortSignal) => Promise<number>) {
    this.#log = log;
    this.#round = round;
  }

  start(): void {
    this.#done ??= this.#run();
  }

  /** Resolves when the round under way has ended. */
  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#done;
  }

  async #run(): Promise<void> {
    while (!this.#stop.signal.aborted) await this.#pause(await this.#attempt());
  }

  async #attempt(): Promise<number> {
    try {
      const pause = await this.#round(this.#stop.signal);
      this.#reported = undefined;
      return pause;
    } catch (error) {
      this.#report(error);
      return PAUSE_AFTER_FAILURE_MS;
    }
  }

  #report(error: unknown): void {
    const message = error instanceof Error ? error.message : String(error);
    const level = error instanceof ChainUnavailable ? "warn" : "error";
    if (message !== this.#reported) this.#log[level]({ err: error }, "held up");
    this.#reported = message;
  }

  #pause(ms: number): Promise<void> {
    const { signal } = this.#stop;
    if (signal.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const done = () => {
        clearTimeout(timer);
        signal.removeEventListener("abort", done);
        resolve();
      };
      const timer = setTimeout(done, ms);
      signal.addEventListener("abort", done);
    });
  }
}
