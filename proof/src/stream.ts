import { ed25519 } from "@noble/curves/ed25519.js";
import { sha512 } from "@noble/hashes/sha2.js";
import { compareBytes, concat, fromHex, toHex, utf8, type Hex } from "./bytes.ts";
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
const NEUTRAL = /* @__PURE__ */ Point.ZERO.toBytes();

/**
 * What deriving a stream key takes on the curve. Points are in their 32-byte encoding, scalars have 32 bytes,
 * little-endian, below the group order. A host may give a faster one, for instance libsodium's.
 */
export interface Curve {
  /** A point of the prime-order subgroup, times a scalar. */
  multiply(scalar: Uint8Array, point: Uint8Array): Uint8Array;
  /**
   * Eight times the point that a hash encodes; null where it encodes none (RFC 8032 §5.1.3). That y is not below the
   * order of the field, which libraries judge differently, happens to one hash of 2^250.
   */
  clearCofactor(point: Uint8Array): Uint8Array | null;
}

/** The VRF public key (32 bytes) of a 32-byte secret key. */
export function vrfPublicKey(secretKey: Uint8Array): Hex {
  return toHex(ed25519.getPublicKey(secretKey));
}

/**
 * The stream key: the 32-byte pseudonym of one subject, kind and year. Derivation without a proof, for imports.
 * 8·(x·H) is computed as (8x mod q)·H, one multiplication, because H lies in the prime-order subgroup.
 */
export function streamKey(secretKey: Uint8Array, ...rest: [...Input, curve?: Curve]): Hex {
  const [subject, kind, year, curve = noble] = rest;
  const { x, publicKey } = expand(secretKey);
  const H = encodeToCurve(publicKey, alphaOf(subject, kind, year), curve);
  const beta = proofToHash(curve.multiply(Fn.toBytes(Fn.create(COFACTOR * x)), H));
  return toHex(beta.subarray(0, 32));
}

const noble: Curve = {
  multiply: (scalar, point) => Point.fromBytes(point).multiply(Fn.fromBytes(scalar)).toBytes(),
  clearCofactor: (point) => decodePoint(point)?.clearCofactor().toBytes() ?? null,
};

/** The stream key with the 80-byte proof that it is the only one this secret key can give. */
export function proveStream(secretKey: Uint8Array, ...input: Input): { streamKey: Hex; proof: Hex } {
  const { beta, pi } = prove(secretKey, alphaOf(...input));
  return { streamKey: toHex(beta.subarray(0, 32)), proof: toHex(pi) };
}

/** The stream key that the proof proves, or null when it proves nothing. */
export function verifyStream(publicKey: Hex, subject: Subject, kind: Kind, year: number, proof: Hex): Hex | null {
  const beta = verifyProof(fromHex(publicKey), alphaOf(subject, kind, year), fromHex(proof));
  return beta && toHex(beta.subarray(0, 32));
}

/** ECVRF_prove and ECVRF_proof_to_hash, RFC 9381 §5.1 and §5.2. */
export function prove(secretKey: Uint8Array, alpha: Uint8Array): { pi: Uint8Array; beta: Uint8Array } {
  const { x, publicKey, nonceKey } = expand(secretKey);
  const H = Point.fromBytes(encodeToCurve(publicKey, alpha, noble));
  const Gamma = H.multiply(x);
  const k = Fn.create(littleEndian(sha512(concat(nonceKey, H.toBytes()))));
  const c = challenge(publicKey, H, Gamma, Point.BASE.multiply(k), H.multiply(k));
  const s = Fn.create(k + littleEndian(c) * x);
  return { pi: concat(Gamma.toBytes(), c, Fn.toBytes(s)), beta: proofToHash(Gamma.multiply(COFACTOR).toBytes()) };
}

/** ECVRF_verify with key validation, RFC 9381 §5.3 and §5.4.5: beta (64 bytes), or null when the proof is not valid. */
export function verifyProof(publicKey: Uint8Array, alpha: Uint8Array, pi: Uint8Array): Uint8Array | null {
  const Y = decodePoint(publicKey);
  const Gamma = decodePoint(pi.subarray(0, 32));
  if (pi.length !== PROOF_BYTES || !Y || Y.isSmallOrder() || !Gamma) return null;
  const c = pi.subarray(32, 48);
  const s = littleEndian(pi.subarray(48));
  if (s >= Fn.ORDER) return null;
  const H = Point.fromBytes(encodeToCurve(publicKey, alpha, noble));
  const U = Point.BASE.multiplyUnsafe(s).subtract(Y.multiplyUnsafe(littleEndian(c)));
  const V = H.multiplyUnsafe(s).subtract(Gamma.multiplyUnsafe(littleEndian(c)));
  if (compareBytes(challenge(publicKey, H, Gamma, U, V), c) !== 0) return null;
  return proofToHash(Gamma.clearCofactor().toBytes());
}

/** docs/format.md §3: every part has a fixed width or its length before it, so no two inputs share an encoding. */
function alphaOf(subject: Subject, kind: Kind, year: number): Uint8Array {
  const id = utf8(subject.id);
  if (id.length > 255) throw new TypeError("a subject's id has at most 255 bytes");
  const head = Uint8Array.of(subject.type === "uscc" ? 1 : 2, id.length);
  return concat(utf8("quanlian/stream/1"), head, id, Uint8Array.of(kind, year >> 8, year & 0xff));
}

interface ExpandedKey {
  readonly secretKey: Uint8Array;
  readonly x: bigint;
  readonly nonceKey: Uint8Array;
  readonly publicKey: Uint8Array;
}

/** A key used for a whole import is expanded once; it lives as long as the caller's array, and is checked against it. */
const expanded = /* @__PURE__ */ new WeakMap<Uint8Array, ExpandedKey>();

function expand(secretKey: Uint8Array): ExpandedKey {
  const known = expanded.get(secretKey);
  if (known && compareBytes(known.secretKey, secretKey) === 0) return known;
  const { scalar, prefix, pointBytes } = ed25519.utils.getExtendedPublicKey(secretKey);
  const key = { secretKey: Uint8Array.from(secretKey), x: scalar, nonceKey: prefix, publicKey: pointBytes };
  expanded.set(secretKey, key);
  return key;
}

/** Try-and-increment, RFC 9381 §5.4.1.1. */
function encodeToCurve(salt: Uint8Array, alpha: Uint8Array, curve: Curve): Uint8Array {
  for (let counter = 0; counter < 256; counter++) {
    const hash = sha512(concat(Uint8Array.of(SUITE, ENCODE_TO_CURVE), salt, alpha, Uint8Array.of(counter, BACK)));
    const point = curve.clearCofactor(hash.subarray(0, 32));
    if (point && compareBytes(point, NEUTRAL) !== 0) return point;
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

/** Beta (RFC 9381 §5.2), given the encoding of cofactor · Gamma. */
function proofToHash(cofactorGamma: Uint8Array): Uint8Array {
  return sha512(concat(Uint8Array.of(SUITE, PROOF_TO_HASH), cofactorGamma, Uint8Array.of(BACK)));
}

function littleEndian(bytes: Uint8Array): bigint {
  return BigInt(toHex(Uint8Array.from(bytes).reverse()));
}
