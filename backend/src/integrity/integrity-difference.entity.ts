import { Column, Entity, PrimaryColumn } from "typeorm";
import { integerColumn } from "../database/bytea.ts";

/** Which link of the chain from stored field to bucket head is broken, or which of the other tables. */
export const LAYERS = [
  "seal",
  "statement",
  "personal",
  "erasure",
  "fields",
  "recordHash",
  "signature",
  "key",
  "columns",
  "links",
  "streamKey",
  "version",
  "batch",
  "entries",
  "supersession",
  "chain",
  "head",
  "department",
  "hostedKey",
  "stream",
  "ledger",
  "finding",
] as const;
export type Layer = (typeof LAYERS)[number];

/** One place where what is stored is not what it must be. */
@Entity("integrity_difference")
export class IntegrityDifference {
  @PrimaryColumn({ type: "uuid" })
  run: string;

  @PrimaryColumn({ type: "integer" })
  position: number;

  @Column({ type: "text" })
  layer: Layer;

  @Column({ type: "text", nullable: true })
  field: string | null;

  @Column({ type: "uuid", nullable: true })
  record: string | null;

  @Column({ type: "text", nullable: true })
  department: string | null;

  @Column({ type: "bigint", nullable: true, transformer: integerColumn })
  sequence: number | null;

  @Column({ name: "batch_index", type: "integer", nullable: true })
  batchIndex: number | null;

  @Column({ type: "text", nullable: true })
  type: string | null;

  @Column({ type: "text", nullable: true })
  number: string | null;

  @Column({ type: "text", nullable: true })
  stored: string | null;

  @Column({ type: "text", nullable: true })
  expected: string | null;

  /** When this was first found, by whichever run. */
  @Column({ name: "first_found", type: "timestamptz" })
  firstFound: Date;

  /** The beginning of the last run before that which looked and did not find it; null when there was none. */
  @Column({ name: "last_right", type: "timestamptz", nullable: true })
  lastRight: Date | null;
}
