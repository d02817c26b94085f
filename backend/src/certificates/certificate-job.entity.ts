import type { Subject } from "@quanlian/proof";
import { Column, CreateDateColumn, Entity, PrimaryColumn } from "typeorm";
import type { ErrorCode } from "../errors.ts";
import type { Json } from "../records/types/record-type.ts";
import type { CertificateState } from "./certificates.schemas.ts";

/** Why there will be no certificate. */
export interface CertificateRefusal {
  readonly code: ErrorCode;
  readonly facts: { readonly [name: string]: Json };
}

/**
 * One certificate that somebody asked for. Making it changes nothing but this row, so one that was cut off is simply made
 * again from the start, as of a newer block.
 */
@Entity("certificate")
export class CertificateJob {
  @PrimaryColumn({ type: "uuid" })
  id: string;

  /** 查验码: 130 random bits; it stands on the paper, and whoever holds it may fetch the document. */
  @Column({ type: "text" })
  code: string;

  @Column({ name: "subject_type", type: "text" })
  subjectType: Subject["type"];

  /** Of a person the blind index. */
  @Column({ name: "subject_id", type: "text" })
  subjectId: string;

  /** The `CertificateOrder` as JSON, sealed by the certificate's data key. */
  @Column({ name: "ordered", type: "bytea" })
  order: Buffer;

  @Column({ type: "text", default: "waiting" })
  status: CertificateState;

  /** Streams and records gathered so far. */
  @Column({ type: "integer", default: 0 })
  done: number;

  @Column({ type: "integer", nullable: true })
  total: number | null;

  /** How often making it broke off for a reason that is not the chain's. */
  @Column({ type: "integer", default: 0 })
  attempts: number;

  @Column({ type: "jsonb", nullable: true })
  refusal: CertificateRefusal | null;

  /** The `quanlian-certificate/1`, exactly as it is handed out, sealed. */
  @Column({ type: "bytea", nullable: true, select: false })
  document: Buffer | null;

  /** Sealed as well. */
  @Column({ type: "bytea", nullable: true, select: false })
  pdf: Buffer | null;

  @CreateDateColumn({ name: "created_at", type: "timestamptz" })
  createdAt: Date;

  @Column({ name: "finished_at", type: "timestamptz", nullable: true })
  finishedAt: Date | null;
}
