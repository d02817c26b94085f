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
      return verify("sha256", message, imported(key), toDer(signature));
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
        const der = toDer(signature);
        verify("sha256", message, imported(key), der, (error, isGood) => resolve(error === null && isGood));
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

/**
 * DER (RFC 3279 §2.2.3) of r ‖ s. Given r ‖ s, Node exports the key anew, which costs half as much as the check itself.
 * @throws TypeError when it has not 64 bytes
 */
function toDer(signature: Uint8Array): Buffer {
  if (signature.length !== 64) throw new TypeError("a signature has 64 bytes");
  const [r, s] = [integerOf(signature.subarray(0, 32)), integerOf(signature.subarray(32))];
  return Buffer.concat([Buffer.of(0x30, r.length + s.length), r, s]);
}

/** Without leading zeros, but with one where the first bit is set. */
function integerOf(digits: Uint8Array): Buffer {
  const first = digits.findIndex((digit) => digit !== 0);
  const shown = digits.subarray(first < 0 ? digits.length - 1 : first);
  const sign = shown[0]! < 0x80 ? [] : [0];
  return Buffer.from([0x02, shown.length + sign.length, ...sign, ...shown]);
}
