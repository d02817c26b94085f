import { Injectable } from "@nestjs/common";
import { DataSource } from "typeorm";

/** How the last whole look at everything ended, and how far the next one is. */
export interface IntegrityState {
  /** Of the last run that is through; null before the first. */
  readonly differences: number | null;
  readonly finishedAt: Date | null;
  /** Records looked at by the run under way, and by the last one that is through. */
  readonly recordsSoFar: number;
  readonly recordsLast: number;
}

/** What health and metrics say of integrity. */
@Injectable()
export class IntegrityStates {
  constructor(private readonly dataSource: DataSource) {}

  async current(): Promise<IntegrityState> {
    const [last]: { differences: string; finished_at: Date; records: string }[] = await this.dataSource.query(
      `select differences, finished_at, records from integrity_run where status = 'done' order by started_at desc limit 1`,
    );
    const [open]: { records: string }[] = await this.dataSource.query(
      `select records from integrity_run where status = 'running' order by started_at desc limit 1`,
    );
    return {
      differences: last ? Number(last.differences) : null,
      finishedAt: last?.finished_at ?? null,
      recordsSoFar: Number(open?.records ?? 0),
      recordsLast: Number(last?.records ?? 0),
    };
  }
}
