import { type BeforeApplicationShutdown, Injectable, Logger } from "@nestjs/common";
import { BackgroundLoop } from "../background-loop.ts";
import { Deliveries } from "./deliveries.ts";

const PAUSE_MS = 1_000;
const CLEANING_MS = 3_600_000;

/** Delivers webhooks; any number of workers share the work. */
@Injectable()
export class DeliveryLoop implements BeforeApplicationShutdown {
  readonly #loop = new BackgroundLoop(new Logger(DeliveryLoop.name), () => this.#round());
  #cleanedAt = 0;

  constructor(private readonly deliveries: Deliveries) {}

  start(): void {
    this.#loop.start();
  }

  async beforeApplicationShutdown(): Promise<void> {
    await this.#loop.stop();
  }

  async #round(): Promise<number> {
    if (Date.now() - this.#cleanedAt > CLEANING_MS) {
      await this.deliveries.forgetOld();
      this.#cleanedAt = Date.now();
    }
    return (await this.deliveries.round()) > 0 ? 0 : PAUSE_MS;
  }
}
