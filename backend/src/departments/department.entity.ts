import { Column, Entity, PrimaryColumn } from "typeorm";
import { integerColumn } from "../database/bytea.ts";

/** A department that submits records: who it is, what it may submit, and the next sequence of its batches. */
@Entity("department")
export class Department {
  @PrimaryColumn({ type: "text" })
  uscc: string;

  @Column({ name: "name_zh", type: "text" })
  nameZh: string;

  @Column({ name: "name_en", type: "text" })
  nameEn: string;

  /** GB/T 2260 area code, six digits. */
  @Column({ type: "text" })
  area: string;

  /** As in the registry on chain: bit k is set when it holds capability k (kinds 1 to 5, REVIEW 15). */
  @Column({ type: "integer" })
  capabilities: number;

  @Column({ name: "next_sequence", type: "bigint", transformer: integerColumn })
  nextSequence: number;

  /** Set by an alarm (the chain shows what we did not produce); nothing more is sealed or sent until a person acts. */
  @Column({ name: "stopped_because", type: "text", nullable: true })
  stoppedBecause: string | null;

  /** Statements and batches are signed by the department's own agent; the platform holds only the public keys. */
  @Column({ name: "keeps_own_keys", type: "boolean", default: false })
  keepsOwnKeys: boolean;

  /** Version of its key that signs batches, and of the one that signs statements. */
  @Column({ name: "signer_version", type: "smallint", default: 1 })
  signerVersion: number;

  @Column({ name: "statement_key_version", type: "smallint", default: 1 })
  statementKeyVersion: number;

  /** Whether a second person must approve what is submitted before it is signed (二人复核). */
  @Column({ name: "review_required", type: "boolean", default: false })
  reviewRequired: boolean;

  /** When the registry on chain was seen to hold this department with its keys. */
  @Column({ name: "registered_at", type: "timestamptz", nullable: true })
  registeredAt: Date | null;
}
