import type { Hex } from "@quanlian/proof";
import { Column, CreateDateColumn, Entity, PrimaryColumn } from "typeorm";
import { hexColumn, integerColumn } from "../database/bytea.ts";

/** Which window comes next: of which kind and year, as of which block. */
export interface HeadPosition {
  readonly block: number;
  readonly hash: string;
  readonly stream: number;
  readonly window: number;
  readonly attempts: number;
}

/** What a run looks at, one after the other: what is on chain, what is not yet, the tables beside, and the buckets' heads. */
export const PHASES = ["batches", "unanchored", "tables", "heads"] as const;
export type Phase = (typeof PHASES)[number];

/**
 * `request`: asked for over HTTP; `monitor`: one round of the walk that never ends; `fsck`: by hand, at full speed.
 */
export type Purpose = "request" | "monitor" | "fsck";

/**
 * `sealed`: a record whose seal is whole is believed to have been signed, and its stream key to have been derived, when
 * it was taken in; everything else is derived anew. `full`: signature and stream key are derived anew, too.
 */
export type Depth = "sealed" | "full";

/** Primary key of a stream. */
export type StreamName = readonly [subjectId: string, subjectType: string, kind: number, year: number];

/** Where a run goes on after a crash: the last thing that the phase has done with. */
export interface Position {
  /** `batches`: the last event compared, and the last sequence of each department seen on chain. */
  readonly block?: number;
  readonly logIndex?: number;
  readonly sequences?: Readonly<Record<string, number>>;
  /** `batches`: how many blocks the next step asks for. */
  readonly stride?: number;
  /** `unanchored`: the last record compared. */
  readonly record?: string;
  /** `tables`: the last stream compared, once all the others are done. */
  readonly stream?: StreamName;
  /** `heads`: how many windows are done, of which kind and year, as of which block. */
  readonly heads?: HeadPosition;
}

/** One walk over everything stored, compared with the chain as of one final block. */
@Entity("integrity_run")
export class IntegrityRun {
  @PrimaryColumn({ type: "uuid" })
  id: string;

  @Column({ type: "text", default: "running" })
  status: "running" | "done";

  @Column({ type: "text", default: "request" })
  purpose: Purpose;

  @Column({ type: "text", default: "full" })
  depth: Depth;

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

  /** False when the node no longer had the state that the heads are compared with. */
  @Column({ name: "heads_compared", type: "boolean", default: true })
  headsCompared: boolean;

  @Column({ type: "bigint", transformer: integerColumn, default: 0 })
  differences: number;

  @CreateDateColumn({ name: "started_at", type: "timestamptz" })
  startedAt: Date;

  @Column({ name: "finished_at", type: "timestamptz", nullable: true })
  finishedAt: Date | null;
}
