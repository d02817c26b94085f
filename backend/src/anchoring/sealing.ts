import { Injectable } from "@nestjs/common";
import { type Hex, entriesHash, type Kind, merkleTree } from "@quanlian/proof";
import { DataSource, type EntityManager } from "typeorm";
import { keccak } from "../chain/keccak.ts";
import { Config } from "../config.ts";
import { fromHex, toHex } from "../database/bytea.ts";
import { uuidv7 } from "../database/uuid.ts";
import { Metrics } from "../health/metrics.ts";
import { TraceContexts } from "../tracing/trace-contexts.ts";
import { Tracing } from "../tracing/tracing.ts";
import { dueGroups, type Group } from "./batching.ts";
import { unsealedGroups } from "./groups.ts";

/** Batches of one group sealed in a row, before the others have their turn. */
const MAX_BATCHES = 8;

/** Puts waiting records into batches. What is sealed never changes. */
@Injectable()
export class Sealing {
  constructor(
    private readonly dataSource: DataSource,
    private readonly config: Config,
    private readonly metrics: Metrics,
    private readonly tracing: Tracing,
    private readonly traces: TraceContexts,
  ) {}

  /** Seals every group that is due, a long backlog several batches at a time. @returns how many batches were sealed */
  async sealDue(): Promise<number> {
    const groups = await unsealedGroups(this.dataSource, this.config.batchSize);
    const rule = { size: this.config.batchSize, ageMs: this.config.batchAgeMs };
    let sealed = 0;
    for (const group of dueGroups(groups, rule)) sealed += await this.#sealGroup(group);
    this.metrics.batchesSealed.inc(sealed);
    return sealed;
  }

  /** The group is due, so its first batch is sealed whatever its size; more of them only if they are full. */
  async #sealGroup(group: Group): Promise<number> {
    for (let sealed = 0; sealed < MAX_BATCHES; sealed++) {
      const least = sealed === 0 ? 1 : this.config.batchSize;
      if (!(await this.dataSource.transaction((manager) => this.#seal(group, least, manager)))) return sealed;
    }
    return MAX_BATCHES;
  }

  /** One batch in one transaction. Another worker that holds the department's row seals it instead. */
  async #seal({ department, kind, year }: Group, least: number, manager: EntityManager): Promise<boolean> {
    const [row]: { next_sequence: string }[] = await manager.query(
      `select next_sequence from department where uscc = $1 and stopped_because is null
       for no key update skip locked`,
      [department],
    );
    if (!row) return false;
    const records: { id: string; record_hash: Buffer; stream_key: Buffer }[] = await manager.query(
      `select id, record_hash, stream_key from record
       where batch is null and department = $1 and kind = $2 and year = $3 order by id limit $4`,
      [department, kind, year, this.config.batchSize],
    );
    if (records.length < least) return false;
    await this.#insert({ department, kind: kind as Kind, year, sequence: row.next_sequence }, records, manager);
    return true;
  }

  async #insert(
    batch: { department: string; kind: Kind; year: number; sequence: string },
    records: readonly { id: string; record_hash: Buffer; stream_key: Buffer }[],
    manager: EntityManager,
  ): Promise<void> {
    const id = uuidv7();
    const entries = records.map((r) => ({ recordHash: toHex(r.record_hash), streamKey: toHex(r.stream_key) }));
    const root: Hex = merkleTree(
      entries.map(({ recordHash }) => recordHash),
      keccak,
    ).root;
    const { department, kind, year, sequence } = batch;
    await manager.query(
      `insert into batch (id, department, kind, year, sequence, count, root, entries_hash)
       values ($1, $2, $3, $4, $5, $6, $7, $8)`,
      [id, department, kind, year, sequence, records.length, fromHex(root), fromHex(entriesHash(entries, keccak))],
    );
    await manager.query(
      `update record set batch = $1, batch_index = n.index - 1
       from unnest($2::uuid[]) with ordinality as n(id, index) where record.id = n.id`,
      [id, records.map((record) => record.id)],
    );
    await manager.query(`update department set next_sequence = next_sequence + 1 where uscc = $1`, [department]);
    await this.#trace(
      id,
      records.map((record) => record.id),
      manager,
    );
  }

  /** Follows from the taking in of its first record, and is linked to that of the others. */
  async #trace(batch: string, records: readonly string[], manager: EntityManager): Promise<void> {
    if (!this.tracing.isOn) return;
    const span = this.tracing.begin("seal", await this.traces.of(records, manager), {
      "quanlian.records": records.length,
    })!;
    await this.traces.forget(records, manager);
    await this.traces.keep([batch], span.context, manager);
    span.end();
  }
}
