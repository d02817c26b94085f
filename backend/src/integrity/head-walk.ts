import { Injectable } from "@nestjs/common";
import { bucketOf, EMPTY_HEAD, foldHead, type Kind } from "@quanlian/proof";
import { DataSource } from "typeorm";
import { keccak } from "../chain/keccak.ts";
import { Ledger } from "../chain/ledger.ts";
import { fromHex, toHex } from "../database/bytea.ts";
import type { Found } from "./found.ts";
import type { HeadPosition } from "./integrity-run.entity.ts";
import { type Window, windowsOf } from "./windows.ts";

/** Pairs folded at a time, about. */
const SIZE = 16_000;

/** The pairs of each bucket as they are stored, folded and compared with the ledger's heads. */
@Injectable()
export class HeadWalk {
  constructor(
    private readonly dataSource: DataSource,
    private readonly ledger: Ledger,
  ) {}

  /**
   * One window, or undefined when all of them are done.
   * @throws ChainRefused when the node no longer has the state of that block
   */
  async step(at: HeadPosition): Promise<{ found: Found[]; buckets: number; next: HeadPosition } | undefined> {
    const stream = await this.#stream(at.stream, at.block);
    if (!stream) return undefined;
    const windows = windowsOf(this.ledger.identity.prefixBits, stream.count, SIZE);
    const isLast = at.window === windows.length - 1;
    const next = isLast ? { stream: at.stream + 1, window: 0 } : { window: at.window + 1 };
    return { ...(await this.#compare(stream, windows[at.window]!, at.block)), next: { ...at, ...next } };
  }

  /** The n-th kind and year that has records on chain, and how many. */
  async #stream(n: number, block: number): Promise<{ kind: Kind; year: number; count: number } | undefined> {
    const rows: { kind: Kind; year: number; count: number }[] = await this.dataSource.query(
      `select kind, year, sum(count)::int as count from batch where status = 'final' and block_number <= $1
       group by kind, year order by kind, year offset $2 limit 1`,
      [block, n],
    );
    return rows[0];
  }

  async #compare(
    { kind, year }: { kind: Kind; year: number },
    window: Window,
    block: number,
  ): Promise<{ found: Found[]; buckets: number }> {
    const rows: { stream_key: Buffer; record_hash: Buffer }[] = await this.dataSource.query(
      `select r.stream_key, r.record_hash from record r join batch b on b.id = r.batch
       where r.kind = $1 and r.year = $2 and r.stream_key between $3 and $4
         and b.status = 'final' and b.block_number <= $5
       order by b.block_number, b.log_index, r.batch_index`,
      [kind, year, fromHex(window.from), fromHex(window.to), block],
    );
    const pairs = rows.map((row) => ({ streamKey: toHex(row.stream_key), recordHash: toHex(row.record_hash) }));
    const buckets = [...Map.groupBy(pairs, ({ streamKey }) => bucketOf(streamKey, this.ledger.identity.prefixBits))];
    const heads = await this.ledger.headsOf(
      kind,
      year,
      buckets.map(([bucket]) => bucket),
      block,
    );
    const found = buckets.flatMap(([bucket, entries], i): Found[] => {
      const [stored, expected] = [foldHead(entries, EMPTY_HEAD, keccak), heads[i]!];
      const field = `${kind}/${year}/${bucket}`;
      return stored === expected ? [] : [{ layer: "head", field, stored, expected }];
    });
    return { found, buckets: buckets.length };
  }
}
