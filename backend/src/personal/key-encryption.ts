/** A data key as it is stored: encrypted under the key-encryption key of this id. */
export interface WrappedKey {
  readonly kek: string;
  readonly wrapped: Buffer;
}

/** Injection token of {@link KeyEncryption}. */
export const KEY_ENCRYPTION = Symbol("key encryption");

/**
 * Where the key-encryption keys (KEK) lie: in the key file (local-key-encryption.ts) or in a KMS (transit-key-encryption.ts).
 * Everything is in batches, because a KMS is a journey away. A KMS that is away throws Refusal KMS_UNAVAILABLE.
 */
export interface KeyEncryption {
  /** Under the current KEK. */
  wrap(keys: readonly Buffer[]): Promise<WrappedKey[]>;
  /** In their order; null for one that does not open: its KEK is destroyed, or it was altered. */
  unwrap(wrapped: readonly WrappedKey[]): Promise<(Buffer | null)[]>;
  /** The same keys under the current KEK. @throws Error when one does not open */
  rewrap(wrapped: readonly WrappedKey[]): Promise<WrappedKey[]>;
  /** The id of the KEK that wraps new keys, as it was known some seconds ago at most: asked before every transaction. */
  recent(): Promise<string>;
  /** The id of the KEK that wraps new keys; a question to the KMS, so that it tells whether the KMS answers. */
  current(): Promise<string>;
  /** Makes a new KEK the current one. @returns its id */
  rotate(): Promise<string>;
  /** Destroys KEKs that wrap nothing any more; never the current one. */
  destroy(keks: readonly string[]): Promise<void>;
}
