import { Column, Entity, PrimaryColumn } from "typeorm";

/** Why personal content must go: the cases of 个人信息保护法 art. 47 (1) to (5). */
export const ERASURE_REASONS = [
  "purpose-fulfilled",
  "retention-ended",
  "consent-withdrawn",
  "unlawful",
  "other-law",
] as const;
export type ErasureReason = (typeof ERASURE_REASONS)[number];

/** The note that the personal content of a record was erased: who did it, why and when, and nothing of what it said. */
@Entity("erasure")
export class Erasure {
  @PrimaryColumn({ type: "uuid" })
  record: string;

  /** The department that decided the record, and erased it. */
  @Column({ type: "text" })
  department: string;

  /** The identity provider's name for whoever asked. */
  @Column({ type: "text" })
  actor: string;

  @Column({ type: "text" })
  reason: ErasureReason;

  @Column({ name: "erased_at", type: "timestamptz" })
  erasedAt: Date;

  /** Binds all of it: an erasure without a note that carries this seal is a difference. */
  @Column({ type: "bytea" })
  seal: Buffer;
}
