import type { Hex } from "@quanlian/proof";
import { Column, Entity, PrimaryColumn } from "typeorm";
import { hexColumn } from "../database/bytea.ts";

/** One citation of a record, copied out of its statement so that both ends can be found by index. */
@Entity("record_link")
export class RecordLink {
  @PrimaryColumn({ type: "uuid" })
  record: string;

  @PrimaryColumn({ type: "smallint" })
  position: number;

  @Column({ type: "text" })
  rel: string;

  @Column({ name: "target_hash", type: "bytea", nullable: true, transformer: hexColumn })
  targetHash: Hex | null;

  @Column({ name: "target_department", type: "text", nullable: true })
  targetDepartment: string | null;

  @Column({ name: "target_number", type: "text", nullable: true })
  targetNumber: string | null;
}
