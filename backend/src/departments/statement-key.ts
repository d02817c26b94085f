import { createPrivateKey, generateKeyPairSync, hash, type KeyObject, sign } from "node:crypto";
import { es256, type PublicJwk, type Signer, type Suite } from "@quanlian/proof";

/** A new P-256 key: the secret as PKCS #8 DER, the public half as a JWK. */
export function newStatementKey(): { secret: Buffer; publicJwk: PublicJwk } {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const { x, y } = publicKey.export({ format: "jwk" });
  return {
    secret: privateKey.export({ format: "der", type: "pkcs8" }),
    publicJwk: { kty: "EC", crv: "P-256", x: x!, y: y! },
  };
}

/** The same digests by OpenSSL: a statement takes half a hundred of them. */
const suite: Suite = { ...es256, digest: (bytes) => hash("sha256", bytes, "buffer") };

/** Signs statements with ES256 (RFC 7518 §3.4: r ‖ s). */
export function statementSigner(secret: Buffer, publicJwk: PublicJwk): Signer {
  const key: KeyObject = createPrivateKey({ key: secret, format: "der", type: "pkcs8" });
  return { publicJwk, sign: (message) => sign("sha256", message, { key, dsaEncoding: "ieee-p1363" }), suite };
}
