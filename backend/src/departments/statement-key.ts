import { createPrivateKey, generateKeyPairSync, type KeyObject, sign } from "node:crypto";
import { type Hex, type PublicJwk, readStatement, type Signer } from "@quanlian/proof";
import { toHex } from "../database/bytea.ts";
import { nativeEs256 } from "../native-es256.ts";

/** A new P-256 key: the secret as PKCS #8 DER, the public half as a JWK. */
export function newStatementKey(): { secret: Buffer; publicJwk: PublicJwk } {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const { x, y } = publicKey.export({ format: "jwk" });
  return {
    secret: privateKey.export({ format: "der", type: "pkcs8" }),
    publicJwk: { kty: "EC", crv: "P-256", x: x!, y: y! },
  };
}

/** Signs statements with ES256 (RFC 7518 §3.4: r ‖ s). */
export function statementSigner(secret: Buffer, publicJwk: PublicJwk): Signer {
  const key: KeyObject = createPrivateKey({ key: secret, format: "der", type: "pkcs8" });
  return { publicJwk, sign: (message) => fromDer(sign("sha256", message, key)), suite: nativeEs256 };
}

/** Thumbprint of the key that a statement names. */
export function kidOf({ header }: { readonly header: { readonly kid: string } }): Hex {
  return toHex(Buffer.from(header.kid, "base64url"));
}

/** Thumbprint of the key that a stored statement names. */
export function keyThatSigned(statement: string): Hex {
  const read = readStatement(statement, nativeEs256);
  if (!read.ok) throw new Error(`a stored statement cannot be read: ${read.code}`);
  return kidOf(read);
}

/** r ‖ s of a DER signature (RFC 3279 §2.2.3). Asked for r ‖ s, Node exports the key anew: as costly as the signature itself. */
function fromDer(der: Uint8Array): Uint8Array {
  const signature = new Uint8Array(64);
  const rEnd = 4 + der[3]!;
  put(signature.subarray(0, 32), der.subarray(4, rEnd));
  put(signature.subarray(32), der.subarray(rEnd + 2));
  return signature;
}

/** DER integers have no leading zeros, but one where the first bit is set. */
function put(target: Uint8Array, integer: Uint8Array): void {
  const digits = integer.subarray(Math.max(0, integer.length - target.length));
  target.set(digits, target.length - digits.length);
}
