// What lies in a dump of anvil's state (`anvil_dumpState`: gzipped JSON).
import { gunzipSync } from "node:zlib";

interface DumpedChain {
  readonly accounts: Record<string, { readonly nonce: number; readonly code: string }>;
  readonly best_block_number: number;
  readonly blocks: readonly {
    readonly header: { readonly number: string };
    readonly transactions: readonly unknown[];
  }[];
  readonly transactions: readonly unknown[];
}

/**
 * Number of the newest block in a dump, or null when the dump is torn and must not be used.
 *
 * Anvil reads the blocks first and the accounts later, and a block that is mined in between has changed the accounts
 * but is not among the blocks: loading such a dump gives a ledger that has taken a batch which no block holds. Every
 * transaction raises the nonce of exactly one account without code by one, so the two counts must agree.
 */
export function newestBlockIn(dump: Uint8Array): number | null {
  const chain = JSON.parse(gunzipSync(dump).toString("utf8")) as DumpedChain;
  const sent = sum(Object.values(chain.accounts).map(({ code, nonce }) => (code === "0x" ? nonce : 0)));
  const mined = sum(chain.blocks.map((block) => block.transactions.length));
  const newest = chain.blocks.reduce((highest, { header }) => Math.max(highest, Number(header.number)), -1);
  const whole = sent === mined && mined === chain.transactions.length && newest === chain.best_block_number;
  return whole ? newest : null;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
