import { createPublicKey, hash, verify } from "node:crypto";
import { es256, type PublicJwk, type Suite } from "@quanlian/proof";

/** ES256 on Node's own cryptography: the same answers as the library's, several times faster. */
export const nodeEs256: Suite = {
  ...es256,
  digest: (bytes) => hash("sha256", bytes, "buffer"),
  verifySignature: (key, message, signature) => {
    try {
      return verify("sha256", message, { key: imported(key), dsaEncoding: "ieee-p1363" }, signature);
    } catch {
      return false;
    }
  },
};

const MAX_KEYS = 1000;
const keys = new Map<string, ReturnType<typeof createPublicKey>>();

function imported({ kty, crv, x, y }: PublicJwk) {
  const name = `${x}.${y}`;
  const known = keys.get(name);
  if (known) return known;
  if (keys.size >= MAX_KEYS) keys.clear();
  const key = createPublicKey({ key: { kty, crv, x, y }, format: "jwk" });
  keys.set(name, key);
  return key;
}
