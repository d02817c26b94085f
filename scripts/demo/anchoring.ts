import { setTimeout as sleep } from "node:timers/promises";
import type pg from "pg";
import { rpcOver } from "../embedded/anvil-rpc.ts";

export interface Anchored {
  readonly batches: number;
  readonly records: number;
  readonly gasUsed: number;
  /** From the beginning of the first upload until every record is final. */
  readonly seconds: number;
  readonly finalBlock: number;
}

/** Waits until every record is final. @param began `performance.now()` of the beginning */
export async function anchoredSince(began: number, database: pg.Client, node: string): Promise<Anchored> {
  while (await someAreNotFinal(database)) await sleep(25);
  const seconds = Math.round(performance.now() - began) / 1000;
  const { rows } = await database.query<{ hash: string; count: number; block: number }>(
    `SELECT '0x' || encode(transaction_hash, 'hex') AS hash, count, block_number::int AS block FROM batch`,
  );
  const rpc = rpcOver(node);
  const receipts = await Promise.all(
    rows.map(({ hash }) => rpc<{ gasUsed: string }>("eth_getTransactionReceipt", [hash])),
  );
  return {
    batches: rows.length,
    records: rows.reduce((sum, { count }) => sum + count, 0),
    gasUsed: receipts.reduce((sum, { gasUsed }) => sum + Number(gasUsed), 0),
    seconds,
    finalBlock: Math.max(...rows.map(({ block }) => block)),
  };
}

async function someAreNotFinal(database: pg.Client): Promise<boolean> {
  const { rowCount } = await database.query(
    "SELECT FROM record r LEFT JOIN batch b ON b.id = r.batch WHERE b.status IS DISTINCT FROM 'final' LIMIT 1",
  );
  return rowCount === 1;
}
