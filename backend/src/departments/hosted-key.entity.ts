import type { Hex } from "@quanlian/proof";
import { Column, Entity, PrimaryColumn } from "typeorm";
import { hexColumn } from "../database/bytea.ts";

export type KeyPurpose = "signer" | "statement";

/** A department's key. The secret only ever lies here encrypted (key-vault.ts), or not at all: the department keeps it. */
@Entity("hosted_key")
export class HostedKey {
  @PrimaryColumn({ type: "text" })
  department: string;

  /** `signer` signs batches (secp256k1, EIP-712); `statement` signs statements (P-256, ES256). */
  @PrimaryColumn({ type: "text" })
  purpose: KeyPurpose;

  /** 1, 2, …; the department says which one is in use, a later one is being entered in the registry. */
  @PrimaryColumn({ type: "smallint" })
  version: number;

  /** The signer's `{address}` or the statement key's JWK. */
  @Column({ name: "public_key", type: "jsonb" })
  publicKey: Record<string, string>;

  /** RFC 7638 thumbprint of a statement key. */
  @Column({ type: "bytea", nullable: true, transformer: hexColumn })
  thumbprint: Hex | null;

  /** Null: the department keeps its own. */
  @Column({ name: "sealed_secret", type: "bytea", nullable: true })
  sealedSecret: Buffer | null;
}
