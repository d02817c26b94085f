import { Injectable } from "@nestjs/common";
import { DataSource, type EntityManager } from "typeorm";
import { Tracing } from "./tracing.ts";

/** The spans that waiting records and batches belong to, kept beside them while tracing is on. */
@Injectable()
export class TraceContexts {
  constructor(
    private readonly dataSource: DataSource,
    private readonly tracing: Tracing,
  ) {}

  async keep(owners: readonly string[], context: string, manager: EntityManager): Promise<void> {
    if (!this.tracing.isOn || owners.length === 0) return;
    await manager.query(
      `insert into trace_context (owner, context) select id, $2 from unnest($1::uuid[]) as o(id) on conflict do nothing`,
      [owners, context],
    );
  }

  /** Without repetitions, in the order of the owners; those that nobody kept are missing. */
  async of(owners: readonly string[], manager = this.dataSource.manager): Promise<string[]> {
    if (!this.tracing.isOn || owners.length === 0) return [];
    const rows: { context: string }[] = await manager.query(
      `select context from unnest($1::uuid[]) with ordinality as o(owner, place) join trace_context using (owner)
       group by context order by min(place)`,
      [owners],
    );
    return rows.map(({ context }) => context);
  }

  async forget(owners: readonly string[], manager: EntityManager): Promise<void> {
    if (!this.tracing.isOn || owners.length === 0) return;
    await manager.query(`delete from trace_context where owner = any($1::uuid[])`, [owners]);
  }

  /** A moment in the life of a batch. */
  async mark(name: string, batch: string, manager = this.dataSource.manager): Promise<void> {
    if (!this.tracing.isOn) return;
    this.tracing.begin(name, await this.of([batch], manager))?.end();
  }
}
