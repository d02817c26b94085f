import { Injectable } from "@nestjs/common";
import { Between, DataSource } from "typeorm";
import { Supersession } from "../anchoring/supersession.entity.ts";
import { Ledger } from "../chain/ledger.ts";
import type { SupersededRecord } from "../chain/words.ts";
import { fromHex } from "../database/bytea.ts";
import { RecordRow } from "../records/record.entity.ts";
import type { BatchMeans } from "./batch-walk.ts";
import type { Found } from "./found.ts";

type Named = Pick<Supersession, "department" | "recordHash">;

/** What the ledger says was superseded in some blocks, beside what is kept as having been superseded there. */
@Injectable()
export class SupersessionWalk {
  constructor(
    private readonly dataSource: DataSource,
    private readonly ledger: Ledger,
  ) {}

  async compare(fromBlock: number, toBlock: number, { timeOf }: Pick<BatchMeans, "timeOf">): Promise<Found[]> {
    const events = await this.ledger.supersededRecords(fromBlock, toBlock);
    const rows = await this.#rows(events, fromBlock, toBlock);
    const [stored, onChain] = [
      new Map(rows.map((row) => [nameOf(row), row])),
      new Map(events.map((e) => [nameOf(e), e])),
    ];
    const found: Found[] = [];
    for (const name of new Set([...stored.keys(), ...onChain.keys()])) {
      const event = onChain.get(name);
      const time = event ? await timeOf(event.blockNumber) : null;
      found.push(...(await this.#named(stored.get(name), event, time)));
    }
    return found;
  }

  /** Those that the events name, and those that say they became final in these blocks. */
  async #rows(events: readonly SupersededRecord[], fromBlock: number, toBlock: number): Promise<Supersession[]> {
    const repository = this.dataSource.getRepository(Supersession);
    const here = await repository.findBy({ status: "final", blockNumber: Between(fromBlock, toBlock) });
    const named = await repository
      .createQueryBuilder("s")
      .where("(s.department, s.record_hash) in (select * from unnest(:departments::text[], :hashes::bytea[]))", {
        departments: events.map(({ department }) => department),
        hashes: events.map(({ recordHash }) => fromHex(recordHash)),
      })
      .getMany();
    return [...here, ...named];
  }

  async #named(
    row: Supersession | undefined,
    event: SupersededRecord | undefined,
    blockTime: number | null,
  ): Promise<Found[]> {
    const differences = compare(row, event, blockTime);
    if (differences.length === 0) return [];
    const { department, recordHash } = (row ?? event)!;
    const record = await this.dataSource.getRepository(RecordRow).findOneBy({ recordHash });
    return differences.map((difference) => ({ ...difference, department, record: record?.id ?? null }));
  }
}

function nameOf({ department, recordHash }: Named): string {
  return `${department} ${recordHash}`;
}

function compare(
  row: Supersession | undefined,
  event: SupersededRecord | undefined,
  blockTime: number | null,
): Pick<Found, "layer" | "field" | "stored" | "expected">[] {
  if (!row || !event) {
    const whole = { layer: "supersession", field: "department, record_hash" } as const;
    return [{ ...whole, stored: row?.successor ?? null, expected: event?.successor ?? null }];
  }
  const columns: [name: string, stored: string | number | null, expected: string | number | null][] = [
    ["successor", row.successor, event.successor],
    ["by", row.by, event.by],
    ["by", row.by, event.by],
    ["reason", row.reason, event.reason],
    ["status", row.status, "final"],
    ["transaction_hash", row.transactionHash, event.transactionHash],
    ["block_number", row.blockNumber, event.blockNumber],
    ["block_time", row.blockTime, blockTime],
    ["log_index", row.logIndex, event.logIndex],
  ];
  return columns
    .filter(([, stored, expected]) => stored !== expected)
    .map(([field, stored, expected]) => {
      return {
        layer: "supersession",
        field,
        stored: stored === null ? null : String(stored),
        expected: String(expected),
      };
    });
}
