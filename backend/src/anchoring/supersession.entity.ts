import type { Hex } from "@quanlian/proof";
import { Column, Entity, PrimaryColumn } from "typeorm";
import { hexColumn, integerColumn } from "../database/bytea.ts";
import type { BatchState } from "./batch-state.ts";

/** A record takes the place of an earlier one: decided when it is taken in, then told to the ledger. */
@Entity("supersession")
export class Supersession {
  /** Id of the successor. */
  @PrimaryColumn({ type: "uuid" })
  id: string;

  /** Of the record that is superseded. */
  @Column({ type: "text" })
  department: string;

  /** Of the successor: the same department, or one with REVIEW. */
  @Column({ type: "text" })
  by: string;

  /** The record that is superseded. */
  @Column({ name: "record_hash", type: "bytea", transformer: hexColumn })
  recordHash: Hex;

  @Column({ type: "bytea", transformer: hexColumn })
  successor: Hex;

  /** 1 correction 更正, 2 withdrawal 撤销, 3 repair 信用修复, 4 annulment 复议/判决. */
  @Column({ type: "smallint" })
  reason: number;

  /** By the signer of a department that keeps its own keys; null until it has signed, and where the platform signs when it sends. */
  @Column({ type: "bytea", nullable: true, transformer: hexColumn })
  signature: Hex | null;

  /** As of a batch: `sealed` when decided, `submitted` when sent, `final` when its event lies in a final block. */
  @Column({ type: "text", default: "sealed" })
  status: BatchState;

  @Column({ name: "transaction_hash", type: "bytea", nullable: true, transformer: hexColumn })
  transactionHash: Hex | null;

  @Column({ name: "block_number", type: "bigint", nullable: true, transformer: integerColumn })
  blockNumber: number | null;

  /** Unix seconds. */
  @Column({ name: "block_time", type: "bigint", nullable: true, transformer: integerColumn })
  blockTime: number | null;

  @Column({ name: "log_index", type: "integer", nullable: true })
  logIndex: number | null;
}
