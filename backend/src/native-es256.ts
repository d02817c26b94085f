import { createPublicKey, hash, type KeyObject, verify } from "node:crypto";
import { es256, type PublicJwk, type Suite } from "@quanlian/proof";
import { keccak } from "./chain/keccak.ts";

/**
 * The library's ES256 by OpenSSL, Node and WebAssembly: the same answers, several times as fast. A statement takes half
 * a hundred digests and texts.
 */
export const nativeEs256: Suite = {
  ...es256,
  digest: (bytes) => hash("sha256", bytes, "buffer"),
  texts: {
    base64url: (text) => Buffer.from(text).toString("base64url"),
    digest: (content) => hash("sha256", content, "base64url"),
  },
  keccak,
  verifySignature: (key, message, signature) => {
    try {
      return verify("sha256", message, { key: imported(key), dsaEncoding: "ieee-p1363" }, signature);
    } catch {
      return false;
    }
  },
};

/** The same, its signatures checked by the threads of Node's pool: whoever verifies for many then uses all processors. */
export const pooledEs256: Suite = {
  ...nativeEs256,
  verifySignature: (key, message, signature) =>
    new Promise((resolve) => {
      try {
        const by = { key: imported(key), dsaEncoding: "ieee-p1363" } as const;
        verify("sha256", message, by, signature, (error, isGood) => resolve(error === null && isGood));
      } catch {
        resolve(false);
      }
    }),
};

/** Whoever sends documents under ever new keys must not fill the memory. */
const MOST_KEYS = 1_000;
const keys = new Map<string, KeyObject>();

function imported({ kty, crv, x, y }: PublicJwk): KeyObject {
  const name = `${x}.${y}`;
  const known = keys.get(name);
  if (known) return known;
  if (keys.size >= MOST_KEYS) keys.clear();
  const key = createPublicKey({ key: { kty, crv, x, y }, format: "jwk" });
  keys.set(name, key);
  return key;
}
