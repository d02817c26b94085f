import { p256 } from "@noble/curves/nist.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { concat, fromBase64url, toBase64url, toHex, utf8, type Hex } from "./bytes.ts";
import type { Keccak } from "./tree.ts";
import type { PublicJwk } from "./words.ts";

/**
 * A named set of algorithms for statements and record hashes. Merkle trees and heads are always Keccak-256 and stream
 * keys always ECVRF-EDWARDS25519, because the contract and the registry compute or publish them.
 */
export interface Suite {
  readonly name: "ES256-SHA256-KECCAK" | "SM2-SM3";
  /** JOSE `alg` of the statement, JWK `crv` of its key and `_sd_alg` of its digests. */
  readonly alg: string;
  readonly curve: string;
  readonly digestName: string;
  /** The 32-byte digest for disclosures, record hashes and key thumbprints. */
  readonly digest: (bytes: Uint8Array) => Uint8Array;
  /** What a statement needs thirty times each, where the host does it faster than this library. */
  readonly texts?: Texts;
  /** Keccak-256, for trees, where the host does it faster than this library. */
  readonly keccak?: Keccak;
  /** Whether the 64 bytes r ‖ s sign the message under the key. A malformed key or signature is `false`. */
  readonly verifySignature: (key: PublicJwk, message: Uint8Array, signature: Uint8Array) => boolean | Promise<boolean>;
}

/** Texts in base64url without padding (RFC 4648 §5). */
export interface Texts {
  /** Of UTF-8 text. */
  readonly base64url: (text: string) => string;
  /** Of the suite's digest of bytes or of UTF-8 text. */
  readonly digest: (content: string | Uint8Array) => string;
}

/** The host's own way to base64url, or ours. */
export function textsOf(suite: Suite): Texts {
  return (
    suite.texts ?? {
      base64url: (text) => toBase64url(utf8(text)),
      digest: (content) => toBase64url(suite.digest(typeof content === "string" ? utf8(content) : content)),
    }
  );
}

/** ECDSA on P-256 with SHA-256 (RFC 7518 §3.4): WebCrypto where the platform has it, else @noble/curves. */
export const es256: Suite = {
  name: "ES256-SHA256-KECCAK",
  alg: "ES256",
  curve: "P-256",
  digestName: "sha-256",
  digest: (bytes) => sha256(bytes),
  verifySignature: (key, message, signature) => {
    const subtle = typeof crypto === "undefined" ? undefined : crypto.subtle;
    return subtle ? verifyWithPlatform(subtle, key, message, signature) : verifyWithNoble(key, message, signature);
  },
};

type Subtle = NonNullable<NonNullable<typeof crypto>["subtle"]>;
const ECDSA_P256 = { name: "ECDSA", namedCurve: "P-256" };

async function verifyWithPlatform(subtle: Subtle, key: PublicJwk, message: Uint8Array, signature: Uint8Array) {
  try {
    const { kty, crv, x, y } = key;
    const imported = await subtle.importKey("jwk", { kty, crv, x, y }, ECDSA_P256, false, ["verify"]);
    return await subtle.verify(
      { name: "ECDSA", hash: "SHA-256" },
      imported,
      new Uint8Array(signature),
      new Uint8Array(message),
    );
  } catch {
    return false;
  }
}

/** The same answer without a platform (exported for the tests that compare both). */
export function verifyWithNoble(key: PublicJwk, message: Uint8Array, signature: Uint8Array): boolean {
  try {
    return p256.verify(signature, message, uncompressedPoint(key), { lowS: false });
  } catch {
    return false;
  }
}

/** `04 ‖ x ‖ y` of an EC key; throws when a coordinate is not 32 bytes of base64url. */
export function uncompressedPoint(key: PublicJwk): Uint8Array {
  const x = fromBase64url(key.x);
  const y = fromBase64url(key.y);
  if (x?.length !== 32 || y?.length !== 32) throw new TypeError("an EC coordinate has 32 bytes");
  return concat(Uint8Array.of(4), x, y);
}

/** JWK thumbprint (RFC 7638) under the suite's digest: what the registry keeps and `kid` carries. */
export function thumbprint(key: PublicJwk, suite: Suite = es256): Hex {
  const { crv, kty, x, y } = key;
  return toHex(suite.digest(utf8(JSON.stringify({ crv, kty, x, y }))));
}
