import { Injectable } from "@nestjs/common";
import { DataSource, type EntityManager } from "typeorm";
import { orderedJson } from "../database/ordered-json.ts";
import { RowSeals } from "../database/row-seals.ts";
import { Ingest } from "../records/ingest.ts";
import type { ValidRecord } from "../records/types/record-type.ts";
import type { Decision } from "../records/versions.ts";

/** A row that could be taken in, with its place in the file. */
export interface Candidate {
  readonly row: number;
  readonly record: ValidRecord;
}

/** What would become of a row beside what is on record, and beside the rows above it in the same file. */
export type Preview =
  | Decision
  | { readonly outcome: "repeatedAbove" }
  /** Another content stands under the same number further up in the file. */
  | { readonly outcome: "contradicts"; readonly row: number };

interface Above {
  readonly row: string;
  readonly same: boolean;
}

const GIVEN = `unnest($2::text[], $3::text[], $4::bigint[], $5::bytea[]) with ordinality as w(type, number, row, digest, place)`;

/**
 * Imports that write no record. The numbers of the rows that were seen are kept in the database until the end, so that
 * a repetition a million rows further down is found in constant memory.
 */
@Injectable()
export class DryRun {
  constructor(
    private readonly dataSource: DataSource,
    private readonly ingest: Ingest,
    private readonly seals: RowSeals,
  ) {}

  /** In the order of the candidates. */
  async look(job: string, candidates: readonly Candidate[], manager: EntityManager): Promise<Preview[]> {
    const above = await this.#rememberAndCompare(job, candidates, manager);
    const records = candidates.map(({ record }) => record);
    const decisions = await this.ingest.decisions(records, manager);
    return candidates.map(({ row }, i): Preview => {
      const first = above[i]!;
      const decision = decisions[i]!;
      if (Number(first.row) === row || decision.outcome !== "new") return decision;
      return first.same ? { outcome: "repeatedAbove" } : { outcome: "contradicts", row: Number(first.row) };
    });
  }

  async forget(job: string): Promise<void> {
    await this.dataSource.query(`delete from import_preview where import = $1`, [job]);
  }

  /**
   * For each candidate the first row of the file with its type and number, which may be its own. Contents are compared by keyed
   * digests: of a plain one, whoever reads the table could guess what is personal.
   */
  async #rememberAndCompare(job: string, candidates: readonly Candidate[], manager: EntityManager): Promise<Above[]> {
    const columns = [
      candidates.map(({ record }) => record.type),
      candidates.map(({ record }) => record.number),
      candidates.map(({ row }) => row),
      candidates.map(({ record }) => this.seals.seal("import_preview", [["fields", orderedJson(record.fields)]])),
    ];
    await manager.query(
      `insert into import_preview (import, type, number, row, digest)
       select $1, type, number, row, digest from ${GIVEN} order by place on conflict do nothing`,
      [job, ...columns],
    );
    return manager.query(
      `select p.row, p.digest = w.digest as same from ${GIVEN}
       join import_preview p on p.import = $1 and p.type = w.type and p.number = w.number order by w.place`,
      [job, ...columns],
    );
  }
}
