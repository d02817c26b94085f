import { Injectable, Logger } from "@nestjs/common";
import { InjectRepository } from "@nestjs/typeorm";
import type { Kind } from "@quanlian/proof";
import { DataSource, type Repository } from "typeorm";
import { ChainRefused } from "../chain/chain-error.ts";
import { Ledger } from "../chain/ledger.ts";
import type { LedgerEntry } from "../chain/words.ts";
import { toHex } from "../database/bytea.ts";
import { Alarms } from "../findings/alarms.ts";
import { Batch } from "./batch.entity.ts";
import { moveBatches, type OpenTransaction, RelayTransactions } from "./relay-transactions.ts";
import { type NonceView, sortByNonce } from "./nonces.ts";

/** Transactions under way at once; the rest waits in the database, not in a node's pool. */
const MAX_OPEN = 24;
/** How often a node is reminded of a transaction that is in no block, in milliseconds. */
const RESEND_MS = 5_000;

/**
 * Sends sealed and signed batches. Only one worker relays at a time (worker.ts); should two ever do, the ledger's
 * sequence lets each batch in once. Each transaction is kept before it is sent, so a crash loses none and a repeat is
 * the same transaction.
 */
@Injectable()
export class Relay {
  readonly #log = new Logger(Relay.name);

  constructor(
    private readonly dataSource: DataSource,
    @InjectRepository(Batch) private readonly batches: Repository<Batch>,
    private readonly transactions: RelayTransactions,
    private readonly ledger: Ledger,
    private readonly alarms: Alarms,
  ) {}

  /** One pass: settles what became of the open transactions, reminds the node, then sends what is new. */
  async pass(now: number): Promise<void> {
    const minedNonce = await this.ledger.minedNonce();
    const view = sortByNonce(await this.transactions.open(), minedNonce);
    await this.transactions.lost(view.stranded);
    await this.#settle(view);
    for (const transaction of view.waiting) if (isForgotten(transaction, now)) await this.#send(transaction);
    await this.#sendNew(await this.transactions.open(), minedNonce);
  }

  /** Used-up nonces: the transaction succeeded, or it will never do anything. */
  async #settle({ mined }: NonceView<OpenTransaction>): Promise<void> {
    for (const transaction of mined.filter((t) => !t.mined)) {
      const outcome = await this.ledger.outcomeOf(transaction.hash);
      if (outcome === "succeeded") await this.transactions.markMined(transaction.hash);
      else if (outcome === "failed") await this.transactions.refused([transaction]);
      else await this.transactions.lost([transaction]);
    }
  }

  async #sendNew(open: readonly OpenTransaction[], minedNonce: number): Promise<void> {
    const room = MAX_OPEN - open.filter(({ mined }) => !mined).length;
    const waiting = room > 0 ? await this.#nextBatches(room) : [];
    if (waiting.length === 0) return;
    const fees = await this.ledger.fees();
    const expected = await this.#expectedSequences(waiting, open);
    let nonce = Math.max(minedNonce, ...open.map((transaction) => transaction.nonce + 1));
    for (const batch of waiting) {
      const turn = expected.get(batch.department)!;
      if (batch.sequence < turn) await this.#meetAnchored(batch);
      if (batch.sequence !== turn) continue;
      const { raw, hash } = this.ledger.prepareAnchor(
        { ...batch, kind: batch.kind as Kind },
        await this.#entriesOf(batch.id),
        batch.signature!,
        { nonce, fees },
      );
      await this.transactions.keep(batch.id, { nonce, raw, hash });
      if (!(await this.#send({ batch: batch.id, hash, raw }))) return;
      expected.set(batch.department, turn + 1);
      nonce++;
    }
  }

  /** Signed batches that no open transaction carries, each department's in order. */
  #nextBatches(limit: number): Promise<Batch[]> {
    return this.batches
      .createQueryBuilder("b")
      .where("b.status = 'sealed' and b.signature is not null and (b.retry_at is null or b.retry_at <= now())")
      .andWhere("not exists (select 1 from relay_transaction t where t.batch = b.id)")
      .andWhere("exists (select 1 from department d where d.uscc = b.department and d.stopped_because is null)")
      .orderBy("b.sealed_at")
      .addOrderBy("b.sequence")
      .take(limit)
      .getMany();
  }

  /** Which sequence each department's next transaction must carry: after those under way, else what the ledger says. */
  async #expectedSequences(batches: readonly Batch[], open: readonly OpenTransaction[]): Promise<Map<string, number>> {
    const expected = new Map<string, number>();
    for (const department of new Set(batches.map((batch) => batch.department))) {
      const underWay = open.filter((transaction) => transaction.department === department && !transaction.mined);
      const onChain = await this.ledger.nextSequence(department);
      expected.set(department, Math.max(onChain, ...underWay.map(({ sequence }) => sequence + 1)));
    }
    return expected;
  }

  /** The ledger has this sequence already: a normal answer when it holds our root, an alarm when it holds another. */
  async #meetAnchored(batch: Batch): Promise<void> {
    const root = await this.ledger.rootOf(batch.department, batch.sequence);
    if (root === undefined) return;
    await this.dataSource.transaction(async (manager) => {
      if (root === batch.root) return moveBatches("sent", [batch.id], manager);
      const { department, sequence } = batch;
      const evidence = { sequence, stored: batch.root, onChain: root };
      await this.alarms.raise(
        { code: "ROOT_MISMATCH", department, fingerprint: `${department} ${sequence} ${root}`, evidence },
        manager,
      );
    });
  }

  /** @returns false when the node refuses it: nothing with a later nonce is worth sending then */
  async #send(transaction: Pick<OpenTransaction, "batch" | "hash" | "raw">): Promise<boolean> {
    try {
      await this.ledger.send(transaction.raw);
    } catch (error) {
      if (!(error instanceof ChainRefused)) throw error;
      this.#log.error({ err: error, transaction: transaction.hash }, "the node refuses a transaction");
      await this.transactions.refused([transaction]);
      return false;
    }
    await this.transactions.sent(transaction);
    return true;
  }

  async #entriesOf(batch: string): Promise<LedgerEntry[]> {
    const rows: { record_hash: Buffer; stream_key: Buffer }[] = await this.dataSource.query(
      `select record_hash, stream_key from record where batch = $1 order by batch_index`,
      [batch],
    );
    return rows.map((row) => ({ recordHash: toHex(row.record_hash), streamKey: toHex(row.stream_key) }));
  }
}

function isForgotten({ sentAt }: OpenTransaction, now: number): boolean {
  return sentAt === null || now - sentAt >= RESEND_MS;
}
