import { readFileSync } from "node:fs";
import { z } from "zod";
import { ConfigError } from "../config.ts";

const secret = z.string().regex(/^0x[0-9a-f]{64}$/);
const shape = z.strictObject({ format: z.literal("quanlian-keys/1"), masterKey: secret, vrfSecret: secret });

/** Injection token of {@link PlatformKeys}. */
export const PLATFORM_KEYS = Symbol("platform keys");

/** What the key file holds: two secrets of 32 bytes each. */
export interface PlatformKeys {
  /** Key-encryption key of everything that is encrypted at rest. */
  readonly masterKey: Uint8Array;
  /** Secret of the VRF that derives stream keys (RFC 9381); its public key is in the registry. */
  readonly vrfSecret: Uint8Array;
}

/**
 * Reads `{"format":"quanlian-keys/1","masterKey":"0x…","vrfSecret":"0x…"}`.
 * @throws ConfigError when the file cannot be read or is anything else; its content is never repeated
 */
export function readKeyFile(path: string): PlatformKeys {
  const read = shape.safeParse(parse(path));
  if (!read.success) throw new ConfigError(`The key file ${path} is not a quanlian-keys/1 file.`);
  return { masterKey: bytes(read.data.masterKey), vrfSecret: bytes(read.data.vrfSecret) };
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
