import { type Hex, type PublicJwk, thumbprint as thumbprintOf } from "@quanlian/proof";
import { newSigner } from "../chain/batch-signing.ts";
import type { Department } from "./department.entity.ts";
import { HostedKey, type KeyPurpose } from "./hosted-key.entity.ts";
import type { KeyVault } from "./key-vault.ts";
import type { OwnKeys } from "./own-keys.ts";
import { newStatementKey } from "./statement-key.ts";

/** A key before it is stored; without a secret when its department keeps that itself. */
export interface NewKey extends Pick<HostedKey, "purpose" | "publicKey" | "thumbprint"> {
  readonly secret: Uint8Array | null;
}

export function newKey(purpose: KeyPurpose): NewKey {
  if (purpose === "signer") {
    const { secret, address } = newSigner();
    return { purpose, publicKey: { address }, thumbprint: null, secret };
  }
  const { secret, publicJwk } = newStatementKey();
  return { ...ownStatementKey(publicJwk), secret };
}

export function ownSigner(address: Hex): NewKey {
  return { purpose: "signer", publicKey: { address }, thumbprint: null, secret: null };
}

export function ownStatementKey(jwk: PublicJwk): NewKey {
  return { purpose: "statement", publicKey: { ...jwk }, thumbprint: thumbprintOf(jwk), secret: null };
}

/** What a department's first keys are: its own, or fresh ones that the platform keeps. */
export function firstKeys(own: OwnKeys | undefined): NewKey[] {
  return own ? [ownSigner(own.signer), ownStatementKey(own.statementKey)] : [newKey("signer"), newKey("statement")];
}

/** As a row; the secret encrypted under the master key. */
export function stored(department: string, version: number, key: NewKey, vault: KeyVault): HostedKey {
  const { purpose, publicKey, thumbprint, secret } = key;
  const sealedSecret = secret && vault.seal(secret, secretContext(department, purpose));
  return Object.assign(new HostedKey(), { department, purpose, version, publicKey, thumbprint, sealedSecret });
}

/** What a sealed secret is bound to. */
export function secretContext(department: string, purpose: KeyPurpose): string {
  return `${department}/${purpose}`;
}

/** Which of its keys a department uses. */
export function versionOf(department: Department, purpose: KeyPurpose): number {
  return purpose === "signer" ? department.signerVersion : department.statementKeyVersion;
}

/** What the registry calls a key: the account of a signer, the thumbprint of a statement key. */
export function nameOf({ publicKey, thumbprint }: Pick<HostedKey, "publicKey" | "thumbprint">): Hex {
  return thumbprint ?? (publicKey.address as Hex);
}
