import { generateKeyPairSync, sign } from "node:crypto";
import type { PublicJwk, Signer } from "@quanlian/proof";

/** A statement key that no department has registered. */
export function ownKey(): Signer {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  return {
    publicJwk: publicKey.export({ format: "jwk" }) as PublicJwk,
    sign: (message) => sign("sha256", message, { key: privateKey, dsaEncoding: "ieee-p1363" }),
  };
}
