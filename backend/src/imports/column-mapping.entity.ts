import { Column, Entity, PrimaryColumn } from "typeorm";
import type { HeadingMapping } from "../records/files/headings.ts";

/** What the headings of a department's own export mean: said once, used by every import that names it. */
@Entity("column_mapping")
export class ColumnMapping {
  @PrimaryColumn({ type: "text" })
  department: string;

  @PrimaryColumn({ type: "text" })
  name: string;

  /** The record type whose columns the headings stand for. */
  @Column({ type: "text" })
  type: string;

  @Column({ type: "jsonb" })
  columns: HeadingMapping;
}
