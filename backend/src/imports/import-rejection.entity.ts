import { Column, Entity, PrimaryColumn } from "typeorm";
import { integerColumn } from "../database/bytea.ts";

/** A row of an imported file that was not taken in: as it was, and what is wrong with it; for IMPORT_KEEP_DAYS. */
@Entity("import_rejection")
export class ImportRejection {
  @PrimaryColumn({ type: "uuid" })
  import: string;

  /** As a person counts in the file. */
  @PrimaryColumn({ type: "bigint", transformer: integerColumn })
  row: number;

  /** A {@link FileRow} but for its place, as JSON, sealed by the import's data key. */
  @Column({ type: "bytea" })
  content: Buffer;

  /** HMAC of the document number, so that erasing a record finds it; null where no number can be read. */
  @Column({ name: "number_index", type: "bytea", nullable: true })
  numberIndex: Buffer | null;
}
