import { Injectable } from "@nestjs/common";
import type { Hex } from "@quanlian/proof";
import { DataSource, type EntityManager } from "typeorm";
import { Ledger } from "../chain/ledger.ts";
import type { RawTransaction } from "../chain/words.ts";
import { fromHex, toHex } from "../database/bytea.ts";
import { type BatchEvent, next, statesBefore } from "./batch-state.ts";

/** A transaction that carries a batch and is not known to be final. */
export interface OpenTransaction extends RawTransaction {
  readonly batch: string;
  readonly department: string;
  readonly sequence: number;
  readonly createdAt: number;
  /** When a node last took it, in milliseconds; null: not yet. */
  readonly sentAt: number | null;
  /** Whether it was seen to have succeeded in a block. */
  readonly mined: boolean;
}

interface Row {
  readonly batch: string;
  readonly department: string;
  readonly sequence: string;
  readonly nonce: string;
  readonly hash: Buffer;
  readonly raw: Buffer;
  readonly created_at: Date;
  readonly sent_at: Date | null;
  readonly mined: boolean;
}

/** The signed transactions of this service's relayer, kept from before they are sent until their batch is final. */
@Injectable()
export class RelayTransactions {
  constructor(
    private readonly dataSource: DataSource,
    private readonly ledger: Ledger,
  ) {}

  /** In the order of their nonces. */
  async open(): Promise<OpenTransaction[]> {
    const rows: Row[] = await this.dataSource.query(
      `select t.*, b.department, b.sequence from relay_transaction t join batch b on b.id = t.batch
       where t.relayer = $1 order by t.nonce`,
      [fromHex(this.ledger.relayer)],
    );
    return rows.map((row) => ({
      batch: row.batch,
      department: row.department,
      sequence: Number(row.sequence),
      nonce: Number(row.nonce),
      hash: toHex(row.hash),
      raw: toHex(row.raw),
      createdAt: row.created_at.getTime(),
      sentAt: row.sent_at?.getTime() ?? null,
      mined: row.mined,
    }));
  }

  /** Keeps a transaction before it is sent. A second worker cannot give its nonce to anything else. */
  async keep(batch: string, { nonce, hash, raw }: RawTransaction): Promise<void> {
    await this.dataSource.query(
      `insert into relay_transaction (relayer, nonce, hash, raw, batch) values ($1, $2, $3, $4, $5)`,
      [fromHex(this.ledger.relayer), nonce, fromHex(hash), fromHex(raw), batch],
    );
  }

  /** A node has taken the transaction. */
  async sent({ hash, batch }: { hash: Hex; batch: string }): Promise<void> {
    await this.dataSource.transaction(async (manager) => {
      await manager.query(`update relay_transaction set sent_at = now(), mined = false where hash = $1`, [
        fromHex(hash),
      ]);
      await moveBatches("sent", [batch], manager);
    });
  }

  async markMined(hash: Hex): Promise<void> {
    await this.dataSource.query(`update relay_transaction set mined = true where hash = $1`, [fromHex(hash)]);
  }

  /** These transactions will do nothing any more; their batches are to be sent anew. */
  async lost(transactions: readonly Pick<OpenTransaction, "hash" | "batch">[]): Promise<void> {
    if (transactions.length === 0) return;
    await this.dataSource.transaction((manager) => this.#forget(transactions, manager));
  }

  /** The ledger or the node refused these; their batches wait longer each time before they are sent anew. */
  async refused(transactions: readonly Pick<OpenTransaction, "hash" | "batch">[]): Promise<void> {
    if (transactions.length === 0) return;
    await this.dataSource.transaction(async (manager) => {
      await this.#forget(transactions, manager);
      await manager.query(
        `update batch set refusals = refusals + 1, retry_at = now() + least(power(2, refusals), 300) * interval '1 second'
         where id = any($1)`,
        [transactions.map(({ batch }) => batch)],
      );
    });
  }

  async #forget(
    transactions: readonly Pick<OpenTransaction, "hash" | "batch">[],
    manager: EntityManager,
  ): Promise<void> {
    const hashes = transactions.map(({ hash }) => fromHex(hash));
    await manager.query(`delete from relay_transaction where hash = any($1)`, [hashes]);
    await moveBatches("lost", [...new Set(transactions.map(({ batch }) => batch))], manager, ["submitted"]);
  }
}

/** Moves batches by the table of batch-state.ts; those in a state that the event does not touch stay. */
export async function moveBatches(
  event: BatchEvent,
  batches: readonly string[],
  manager: EntityManager,
  only = statesBefore(event),
): Promise<void> {
  for (const state of only) {
    const to = next(state, event)!;
    await manager.query(
      `update batch set status = $1, submitted_at = case when $1 = 'submitted' then coalesce(submitted_at, now()) end
       where id = any($2) and status = $3 and status <> $1`,
      [to, batches, state],
    );
  }
}
