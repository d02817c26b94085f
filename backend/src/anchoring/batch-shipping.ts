import { Injectable, Logger } from "@nestjs/common";
import { InjectRepository } from "@nestjs/typeorm";
import type { Kind } from "@quanlian/proof";
import { DataSource, In, type Repository } from "typeorm";
import { batchDigest } from "../chain/batch-signing.ts";
import { Ledger } from "../chain/ledger.ts";
import type { LedgerEntry } from "../chain/words.ts";
import { fromHex, toHex } from "../database/bytea.ts";
import { Alarms } from "../findings/alarms.ts";
import { Batch } from "./batch.entity.ts";
import { move, type OpenTransaction } from "./relay-transactions.ts";
import type { Shipment } from "./shipment.ts";

const WAITING = `
select w.id, w.was_refused from (
  select b.id, b.sealed_at, row_number() over turn as place,
    bool_or(b.refusals > 0) over (partition by b.department) as was_refused,
    bool_and(b.signature is not null and (b.retry_at is null or b.retry_at <= now())) over turn as is_free
  from batch b join department d on d.uscc = b.department and d.stopped_because is null
  where b.status = 'sealed' and not exists (select 1 from relay_transaction t where t.batch = b.id)
  window turn as (partition by b.department order by b.sequence)
) w where w.is_free order by w.place, w.sealed_at limit $1`;

/** A batch whose turn to be sent may have come. */
interface Waiting {
  readonly batch: Batch;
  /** Whether the ledger has refused one of its department's that waits. */
  readonly wasRefused: boolean;
}

/** Which sealed batches can be sent now: each department's in the order of their sequences, after those under way. */
@Injectable()
export class BatchShipping {
  readonly #log = new Logger(BatchShipping.name);

  constructor(
    private readonly dataSource: DataSource,
    @InjectRepository(Batch) private readonly batches: Repository<Batch>,
    private readonly ledger: Ledger,
    private readonly alarms: Alarms,
  ) {}

  async ready(limit: number, open: readonly OpenTransaction[]): Promise<Shipment[]> {
    const waiting = await this.#waiting(limit);
    const turns = await this.#turns(
      waiting.map(({ batch }) => batch),
      open,
    );
    const shipments: Shipment[] = [];
    for (const { batch, wasRefused } of waiting) {
      const turn = turns.get(batch.department)!;
      if (batch.sequence < turn) await this.#meetAnchored(batch);
      else if (wasRefused && !(await this.#isSigned(batch))) await this.#haveSignedAgain(batch);
      else if (batch.sequence === turn) {
        turns.set(batch.department, turn + 1);
        shipments.push(this.#shipment(batch));
      }
    }
    return shipments;
  }

  #shipment(batch: Batch): Shipment {
    return {
      cargo: { kind: "batch", id: batch.id },
      prepare: async (nonce, fees) => {
        const entries = await this.#entriesOf(batch.id);
        return this.ledger.prepareAnchor(
          { ...batch, kind: batch.kind as Kind },
          entries,
          batch.signature!,
          nonce,
          fees,
        );
      },
    };
  }

  #isSigned(batch: Batch): Promise<boolean> {
    const digest = batchDigest(this.ledger.identity, { ...batch, kind: batch.kind as Kind });
    return this.ledger.isSigned(batch.department, digest, batch.signature!);
  }

  /**
   * The department's signer was changed after it had signed: the ledger would refuse the batch for ever. Its content stays
   * what it was. It waits longer each time, since the key that signs here may not yet be the registry's.
   */
  async #haveSignedAgain({ id, department, sequence, signature }: Batch): Promise<void> {
    this.#log.warn({ department, sequence }, "a batch must be signed again by the signer of today");
    await this.dataSource.query(
      `update batch set signature = null, refusals = refusals + 1,
         retry_at = now() + least(power(2, refusals), 300) * interval '1 second'
       where id = $1 and status = 'sealed' and signature = $2
         and not exists (select 1 from relay_transaction t where t.batch = batch.id)`,
      [id, fromHex(signature!)],
    );
  }

  /**
   * Signed batches that no open transaction carries and that none before them holds up, each department's in order. The
   * departments take turns, so that one with a long backlog, or one whose batch is refused or unsigned, delays no other.
   */
  async #waiting(limit: number): Promise<Waiting[]> {
    const rows: { id: string; was_refused: boolean }[] = await this.dataSource.query(WAITING, [limit]);
    const batches = await this.batches.findBy({ id: In(rows.map(({ id }) => id)) });
    const byId = new Map(batches.map((batch) => [batch.id, batch]));
    return rows.map(({ id, was_refused }) => ({ batch: byId.get(id)!, wasRefused: was_refused }));
  }

  /** Which sequence each department's next transaction must carry: after those under way, else what the ledger says. */
  async #turns(batches: readonly Batch[], open: readonly OpenTransaction[]): Promise<Map<string, number>> {
    const turns = new Map<string, number>();
    for (const department of new Set(batches.map((batch) => batch.department))) {
      const underWay = open.filter((transaction) => transaction.department === department && !transaction.mined);
      const onChain = await this.ledger.nextSequence(department);
      turns.set(department, Math.max(onChain, ...underWay.map(({ sequence }) => sequence! + 1)));
    }
    return turns;
  }

  /** The ledger has this sequence already: a normal answer when it holds our root, an alarm when it holds another. */
  async #meetAnchored(batch: Batch): Promise<void> {
    const root = await this.ledger.rootOf(batch.department, batch.sequence);
    if (root === undefined) return;
    await this.dataSource.transaction(async (manager) => {
      if (root === batch.root) return move("sent", { kind: "batch", id: batch.id }, manager);
      const { department, sequence } = batch;
      const evidence = { sequence, stored: batch.root, onChain: root };
      await this.alarms.raise(
        { code: "ROOT_MISMATCH", department, fingerprint: `${department} ${sequence} ${root}`, evidence },
        manager,
      );
    });
  }

  async #entriesOf(batch: string): Promise<LedgerEntry[]> {
    const rows: { record_hash: Buffer; stream_key: Buffer }[] = await this.dataSource.query(
      `select record_hash, stream_key from record where batch = $1 order by batch_index`,
      [batch],
    );
    return rows.map((row) => ({ recordHash: toHex(row.record_hash), streamKey: toHex(row.stream_key) }));
  }
}
