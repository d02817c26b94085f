import { Column, Entity, PrimaryColumn } from "typeorm";
import { integerColumn } from "../database/bytea.ts";
import type { FileRow } from "../records/files/file-row.ts";

/** A row of an imported file that was not taken in: as it was, and what is wrong with it. */
@Entity("import_rejection")
export class ImportRejection {
  @PrimaryColumn({ type: "uuid" })
  import: string;

  /** As a person counts in the file. */
  @PrimaryColumn({ type: "bigint", transformer: integerColumn })
  row: number;

  @Column({ type: "jsonb" })
  content: Omit<FileRow, "row">;
}
