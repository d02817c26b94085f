import { readFileSync } from "node:fs";
import { z } from "zod";
import { ConfigError } from "../config.ts";

const secret = z.string().regex(/^0x[0-9a-f]{64}$/);
const kekId = z.string().regex(/^[a-z0-9-]{1,64}$/);
const first = z.strictObject({ format: z.literal("quanlian-keys/1"), masterKey: secret, vrfSecret: secret });
const shape = z
  .strictObject({
    format: z.literal("quanlian-keys/2"),
    masterKey: secret,
    vrfSecret: secret,
    keyEncryption: z.strictObject({ current: kekId, keys: z.record(kekId, secret) }),
  })
  .refine(({ keyEncryption: { current, keys } }) => Object.hasOwn(keys, current));

/** Injection token of {@link PlatformKeys}. */
export const PLATFORM_KEYS = Symbol("platform keys");

/** Key-encryption keys by id, and the one that wraps new data keys. */
export interface KeyEncryptionKeys {
  readonly current: string;
  readonly keys: ReadonlyMap<string, Uint8Array>;
}

/** What the key file holds: secrets of 32 bytes each. */
export interface PlatformKeys {
  /** Encrypts the departments' keys at rest, and seals rows. */
  readonly masterKey: Uint8Array;
  /** Secret of the VRF that derives stream keys (RFC 9381); its public key is in the registry. */
  readonly vrfSecret: Uint8Array;
  /** Absent from a file of the first form, and needless where a KMS keeps them. */
  readonly keyEncryption: KeyEncryptionKeys | null;
}

/** The file as it is written. */
export type KeyFile = z.infer<typeof first> | z.infer<typeof shape>;

/**
 * Reads `{"format":"quanlian-keys/2","masterKey":"0x…","vrfSecret":"0x…","keyEncryption":{"current":"ID","keys":{"ID":"0x…"}}}`,
 * or the first form, which has no `keyEncryption`.
 * @throws ConfigError when the file cannot be read or is anything else; its content is never repeated
 */
export function readKeyFile(path: string): PlatformKeys {
  const file = parseKeyFile(path);
  const keyEncryption = "keyEncryption" in file ? file.keyEncryption : null;
  return {
    masterKey: bytes(file.masterKey),
    vrfSecret: bytes(file.vrfSecret),
    keyEncryption: keyEncryption && {
      current: keyEncryption.current,
      keys: new Map(Object.entries(keyEncryption.keys).map(([id, key]) => [id, bytes(key)])),
    },
  };
}

/** @throws ConfigError */
export function parseKeyFile(path: string): KeyFile {
  const read = z.union([shape, first]).safeParse(parse(path));
  if (!read.success) throw new ConfigError(`The key file ${path} is not a quanlian-keys/2 (or /1) file.`);
  return read.data;
}

function parse(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, "utf8"));
  } catch {
    throw new ConfigError(`The key file ${path} cannot be read as JSON.`);
  }
}

function bytes(hex: string): Uint8Array {
  return new Uint8Array(Buffer.from(hex.slice(2), "hex"));
}
