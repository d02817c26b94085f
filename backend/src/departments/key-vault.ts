import { createCipheriv, createDecipheriv, createSecretKey, type KeyObject } from "node:crypto";
import { freshBytes } from "../random.ts";

const IV_BYTES = 12;
const TAG_BYTES = 16;

/**
 * Encrypts secrets at rest with AES-256-GCM under the master key. `context` (whose key, for what) is authenticated
 * with it, so that a sealed secret moved to another row does not open.
 */
export class KeyVault {
  /** Not as bytes: a cipher takes four times as long with those. */
  readonly #masterKey: KeyObject;

  constructor(masterKey: Uint8Array) {
    this.#masterKey = createSecretKey(masterKey);
  }

  /** Returns iv ‖ ciphertext ‖ tag. */
  seal(secret: Uint8Array, context: string): Buffer {
    const iv = freshBytes(IV_BYTES);
    const cipher = createCipheriv("aes-256-gcm", this.#masterKey, iv).setAAD(Buffer.from(context));
    return Buffer.concat([iv, cipher.update(secret), cipher.final(), cipher.getAuthTag()]);
  }

  /** @throws when the bytes were altered, belong to another context, or another master key sealed them */
  open(sealed: Uint8Array, context: string): Buffer {
    const iv = sealed.subarray(0, IV_BYTES);
    const tag = sealed.subarray(sealed.length - TAG_BYTES);
    const decipher = createDecipheriv("aes-256-gcm", this.#masterKey, iv, { authTagLength: TAG_BYTES });
    decipher.setAAD(Buffer.from(context)).setAuthTag(tag);
    return Buffer.concat([decipher.update(sealed.subarray(IV_BYTES, -TAG_BYTES)), decipher.final()]);
  }
}
