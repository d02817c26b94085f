import { Column, Entity, PrimaryColumn } from "typeorm";
import type { Json } from "../records/types/record-type.ts";

/**
 * What a person must look at:
 * `EQUIVOCATION` one document number was given two contents, and both statements are signed by the same department;
 * `UNKNOWN_BATCH` the chain holds a batch that this service did not seal; `ROOT_MISMATCH` or one with other content;
 * `UNKNOWN_SUPERSESSION` the chain says that a record was superseded in a way this service did not ask for;
 * `CHAIN_ROLLED_BACK` the chain went back behind a block that its rule called final;
 * `DEPARTMENT_STOPPED`, `DEPARTMENT_RESUMED` a person stopped a department, or let it go on: who, and why;
 * `KEY_ROTATED` a person replaced a key of a department: who, why, and by which;
 * `WEBHOOK_OFF` a webhook that nothing had reached for days was switched off;
 * `INTEGRITY` something stored is not what it must be (integrity/).
 */
export type FindingCode =
  | "EQUIVOCATION"
  | "UNKNOWN_BATCH"
  | "ROOT_MISMATCH"
  | "UNKNOWN_SUPERSESSION"
  | "CHAIN_ROLLED_BACK"
  | "DEPARTMENT_STOPPED"
  | "DEPARTMENT_RESUMED"
  | "KEY_ROTATED"
  | "WEBHOOK_OFF"
  | "INTEGRITY";

@Entity("finding")
export class Finding {
  @PrimaryColumn({ type: "uuid" })
  id: string;

  @Column({ type: "text" })
  code: FindingCode;

  @Column({ type: "text", nullable: true })
  department: string | null;

  @Column({ type: "uuid", nullable: true })
  record: string | null;

  /** The same fact found again is the same row. */
  @Column({ type: "text" })
  fingerprint: string;

  @Column({ type: "jsonb" })
  evidence: Record<string, Json>;

  /** What of the evidence is personal, as encrypted JSON; empty once it was erased. */
  @Column({ type: "bytea", nullable: true })
  personal: Buffer | null;

  @Column({ name: "found_at", type: "timestamptz" })
  foundAt: Date;

  /** finding-seal.ts */
  @Column({ type: "bytea", nullable: true })
  seal: Buffer | null;
}
