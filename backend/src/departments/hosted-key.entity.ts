import type { Hex } from "@quanlian/proof";
import { Column, Entity, PrimaryColumn } from "typeorm";
import { hexColumn } from "../database/bytea.ts";

export type KeyPurpose = "signer" | "statement";

/** A department's key that the platform keeps for it; the secret only ever lies here encrypted (key-vault.ts). */
@Entity("hosted_key")
export class HostedKey {
  @PrimaryColumn({ type: "text" })
  department: string;

  /** `signer` signs batches (secp256k1, EIP-712); `statement` signs statements (P-256, ES256). */
  @PrimaryColumn({ type: "text" })
  purpose: KeyPurpose;

  /** The signer's `{address}` or the statement key's JWK. */
  @Column({ name: "public_key", type: "jsonb" })
  publicKey: Record<string, string>;

  /** RFC 7638 thumbprint of a statement key. */
  @Column({ type: "bytea", nullable: true, transformer: hexColumn })
  thumbprint: Hex | null;

  @Column({ name: "sealed_secret", type: "bytea" })
  sealedSecret: Buffer;
}
