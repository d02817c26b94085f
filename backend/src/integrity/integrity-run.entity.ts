import type { Hex } from "@quanlian/proof";
import { Column, CreateDateColumn, Entity, PrimaryColumn } from "typeorm";
import { hexColumn, integerColumn } from "../database/bytea.ts";

/** What a run looks at, one after the other. */
export const PHASES = ["batches", "unsealed", "heads"] as const;
export type Phase = (typeof PHASES)[number];

/** Where a run goes on after a crash: the last thing that each phase has done with. */
export interface Position {
  readonly afterBlock?: number;
  readonly afterRecord?: string;
  readonly afterBucket?: string;
}

/** One walk over everything stored, compared with the chain as of one final block. */
@Entity("integrity_run")
export class IntegrityRun {
  @PrimaryColumn({ type: "uuid" })
  id: string;

  @Column({ type: "text", default: "running" })
  status: "running" | "done";

  @Column({ type: "text" })
  phase: Phase;

  @Column({ type: "jsonb" })
  position: Position;

  @Column({ name: "block_number", type: "bigint", nullable: true, transformer: integerColumn })
  blockNumber: number | null;

  @Column({ name: "block_hash", type: "bytea", nullable: true, transformer: hexColumn })
  blockHash: Hex | null;

  @Column({ type: "bigint", transformer: integerColumn, default: 0 })
  records: number;

  @Column({ type: "bigint", transformer: integerColumn, default: 0 })
  batches: number;

  @Column({ type: "bigint", transformer: integerColumn, default: 0 })
  buckets: number;

  @Column({ type: "bigint", transformer: integerColumn, default: 0 })
  differences: number;

  @CreateDateColumn({ name: "started_at", type: "timestamptz" })
  startedAt: Date;

  @Column({ name: "finished_at", type: "timestamptz", nullable: true })
  finishedAt: Date | null;
}
