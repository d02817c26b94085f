import { ed25519 } from "@noble/curves/ed25519.js";
import { sha512 } from "@noble/hashes/sha2.js";
import { concat, fromHex, toHex, utf8, type Hex } from "./bytes.ts";
import type { Kind, Subject } from "./words.ts";

// ECVRF-EDWARDS25519-SHA512-TAI, RFC 9381 §5 with the suite of §5.5 (suite_string 0x03). Names follow the RFC.

const { Point } = ed25519;
const { Fn } = Point;
type Point = InstanceType<typeof Point>;
type Input = [subject: Subject, kind: Kind, year: number];

const SUITE = 0x03;
const ENCODE_TO_CURVE = 0x01;
const CHALLENGE = 0x02;
const PROOF_TO_HASH = 0x03;
const BACK = 0x00;
const COFACTOR = 8n;
const PROOF_BYTES = 80;

/**
 * Multiplies a point of the prime-order subgroup (32-byte encoding) by a scalar (32 bytes, little-endian, below the
 * group order). A host may give a faster one, for instance libsodium's `crypto_scalarmult_ed25519_noclamp`.
 */
export type Multiply = (scalar: Uint8Array, point: Uint8Array) => Uint8Array;

/** The VRF public key (32 bytes) of a 32-byte secret key. */
export function vrfPublicKey(secretKey: Uint8Array): Hex {
  return toHex(ed25519.getPublicKey(secretKey));
}

/**
 * The stream key: the 32-byte pseudonym of one subject, kind and year. Derivation without a proof, for imports.
 * 8·(x·H) is computed as (8x mod q)·H, one multiplication, because H lies in the prime-order subgroup.
 */
export function streamKey(secretKey: Uint8Array, ...rest: [...Input, multiply?: Multiply]): Hex {
  const [subject, kind, year, multiply = multiplyWithNoble] = rest;
  const { x, publicKey } = expand(secretKey);
  const H = encodeToCurve(publicKey, alphaOf(subject, kind, year));
  return keyOf(multiply(Fn.toBytes(Fn.create(COFACTOR * x)), H.toBytes()));
}

function multiplyWithNoble(scalar: Uint8Array, point: Uint8Array): Uint8Array {
  return Point.fromBytes(point).multiply(Fn.fromBytes(scalar)).toBytes();
}

/** The stream key with the 80-byte proof that it is the only one this secret key can give (RFC 9381 §5.1). */
export function proveStream(secretKey: Uint8Array, ...input: Input): { streamKey: Hex; proof: Hex } {
  const { x, publicKey, nonceKey } = expand(secretKey);
  const H = encodeToCurve(publicKey, alphaOf(...input));
  const Gamma = H.multiply(x);
  const k = Fn.create(littleEndian(sha512(concat(nonceKey, H.toBytes()))));
  const c = challenge(publicKey, H, Gamma, Point.BASE.multiply(k), H.multiply(k));
  const s = Fn.create(k + littleEndian(c) * x);
  const proof = toHex(concat(Gamma.toBytes(), c, Fn.toBytes(s)));
  return { streamKey: keyOf(Gamma.multiply(COFACTOR).toBytes()), proof };
}

/** The stream key that the proof proves (RFC 9381 §5.3, with key validation §5.4.5), or null when it proves nothing. */
export function verifyStream(publicKey: Hex, subject: Subject, kind: Kind, year: number, proof: Hex): Hex | null {
  try {
    return provenKey(fromHex(publicKey), alphaOf(subject, kind, year), fromHex(proof));
  } catch {
    return null; // a byte string that encodes no point or no scalar
  }
}

function provenKey(publicKey: Uint8Array, alpha: Uint8Array, proof: Uint8Array): Hex | null {
  if (proof.length !== PROOF_BYTES) return null;
  const Y = Point.fromBytes(publicKey);
  if (Y.isSmallOrder()) return null;
  const Gamma = Point.fromBytes(proof.subarray(0, 32));
  const c = proof.subarray(32, 48);
  const s = Fn.fromBytes(proof.subarray(48));
  const H = encodeToCurve(publicKey, alpha);
  const minusC = Fn.neg(littleEndian(c));
  const U = Point.BASE.multiplyUnsafe(s).add(Y.multiplyUnsafe(minusC));
  const V = H.multiplyUnsafe(s).subtract(Gamma.multiplyUnsafe(littleEndian(c)));
  if (toHex(challenge(publicKey, H, Gamma, U, V)) !== toHex(c)) return null;
  return keyOf(Gamma.clearCofactor().toBytes());
}

/** docs/format.md §3: every part has a fixed width or its length before it, so no two inputs share an encoding. */
function alphaOf(subject: Subject, kind: Kind, year: number): Uint8Array {
  const id = utf8(subject.id);
  if (id.length > 255) throw new TypeError("a subject's id has at most 255 bytes");
  const head = Uint8Array.of(subject.type === "uscc" ? 1 : 2, id.length);
  return concat(utf8("quanlian/stream/1"), head, id, Uint8Array.of(kind, year >> 8, year & 0xff));
}

function expand(secretKey: Uint8Array) {
  const { scalar, prefix, pointBytes } = ed25519.utils.getExtendedPublicKey(secretKey);
  return { x: scalar, nonceKey: prefix, publicKey: pointBytes };
}

/** Try-and-increment, RFC 9381 §5.4.1.1. */
function encodeToCurve(salt: Uint8Array, alpha: Uint8Array): Point {
  for (let counter = 0; counter < 256; counter++) {
    const hash = sha512(concat(Uint8Array.of(SUITE, ENCODE_TO_CURVE), salt, alpha, Uint8Array.of(counter, BACK)));
    const point = decodePoint(hash.subarray(0, 32))?.clearCofactor();
    if (point && !point.is0()) return point;
  }
  throw new Error("no point within 256 tries (probability 2^-256)");
}

function decodePoint(bytes: Uint8Array): Point | null {
  try {
    return Point.fromBytes(bytes);
  } catch {
    return null;
  }
}

/** RFC 9381 §5.4.3: the first 16 bytes, read as a little-endian number. */
function challenge(publicKey: Uint8Array, ...points: Point[]): Uint8Array {
  const encoded = points.map((point) => point.toBytes());
  const hash = sha512(concat(Uint8Array.of(SUITE, CHALLENGE), publicKey, ...encoded, Uint8Array.of(BACK)));
  return hash.subarray(0, 16);
}

/** The first 32 bytes of beta (RFC 9381 §5.2), given the encoding of cofactor · Gamma. */
function keyOf(cofactorGamma: Uint8Array): Hex {
  const beta = sha512(concat(Uint8Array.of(SUITE, PROOF_TO_HASH), cofactorGamma, Uint8Array.of(BACK)));
  return toHex(beta.subarray(0, 32));
}

function littleEndian(bytes: Uint8Array): bigint {
  return BigInt(toHex(Uint8Array.from(bytes).reverse()));
}
