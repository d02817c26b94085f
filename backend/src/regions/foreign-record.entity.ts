import type { Hex } from "@quanlian/proof";
import { Column, CreateDateColumn, Entity, PrimaryColumn } from "typeorm";
import { hexColumn } from "../database/bytea.ts";

/** A record of another region's ledger, by its receipt. Nothing here is believed: the receipt is verified whenever it is shown. */
@Entity("foreign_record")
export class ForeignRecordRow {
  @PrimaryColumn({ type: "uuid" })
  id: string;

  @Column({ name: "subject_type", type: "text" })
  subjectType: "uscc" | "person";

  @Column({ name: "subject_id", type: "text" })
  subjectId: string;

  @Column({ name: "record_hash", type: "bytea", transformer: hexColumn })
  recordHash: Hex;

  @Column({ type: "bytea", transformer: hexColumn })
  ledger: Hex;

  /** Sealed by the row's data key. */
  @Column({ type: "bytea" })
  receipt: Buffer;

  /** As the receipt states it; null in rows of before this was kept, which stand at the time at which they were brought. */
  @Column({ name: "event_time", type: "timestamptz", nullable: true })
  eventTime: Date | null;

  @CreateDateColumn({ name: "attached_at", type: "timestamptz" })
  attachedAt: Date;
}
