import { Injectable, Logger } from "@nestjs/common";
import { ChainRefused, PriceTooLow } from "../chain/chain-error.ts";
import { Ledger } from "../chain/ledger.ts";
import type { RawTransaction } from "../chain/words.ts";
import { Config } from "../config.ts";
import { TraceContexts } from "../tracing/trace-contexts.ts";
import { Tracing } from "../tracing/tracing.ts";
import { BatchShipping } from "./batch-shipping.ts";
import { type NonceView, sortByNonce } from "./nonces.ts";
import { type OpenTransaction, RelayTransactions } from "./relay-transactions.ts";
import type { Shipment } from "./shipment.ts";
import { SupersessionShipping } from "./supersession-shipping.ts";

/** Transactions under way at once; the rest waits in the database, not in a node's pool. */
const MAX_OPEN = 24;
/** How often a node is reminded of a transaction that is in no block, in milliseconds. */
const RESEND_MS = 5_000;
/** How long the next transaction in turn may be in no block before it offers a higher price, in milliseconds. */
const STUCK_MS = 30_000;

/**
 * Sends what is ready for the ledger. Only one worker relays at a time (leadership.ts); should two ever do, the ledger
 * lets each batch and each supersession in once. Each transaction is kept before it is sent, so a crash loses none and
 * a repeat is the same transaction.
 */
@Injectable()
export class Relay {
  readonly #log = new Logger(Relay.name);

  constructor(
    private readonly transactions: RelayTransactions,
    private readonly batches: BatchShipping,
    private readonly supersessions: SupersessionShipping,
    private readonly ledger: Ledger,
    private readonly config: Config,
    private readonly tracing: Tracing,
    private readonly traces: TraceContexts,
  ) {}

  /** One pass: settles what became of the open transactions, reminds the node, then sends what is new. */
  async pass(): Promise<void> {
    const minedNonce = await this.ledger.minedNonce();
    const view = sortByNonce(await this.transactions.open(), minedNonce);
    await this.transactions.lost(view.stranded);
    await this.#settle(view);
    for (const transaction of view.waiting) await this.#remind(transaction, minedNonce);
    const open = await this.transactions.open();
    await this.#sendNew(await this.#ready(open), open, minedNonce);
  }

  /** Used-up nonces: the transaction succeeded, or it will never do anything. */
  async #settle({ mined }: NonceView<OpenTransaction>): Promise<void> {
    for (const transaction of mined.filter((t) => !t.mined)) {
      const outcome = await this.ledger.outcomeOf(transaction.hash);
      if (outcome === "succeeded") await this.transactions.markMined(transaction.hash);
      else if (outcome === "failed") await this.transactions.refused(transaction);
      else await this.transactions.lost([transaction]);
    }
  }

  async #remind(transaction: OpenTransaction, minedNonce: number): Promise<void> {
    const isStuck = transaction.nonce === minedNonce && transaction.madeAgo >= STUCK_MS;
    if (!isStuck && !isForgotten(transaction)) return;
    const raw = await this.transactions.rawOf(transaction.hash);
    if (!raw || (isStuck && (await this.#raisePrice({ ...transaction, raw })))) return;
    if (isForgotten(transaction)) await this.#send({ ...transaction, raw });
  }

  /** @returns whether there is a transaction of the same nonce and cargo now that offers more */
  async #raisePrice({ raw, hash }: Pick<RawTransaction, "hash" | "raw">): Promise<boolean> {
    const dearer = this.ledger.repriced(raw, await this.ledger.fees(), this.config.maxPrice);
    if (!dearer) return false;
    this.#log.warn({ transaction: hash, by: dearer.hash }, "a transaction is replaced by one that offers more");
    await this.transactions.replace(hash, dearer);
    return true;
  }

  async #ready(open: readonly OpenTransaction[]): Promise<Shipment[]> {
    const room = MAX_OPEN - open.filter(({ mined }) => !mined).length;
    if (room <= 0) return [];
    const batches = await this.batches.ready(room, open);
    return room > batches.length ? [...batches, ...(await this.supersessions.ready(room - batches.length))] : batches;
  }

  async #sendNew(shipments: readonly Shipment[], open: readonly OpenTransaction[], minedNonce: number): Promise<void> {
    if (shipments.length === 0) return;
    const fees = await this.ledger.fees();
    let nonce = Math.max(minedNonce, ...open.map((transaction) => transaction.nonce + 1));
    for (const shipment of shipments) {
      const transaction = await shipment.prepare(nonce++, fees);
      await this.transactions.keep(shipment.cargo, transaction);
      if (!(await this.#send({ ...transaction, cargo: shipment.cargo }))) return;
    }
  }

  /** @returns false when the node refuses it: nothing with a later nonce is worth sending then */
  async #send(transaction: Pick<RawTransaction, "hash" | "raw"> & Pick<OpenTransaction, "cargo">): Promise<boolean> {
    const span = this.tracing.begin("submit", await this.traces.of([transaction.cargo.id]));
    try {
      await this.ledger.send(transaction.raw);
    } catch (error) {
      if (!(error instanceof ChainRefused)) throw error;
      if (error instanceof PriceTooLow && (await this.#raisePrice(transaction))) return false;
      this.#log.error({ err: error, transaction: transaction.hash }, "the node refuses a transaction");
      await this.transactions.refused(transaction);
      return false;
    } finally {
      span?.end();
    }
    await this.transactions.sent(transaction);
    return true;
  }
}

function isForgotten({ sentAgo }: OpenTransaction): boolean {
  return sentAgo === null || sentAgo >= RESEND_MS;
}
