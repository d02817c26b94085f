import { Column, CreateDateColumn, Entity, PrimaryColumn } from "typeorm";
import { integerColumn } from "../database/bytea.ts";
import type { FileNote } from "../records/files/file-row.ts";
import type { HeadingMapping } from "../records/files/headings.ts";
import type { Problem } from "../records/problems.ts";

export const IMPORT_STATES = ["reviewing", "waiting", "running", "done", "failed", "refused"] as const;
export type ImportState = (typeof IMPORT_STATES)[number];

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

  @Column({ type: "bigint", transformer: integerColumn })
  bytes: number;

  /** The key of the uploaded file, sealed by the import's data key; null once the file is gone, or where it lies in clear. */
  @Column({ name: "upload_key", type: "bytea", nullable: true, select: false })
  uploadKey: Buffer | null;

  /** Whether it only says what would become of the rows. */
  @Column({ name: "dry_run", type: "boolean" })
  dryRun: boolean;

  /** What the file's own headings mean, as saved when the import was asked for. */
  @Column({ type: "jsonb" })
  mapping: HeadingMapping;

  /**
   * `reviewing`: a second person must approve it first; `refused`: that person did not. `failed`: the file could not be
   * read, or not to its end; the rows before stand.
   */
  @Column({ type: "text", default: "waiting" })
  status: ImportState;

  /** Rows of the file dealt with so far: where a crashed import goes on. */
  @Column({ name: "rows_read", type: "bigint", transformer: integerColumn, default: 0 })
  rowsRead: number;

  @Column({ type: "bigint", transformer: integerColumn, default: 0 })
  accepted: number;

  @Column({ type: "bigint", transformer: integerColumn, default: 0 })
  duplicates: number;

  @Column({ type: "bigint", transformer: integerColumn, default: 0 })
  rejected: number;

  /** What the reader met and passed over (titles, footers, hidden sheets). */
  @Column({ type: "jsonb", default: [] })
  notes: FileNote[];

  @Column({ type: "jsonb", nullable: true })
  failure: Problem | null;

  @CreateDateColumn({ name: "created_at", type: "timestamptz" })
  createdAt: Date;

  @Column({ name: "finished_at", type: "timestamptz", nullable: true })
  finishedAt: Date | null;
}

export function uploadKeyContext(job: string): string {
  return `import_job/${job}/upload_key`;
}
