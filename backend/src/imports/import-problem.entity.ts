import { Column, Entity, PrimaryColumn } from "typeorm";
import { integerColumn } from "../database/bytea.ts";
import type { ErrorCode } from "../errors.ts";

/** One thing wrong with one row of an imported file. Holds no value of the file: those may be personal. */
@Entity("import_problem")
export class ImportProblem {
  @PrimaryColumn({ type: "uuid" })
  import: string;

  /** As a person counts in the file. */
  @PrimaryColumn({ type: "bigint", transformer: integerColumn })
  row: number;

  @PrimaryColumn({ type: "smallint" })
  position: number;

  @Column({ name: "column_name", type: "text", nullable: true })
  column: string | null;

  @Column({ type: "text" })
  code: ErrorCode;

  @Column({ type: "text" })
  zh: string;

  @Column({ type: "text" })
  en: string;

  @Column({ name: "hint_zh", type: "text" })
  hintZh: string;

  @Column({ name: "hint_en", type: "text" })
  hintEn: string;
}
