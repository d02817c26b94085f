import { Injectable } from "@nestjs/common";
import type { Hex } from "@quanlian/proof";
import { DataSource } from "typeorm";
import { Ledger } from "../chain/ledger.ts";
import type { AnchoredBatch, Block, SupersededRecord } from "../chain/words.ts";
import { fromHex, toHex } from "../database/bytea.ts";
import type { FindingCode } from "../findings/finding.entity.ts";
import { Batch } from "./batch.entity.ts";
import { isSame } from "./confirmation.ts";

/** A batch as both sides can tell it from every other. */
type StoredBatch = Pick<Batch, "sequence" | "kind" | "year" | "count" | "root" | "entriesHash" | "status">;

/** A record's place taken by another. */
type StoredSupersession = Pick<SupersededRecord, "recordHash" | "successor" | "by" | "reason">;

/** What the ledger and this database say of one department. */
export interface BothSides {
  readonly ledger: {
    readonly nextSequence: number;
    readonly batches: readonly AnchoredBatch[];
    readonly supersessions: readonly SupersededRecord[];
  };
  readonly here: {
    readonly nextSequence: number;
    readonly batches: readonly StoredBatch[];
    readonly supersessions: readonly StoredSupersession[];
    /** Which of the ledger's superseded records are stored. */
    readonly records: ReadonlySet<Hex>;
    /** Which of their successors are not, but stand in a batch of which records are missing: known to be lost, not foreign. */
    readonly lost: ReadonlySet<Hex>;
  };
}

/**
 * One way in which the two sides do not agree. `NOT_ON_LEDGER`: a batch is final here and the ledger does not hold it;
 * `SEQUENCE_BEHIND`: the next batch would carry a sequence that the ledger has given away.
 */
export interface LedgerDifference {
  readonly code:
    | Extract<FindingCode, "UNKNOWN_BATCH" | "ROOT_MISMATCH" | "UNKNOWN_SUPERSESSION">
    | "NOT_ON_LEDGER"
    | "SEQUENCE_BEHIND";
  /** Which batch, by its sequence, or which superseded record, by its hash. */
  readonly of: number | Hex;
}

/** Everything in which database and ledger do not agree on a department; empty when it may go on. */
export function differencesOf({ ledger, here }: BothSides): LedgerDifference[] {
  const stored = new Map(here.batches.map((batch) => [batch.sequence, batch]));
  const anchored = new Set(ledger.batches.map(({ sequence }) => sequence));
  const asked = new Set(here.supersessions.map(nameOf));
  const differences: LedgerDifference[] = [];
  for (const event of ledger.batches) {
    const batch = stored.get(event.sequence);
    if (!batch) differences.push({ code: "UNKNOWN_BATCH", of: event.sequence });
    else if (!isSame(event, batch)) differences.push({ code: "ROOT_MISMATCH", of: event.sequence });
  }
  for (const { sequence, status } of here.batches)
    if (status === "final" && !anchored.has(sequence)) differences.push({ code: "NOT_ON_LEDGER", of: sequence });
  for (const event of ledger.supersessions)
    if (here.records.has(event.recordHash) && !asked.has(nameOf(event)) && !here.lost.has(event.successor))
      differences.push({ code: "UNKNOWN_SUPERSESSION", of: event.recordHash });
  if (here.nextSequence < ledger.nextSequence) differences.push({ code: "SEQUENCE_BEHIND", of: here.nextSequence });
  return differences;
}

function nameOf({ recordHash, successor, by, reason }: StoredSupersession): string {
  return `${recordHash} ${successor} ${by} ${reason}`;
}

/** Lays what the ledger says of a department beside what is stored. */
@Injectable()
export class LedgerComparison {
  constructor(
    private readonly dataSource: DataSource,
    private readonly ledger: Ledger,
  ) {}

  /** Both sides, as of a block of the chain. @throws ChainUnavailable */
  async bothSides(department: string, asOf: Block): Promise<BothSides> {
    const [batches, superseded, nextSequence] = await Promise.all([
      this.ledger.anchoredBatches(0, asOf.number, department),
      this.ledger.supersededRecords(0, asOf.number, department),
      this.ledger.nextSequence(department),
    ]);
    const ledger = { nextSequence, batches, supersessions: superseded };
    return { ledger, here: await this.#here(department, superseded) };
  }

  async #here(department: string, superseded: readonly SupersededRecord[]): Promise<BothSides["here"]> {
    const [row]: { next_sequence: string }[] = await this.dataSource.query(
      `select next_sequence from department where uscc = $1`,
      [department],
    );
    const supersessions: { record_hash: Buffer; successor: Buffer; by: string; reason: number }[] =
      await this.dataSource.query(`select record_hash, successor, by, reason from supersession where department = $1`, [
        department,
      ]);
    const records: { record_hash: Buffer }[] = await this.dataSource.query(
      `select record_hash from record where department = $1 and record_hash = any($2)`,
      [department, superseded.map(({ recordHash }) => fromHex(recordHash))],
    );
    return {
      nextSequence: Number(row!.next_sequence),
      batches: await this.dataSource.getRepository(Batch).findBy({ department }),
      supersessions: supersessions.map(({ record_hash, successor, ...rest }) => ({
        ...rest,
        ...{ recordHash: toHex(record_hash), successor: toHex(successor) },
      })),
      records: new Set(records.map(({ record_hash }) => toHex(record_hash))),
      lost: await this.#lost(superseded),
    };
  }

  /** The ledger takes only a successor that its department has anchored: if it is not here, one of these batches holds it. */
  async #lost(superseded: readonly SupersededRecord[]): Promise<ReadonlySet<Hex>> {
    const rows: { successor: Buffer }[] = await this.dataSource.query(
      `select e.successor from unnest($1::bytea[], $2::text[]) as e(successor, by)
       where not exists (select from record r where r.record_hash = e.successor) and exists (
         select from batch b where b.department = e.by and b.count > (select count(*) from record r where r.batch = b.id))`,
      [superseded.map(({ successor }) => fromHex(successor)), superseded.map(({ by }) => by)],
    );
    return new Set(rows.map(({ successor }) => toHex(successor)));
  }
}
