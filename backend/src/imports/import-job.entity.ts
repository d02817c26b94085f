import { Column, CreateDateColumn, Entity, PrimaryColumn } from "typeorm";
import { integerColumn } from "../database/bytea.ts";
import type { Problem } from "../records/problems.ts";

export type ImportStatus = "waiting" | "running" | "done" | "failed";

/** One uploaded file and how far it has been taken in; the counts move in the same transaction as the records. */
@Entity("import_job")
export class ImportJob {
  @PrimaryColumn({ type: "uuid" })
  id: string;

  @Column({ type: "text" })
  department: string;

  /** The record type of every row, where the file does not say it. */
  @Column({ type: "text", nullable: true })
  type: string | null;

  @Column({ name: "file_name", type: "text" })
  fileName: string;

  @Column({ name: "file_path", type: "text" })
  filePath: string;

  @Column({ type: "bigint", transformer: integerColumn })
  bytes: number;

  @Column({ type: "text", default: "waiting" })
  status: ImportStatus;

  /** Rows of the file taken in so far: where a crashed import goes on. */
  @Column({ name: "rows_read", type: "bigint", transformer: integerColumn, default: 0 })
  rowsRead: number;

  @Column({ type: "bigint", transformer: integerColumn, default: 0 })
  accepted: number;

  @Column({ type: "bigint", transformer: integerColumn, default: 0 })
  duplicates: number;

  @Column({ type: "bigint", transformer: integerColumn, default: 0 })
  rejected: number;

  /** Why the file as a whole could not be read (to its end). */
  @Column({ type: "jsonb", nullable: true })
  failure: Problem | null;

  @CreateDateColumn({ name: "created_at", type: "timestamptz" })
  createdAt: Date;

  @Column({ name: "finished_at", type: "timestamptz", nullable: true })
  finishedAt: Date | null;
}
