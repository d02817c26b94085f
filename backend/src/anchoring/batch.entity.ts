import type { Hex } from "@quanlian/proof";
import { Column, Entity, PrimaryColumn } from "typeorm";
import { hexColumn, integerColumn } from "../database/bytea.ts";
import type { BatchState } from "./batch-state.ts";

/** The records of one department, kind and year that are anchored together. Once sealed its content never changes. */
@Entity("batch")
export class Batch {
  @PrimaryColumn({ type: "uuid" })
  id: string;

  @Column({ type: "text" })
  department: string;

  @Column({ type: "smallint" })
  kind: number;

  @Column({ type: "smallint" })
  year: number;

  @Column({ type: "bigint", transformer: integerColumn })
  sequence: number;

  @Column({ type: "integer" })
  count: number;

  @Column({ type: "bytea", transformer: hexColumn })
  root: Hex;

  @Column({ name: "entries_hash", type: "bytea", transformer: hexColumn })
  entriesHash: Hex;

  /** EIP-712 signature of the department's signer; absent until it has signed, and again when the signer was changed. */
  @Column({ type: "bytea", nullable: true, transformer: hexColumn })
  signature: Hex | null;

  @Column({ type: "text" })
  status: BatchState;

  @Column({ name: "sealed_at", type: "timestamptz" })
  sealedAt: Date;

  @Column({ name: "submitted_at", type: "timestamptz", nullable: true })
  submittedAt: Date | null;

  @Column({ name: "final_at", type: "timestamptz", nullable: true })
  finalAt: Date | null;

  /** Where the final event was read; set only together with `final`. */
  @Column({ name: "transaction_hash", type: "bytea", nullable: true, transformer: hexColumn })
  transactionHash: Hex | null;

  @Column({ name: "block_number", type: "bigint", nullable: true, transformer: integerColumn })
  blockNumber: number | null;

  @Column({ name: "block_hash", type: "bytea", nullable: true, transformer: hexColumn })
  blockHash: Hex | null;

  /** Unix seconds: anchoredAt, the third clock. */
  @Column({ name: "block_time", type: "bigint", nullable: true, transformer: integerColumn })
  blockTime: number | null;

  @Column({ name: "log_index", type: "integer", nullable: true })
  logIndex: number | null;
}
