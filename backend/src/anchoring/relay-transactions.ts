import { Injectable } from "@nestjs/common";
import type { Hex } from "@quanlian/proof";
import { DataSource, type EntityManager } from "typeorm";
import { Ledger } from "../chain/ledger.ts";
import type { RawTransaction } from "../chain/words.ts";
import { fromHex, toHex } from "../database/bytea.ts";
import { type BatchEvent, next, statesBefore } from "./batch-state.ts";
import type { Cargo } from "./shipment.ts";

/** A transaction whose cargo is not known to be final; its bytes, tens of kilobytes, are asked for where they are sent. */
export interface OpenTransaction extends Omit<RawTransaction, "raw"> {
  readonly cargo: Cargo;
  /** Of a batch: whose, and which. */
  readonly department: string | null;
  readonly sequence: number | null;
  /** How long ago a node last took it, in milliseconds by the database's clock; null: not yet. */
  readonly sentAgo: number | null;
  /** How long ago it was made, in milliseconds by the database's clock. */
  readonly madeAgo: number;
  /** Whether it was seen to have succeeded in a block. */
  readonly mined: boolean;
}

type Sent = Pick<OpenTransaction, "hash" | "cargo">;

interface Row {
  readonly batch: string | null;
  readonly supersession: string | null;
  readonly department: string | null;
  readonly sequence: string | null;
  readonly nonce: string;
  readonly hash: Buffer;
  readonly sent_ago: string | null;
  readonly made_ago: string;
  readonly mined: boolean;
}

/** The signed transactions of this service's relayer, kept from before they are sent until their cargo is final. */
@Injectable()
export class RelayTransactions {
  constructor(
    private readonly dataSource: DataSource,
    private readonly ledger: Ledger,
  ) {}

  /** In the order of their nonces. */
  async open(): Promise<OpenTransaction[]> {
    const rows: Row[] = await this.dataSource.query(
      `select t.batch, t.supersession, t.nonce, t.hash, t.mined, extract(epoch from now() - t.sent_at) * 1000 as sent_ago,
         extract(epoch from now() - t.created_at) * 1000 as made_ago, b.department, b.sequence
       from relay_transaction t left join batch b on b.id = t.batch
       where t.relayer = $1 order by t.nonce`,
      [fromHex(this.ledger.relayer)],
    );
    return rows.map((row) => ({
      cargo: row.batch === null ? { kind: "supersession", id: row.supersession! } : { kind: "batch", id: row.batch },
      department: row.department,
      sequence: row.sequence === null ? null : Number(row.sequence),
      nonce: Number(row.nonce),
      hash: toHex(row.hash),
      sentAgo: row.sent_ago === null ? null : Number(row.sent_ago),
      madeAgo: Number(row.made_ago),
      mined: row.mined,
    }));
  }

  /** A transaction as it is sent; undefined when it is no longer open. */
  async rawOf(hash: Hex): Promise<Buffer | undefined> {
    const [row]: { raw: Buffer }[] = await this.dataSource.query(`select raw from relay_transaction where hash = $1`, [
      fromHex(hash),
    ]);
    return row?.raw;
  }

  /** Whether anything is under way. */
  async any(): Promise<boolean> {
    const rows: unknown[] = await this.dataSource.query(`select 1 from relay_transaction limit 1`);
    return rows.length > 0;
  }

  /** Keeps a transaction before it is sent. A second worker cannot give its nonce to anything else. */
  async keep(cargo: Cargo, { nonce, hash, raw }: RawTransaction): Promise<void> {
    await this.dataSource.query(
      `insert into relay_transaction (relayer, nonce, hash, raw, ${cargo.kind}) values ($1, $2, $3, $4, $5)`,
      [fromHex(this.ledger.relayer), nonce, fromHex(hash), raw, cargo.id],
    );
  }

  /** A node has taken the transaction. */
  async sent({ hash, cargo }: Sent): Promise<void> {
    await this.dataSource.transaction(async (manager) => {
      await manager.query(`update relay_transaction set sent_at = now(), mined = false where hash = $1`, [
        fromHex(hash),
      ]);
      await move("sent", cargo, manager);
    });
  }

  /** Another transaction takes its nonce and its cargo; it is still to be sent. */
  async replace(old: Hex, { hash, raw }: RawTransaction): Promise<void> {
    await this.dataSource.query(
      `update relay_transaction set hash = $2, raw = $3, created_at = now(), sent_at = null where hash = $1`,
      [fromHex(old), fromHex(hash), raw],
    );
  }

  async markMined(hash: Hex): Promise<void> {
    await this.dataSource.query(`update relay_transaction set mined = true where hash = $1`, [fromHex(hash)]);
  }

  /** These transactions will do nothing any more; their cargo is to be sent anew. */
  async lost(transactions: readonly Sent[]): Promise<void> {
    if (transactions.length === 0) return;
    await this.dataSource.transaction(async (manager) => {
      for (const transaction of transactions) await this.#forget(transaction, manager);
    });
  }

  /** The ledger or the node refused this one; its cargo waits longer each time before it is sent anew. */
  async refused(transaction: Sent): Promise<void> {
    await this.dataSource.transaction(async (manager) => {
      await this.#forget(transaction, manager);
      await manager.query(
        `update ${transaction.cargo.kind} set refusals = refusals + 1,
           retry_at = now() + least(power(2, refusals), 300) * interval '1 second' where id = $1`,
        [transaction.cargo.id],
      );
    });
  }

  async #forget({ hash, cargo }: Sent, manager: EntityManager): Promise<void> {
    await manager.query(`delete from relay_transaction where hash = $1`, [fromHex(hash)]);
    await move("lost", cargo, manager, ["submitted"]);
  }
}

/** Moves a batch or a supersession by the table of batch-state.ts; in a state that the event does not touch it stays. */
export async function move(
  event: BatchEvent,
  { kind, id }: Cargo,
  manager: EntityManager,
  only = statesBefore(event),
): Promise<void> {
  for (const state of only) {
    const to = next(state, event)!;
    await manager.query(
      `update ${kind} set status = $1, submitted_at = case when $1 = 'submitted' then coalesce(submitted_at, now()) end
       where id = $2 and status = $3 and status <> $1`,
      [to, id, state],
    );
  }
}
