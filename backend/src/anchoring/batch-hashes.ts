import { Injectable } from "@nestjs/common";
import type { Hex } from "@quanlian/proof";
import { DataSource } from "typeorm";
import { Ledger } from "../chain/ledger.ts";
import { toHex } from "../database/bytea.ts";
import type { Batch } from "./batch.entity.ts";

/** The record hashes of a batch in their order, also of one whose records have not all come back after a restore. */
@Injectable()
export class BatchHashes {
  constructor(
    private readonly dataSource: DataSource,
    private readonly ledger: Ledger,
  ) {}

  /** What is stored, or, where records are missing, what the batch's transaction carries. @throws ChainUnavailable */
  async of({ id, count, transactionHash }: Pick<Batch, "id" | "count" | "transactionHash">): Promise<Hex[]> {
    const rows: { record_hash: Buffer }[] = await this.dataSource.query(
      `select record_hash from record where batch = $1 order by batch_index`,
      [id],
    );
    const call = rows.length < count && transactionHash ? await this.ledger.anchorCallOf(transactionHash) : undefined;
    return call ? call.entries.map(({ recordHash }) => recordHash) : rows.map(({ record_hash }) => toHex(record_hash));
  }
}
