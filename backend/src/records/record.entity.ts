import type { Hex } from "@quanlian/proof";
import { Column, Entity, PrimaryColumn } from "typeorm";
import { hexColumn } from "../database/bytea.ts";
import type { Json } from "./types/record-type.ts";

/**
 * One record with its statement. Every column but `id`, `version`, `receivedAt`, `import` and the batch is derived from the statement,
 * and the integrity run compares each of them; those four are sealed. Its state is its batch's (`received` while it has none): stored once.
 */
@Entity("record")
export class RecordRow {
  @PrimaryColumn({ type: "uuid" })
  id: string;

  @Column({ type: "text" })
  type: string;

  @Column({ type: "smallint" })
  kind: number;

  @Column({ type: "text" })
  department: string;

  @Column({ name: "subject_type", type: "text" })
  subjectType: "uscc" | "person";

  /** Of a natural person: a keyed blind index (subjects/subject-index.ts), or `erased`. */
  @Column({ name: "subject_id", type: "text" })
  subjectId: string;

  /** Empty for natural persons, whose names are encrypted. */
  @Column({ name: "subject_name", type: "text" })
  subjectName: string;

  @Column({ type: "text" })
  number: string;

  /** Other numbers by which records cite this one, such as the number on the licence itself. */
  @Column({ name: "other_numbers", type: "text", array: true })
  otherNumbers: string[];

  /** 1 for the first content of a document number, one more for each record that supersedes the one before. */
  @Column({ type: "integer" })
  version: number;

  /** When the act happened; a mere date is its first instant in China. */
  @Column({ name: "event_time", type: "timestamptz" })
  eventTime: Date;

  @Column({ type: "smallint" })
  year: number;

  @Column({ name: "signed_at", type: "timestamptz" })
  signedAt: Date;

  @Column({ name: "received_at", type: "timestamptz" })
  receivedAt: Date;

  /** Those that are not personal. */
  @Column({ type: "jsonb" })
  fields: Record<string, Json>;

  /** With the disclosures of the open fields only. */
  @Column({ type: "text" })
  statement: string;

  /** What is personal, encrypted under the record's own key (personal/personal-fields.ts); empty once it was erased. */
  @Column({ type: "bytea", nullable: true })
  personal: Buffer | null;

  @Column({ name: "record_hash", type: "bytea", transformer: hexColumn })
  recordHash: Hex;

  @Column({ name: "stream_key", type: "bytea", transformer: hexColumn })
  streamKey: Hex;

  @Column({ type: "uuid", nullable: true })
  import: string | null;

  /** Binds what the statement does not (record-seal.ts); absent from records of before there were seals. */
  @Column({ type: "bytea", nullable: true })
  seal: Buffer | null;

  @Column({ type: "uuid", nullable: true })
  batch: string | null;

  @Column({ name: "batch_index", type: "integer", nullable: true })
  batchIndex: number | null;
}
