import { base64urlOfEach, fromBase64url, fromHex, toBase64url, toHex, utf8, type Hex } from "./bytes.ts";
import { MAX_DEPTH, readJson, type Json } from "./json.ts";
import { es256, textsOf, thumbprint, type Suite } from "./suite.ts";
import {
  dayOf,
  isClaimName,
  isDepartment,
  isSubject,
  isUnixTime,
  isYear,
  kindOf,
  yearOf,
  type Kind,
  type PublicJwk,
} from "./words.ts";

/** What a department is about to sign. */
export interface StatementDraft {
  /** For example `enforcement.penalty/1`. */
  readonly type: string;
  /** The department's unified social credit code. */
  readonly department: string;
  /** Unix seconds. */
  readonly signedAt: number;
  /** Calendar year of `eventTime` in China time. */
  readonly year: number;
  /** The content: every claim that this record has. */
  readonly fields: Readonly<Record<string, Json>>;
  /** Every claim that the type knows: those absent from `fields` become decoys. */
  readonly fieldNames: readonly string[];
}

export interface Signer {
  readonly publicJwk: PublicJwk;
  /** 64 bytes r ‖ s over the message (which the signer hashes itself). Synchronous, for speed. */
  sign(message: Uint8Array): Uint8Array;
  /** ES256 unless said otherwise. */
  readonly suite?: Suite;
}

export interface Disclosure {
  readonly name: string;
  readonly value: Json;
  readonly digest: string;
  /** The base64url text as it stands in the statement. */
  readonly text: string;
}

export interface StatementPayload {
  readonly iss: string;
  readonly iat: number;
  readonly vct: string;
  readonly year: number;
  readonly _sd_alg: string;
  readonly _sd: readonly string[];
}

export interface Statement {
  readonly ok: true;
  readonly header: { readonly alg: string; readonly typ: string; readonly kid: string };
  readonly payload: StatementPayload;
  readonly type: string;
  readonly kind: Kind;
  /** The disclosed claims by name. */
  readonly fields: Readonly<Record<string, Json>>;
  readonly disclosures: readonly Disclosure[];
  /** The ASCII before the first `~`. */
  readonly issuerJwt: string;
  readonly recordHash: Hex;
}

export interface BadStatement {
  readonly ok: false;
  readonly code: "STATEMENT_MALFORMED" | "FIELD_ALTERED" | "NOT_CANONICAL" | "SUITE_MISMATCH" | "YEAR_MISMATCH";
  /** The claim in question, when one can be named. */
  readonly field?: string;
  readonly problem: string;
}

const TYP = "quanlian-statement+sd-jwt";
const VCT = "urn:quanlian:";
const SALT_BYTES = 16;
const DIGEST = /^[A-Za-z0-9_-]{43}$/;
const SALT = /^[A-Za-z0-9_-]{22}$/;
const MAX_FIELDS = 512;
const MAX_LENGTH = 1 << 20;

/**
 * Signs a record as an SD-JWT (RFC 9901) in the profile of docs/format.md §2: one selectively disclosable claim per
 * field, decoys for the fields that the type knows but this record lacks, digests sorted so that their order tells nothing.
 *
 * @returns the statement with all disclosures in canonical order, and its record hash.
 * @throws TypeError when the draft is not a statement that {@link readStatement} would accept.
 */
export function issueStatement(
  draft: StatementDraft,
  signer: Signer,
  randomBytes: (length: number) => Uint8Array,
): { statement: string; recordHash: Hex } {
  const suite = signer.suite ?? es256;
  checkDraft(draft);
  const { base64url, digest } = textsOf(suite);
  const { fields, fieldNames } = draft;
  const salts = randomBytes(SALT_BYTES * fieldNames.length);
  const saltTexts = base64urlOfEach(salts, SALT_BYTES);
  const disclosures = new Map<string, string | null>();
  fieldNames.forEach((name, i) => {
    const isThere = Object.hasOwn(fields, name);
    const disclosure = isThere ? base64url(JSON.stringify([saltTexts[i], name, fields[name]])) : null;
    disclosures.set(digest(disclosure ?? salts.subarray(i * SALT_BYTES, (i + 1) * SALT_BYTES)), disclosure);
  });
  const _sd = [...disclosures.keys()].sort();
  const issuerJwt = signJwt(draft, _sd, signer, suite);
  const shown = _sd.flatMap((one) => disclosures.get(one) ?? []);
  const recordHash = toHex(suite.digest(utf8(issuerJwt)));
  return { statement: [issuerJwt, ...shown, ""].join("~"), recordHash };
}

function signJwt(draft: StatementDraft, _sd: string[], signer: Signer, suite: Suite): string {
  const { department: iss, signedAt: iat, year } = draft;
  const payload = { iss, iat, vct: VCT + draft.type, year, _sd_alg: suite.digestName, _sd };
  const signed = `${headerOf(signer, suite)}.${textsOf(suite).base64url(JSON.stringify(payload))}`;
  return `${signed}.${toBase64url(signer.sign(utf8(signed)))}`;
}

const headers = new WeakMap<Signer, string>();

/** Made once for each signer: the thumbprint costs more than the rest of the statement's text. */
function headerOf(signer: Signer, suite: Suite): string {
  const known = headers.get(signer);
  if (known !== undefined) return known;
  const kid = toBase64url(fromHex(thumbprint(signer.publicJwk, suite)));
  const header = textsOf(suite).base64url(JSON.stringify({ alg: suite.alg, typ: TYP, kid }));
  headers.set(signer, header);
  return header;
}

function checkDraft(draft: StatementDraft): void {
  const { type, department, signedAt, year, fields, fieldNames } = draft;
  if (kindOf(type) === null) throw new TypeError(`not a record type: ${type}`);
  if (!isDepartment(department)) throw new TypeError(`not a department code: ${draft.department}`);
  if (!isUnixTime(signedAt)) throw new TypeError("signedAt is in whole Unix seconds");
  if (!isYear(year)) throw new TypeError(`not a year: ${draft.year}`);
  if (
    fieldNames.length > MAX_FIELDS ||
    new Set(fieldNames).size !== fieldNames.length ||
    !fieldNames.every(isClaimName)
  )
    throw new TypeError(`fieldNames are at most ${MAX_FIELDS} different claim names`);
  for (const [name, value] of Object.entries(fields)) {
    if (!fieldNames.includes(name)) throw new TypeError(`the type does not know the claim ${name}`);
    checkValue(name, value, 1);
  }
  const problem = commonClaimProblem(fields, year);
  if (problem) throw new TypeError(`${problem.field}: ${problem.problem}`);
}

function checkValue(name: string, value: Json, depth: number): void {
  if (value === null || typeof value === "boolean") return;
  if (typeof value === "string") {
    if (!value.isWellFormed()) throw new TypeError(`claim ${name} has half a surrogate pair`);
  } else if (typeof value === "number") {
    if (!Number.isSafeInteger(value) || Object.is(value, -0))
      throw new TypeError(`claim ${name} is not an exact integer`);
  } else if (typeof value === "object") {
    if (depth >= MAX_DEPTH) throw new TypeError(`claim ${name} is nested too deeply`);
    if (Object.hasOwn(value, "__proto__")) throw new TypeError(`claim ${name} has a forbidden key`);
    for (const part of Object.values(value)) checkValue(name, part, depth + 1);
  } else throw new TypeError(`claim ${name} is not JSON`);
}

/**
 * Reads a statement strictly (RFC 9901 §7.1 steps 1–5 and the profile); the signature is checked by `verify`.
 * Each disclosure must match a digest that the department signed: an altered field is named.
 */
export function readStatement(text: string, suite: Suite = es256): Statement | BadStatement {
  if (text.length > MAX_LENGTH) return bad("STATEMENT_MALFORMED", "longer than 1 MiB");
  const [issuerJwt = "", ...rest] = text.split("~");
  if (rest.pop() !== "") return bad("STATEMENT_MALFORMED", "does not end with ~");
  if (rest.length > MAX_FIELDS) return bad("STATEMENT_MALFORMED", "too many disclosures");
  const jwt = readIssuerJwt(issuerJwt, suite);
  if ("code" in jwt) return jwt;
  const disclosures = readDisclosures(rest, jwt.payload._sd, suite);
  if ("code" in disclosures) return disclosures;
  const fields = Object.fromEntries(disclosures.map(({ name, value }) => [name, value]));
  const problem = commonClaimProblem(fields, jwt.payload.year);
  if (problem) return problem;
  return { ok: true, ...jwt, fields, disclosures, issuerJwt, recordHash: toHex(suite.digest(utf8(issuerJwt))) };
}

function bad(code: BadStatement["code"], problem: string, field?: string): BadStatement {
  return field === undefined ? { ok: false, code, problem } : { ok: false, code, problem, field };
}

function readIssuerJwt(
  issuerJwt: string,
  suite: Suite,
): Pick<Statement, "header" | "payload" | "type" | "kind"> | BadStatement {
  const parts = issuerJwt.split(".");
  if (parts.length !== 3) return bad("STATEMENT_MALFORMED", "the issuer JWT has three parts");
  const [header, payload] = parts.slice(0, 2).map(decodeObject);
  if (fromBase64url(parts[2]!)?.length !== 64) return bad("STATEMENT_MALFORMED", "the signature has 64 bytes");
  if (!header || !hasExactly(header, ["alg", "typ", "kid"])) return bad("STATEMENT_MALFORMED", "header members");
  if (!payload || !hasExactly(payload, ["iss", "iat", "vct", "year", "_sd_alg", "_sd"]))
    return bad("STATEMENT_MALFORMED", "payload members");
  if (header.alg !== suite.alg || payload._sd_alg !== suite.digestName)
    return bad("SUITE_MISMATCH", "alg and _sd_alg are not those of the suite");
  if (header.typ !== TYP || typeof header.kid !== "string" || !DIGEST.test(header.kid))
    return bad("STATEMENT_MALFORMED", "header values");
  return readPayload(header as Statement["header"], payload);
}

function readPayload(
  header: Statement["header"],
  payload: Record<string, Json>,
): Pick<Statement, "header" | "payload" | "type" | "kind"> | BadStatement {
  const { iss, iat, vct, year, _sd } = payload;
  const type = typeof vct === "string" && vct.startsWith(VCT) ? vct.slice(VCT.length) : "";
  const kind = kindOf(type);
  if (!isDepartment(iss) || !isUnixTime(iat) || kind === null || !isYear(year))
    return bad("STATEMENT_MALFORMED", "payload values");
  if (
    !Array.isArray(_sd) ||
    _sd.length > MAX_FIELDS ||
    !_sd.every((digest) => typeof digest === "string" && DIGEST.test(digest))
  )
    return bad("STATEMENT_MALFORMED", "_sd values");
  if (!isStrictlyAscending(_sd as string[])) return bad("NOT_CANONICAL", "_sd is not sorted");
  return { header, payload: payload as unknown as StatementPayload, type, kind };
}

function readDisclosures(texts: string[], digests: readonly string[], suite: Suite): Disclosure[] | BadStatement {
  const disclosures: Disclosure[] = [];
  const [signed, names, digestOf] = [new Set(digests), new Set<string>(), textsOf(suite).digest];
  for (const text of texts) {
    const triple = decodeJson(text);
    if (!isTriple(triple)) return bad("STATEMENT_MALFORMED", "a disclosure is [salt, name, value]");
    const [, name, value] = triple;
    const digest = digestOf(text);
    if (!signed.has(digest)) return bad("FIELD_ALTERED", "the department did not sign this value", name);
    if (names.has(name)) return bad("NOT_CANONICAL", "a claim is disclosed twice", name);
    names.add(name);
    disclosures.push({ name, value, digest, text });
  }
  if (!isStrictlyAscending(disclosures.map(({ digest }) => digest)))
    return bad("NOT_CANONICAL", "disclosures are not in the order of their digests");
  return disclosures;
}

/** The claims that every type has, as far as they are present: what they must look like, and `eventTime` within `year`. */
function commonClaimProblem(fields: Readonly<Record<string, Json>>, year: number): BadStatement | null {
  const { subject, eventTime } = fields;
  if (subject !== undefined && !isSubject(subject)) return bad("STATEMENT_MALFORMED", "not a subject", "subject");
  if (eventTime === undefined) return null;
  const day = dayOf(eventTime);
  if (day === null) return bad("STATEMENT_MALFORMED", "not a day or instant in China time", "eventTime");
  return yearOf(day) === year ? null : bad("YEAR_MISMATCH", `eventTime is not in ${year}`, "eventTime");
}

function decodeJson(text: string): Json | undefined {
  const bytes = fromBase64url(text);
  const read = bytes && readJson(bytes);
  return read?.ok ? read.value : undefined;
}

function decodeObject(text: string): Record<string, Json> | null {
  const value = decodeJson(text);
  return typeof value === "object" && value !== null && !Array.isArray(value) ? value : null;
}

function isTriple(value: Json | undefined): value is [string, string, Json] {
  if (!Array.isArray(value) || value.length !== 3) return false;
  const [salt, name] = value;
  return typeof salt === "string" && SALT.test(salt) && isClaimName(name);
}

function hasExactly(object: Record<string, Json>, members: string[]): boolean {
  return Object.keys(object).length === members.length && members.every((member) => Object.hasOwn(object, member));
}

function isStrictlyAscending(texts: readonly string[]): boolean {
  return texts.every((text, i) => i === 0 || texts[i - 1]! < text);
}

/**
 * The statement with only the named claims disclosed; names that it does not disclose are ignored.
 * @throws TypeError when the text is not a canonical statement.
 */
export function presentStatement(statement: string, names: readonly string[], suite: Suite = es256): string {
  const read = readStatement(statement, suite);
  if (!read.ok) throw new TypeError(`${read.code}: ${read.problem}`);
  const shown = read.disclosures.filter(({ name }) => names.includes(name));
  return [read.issuerJwt, ...shown.map(({ text }) => text), ""].join("~");
}

/** The suite's digest of the issuer JWT (ASCII): what is anchored. Disclosing fewer fields does not change it. */
export function recordHash(statement: string, suite: Suite = es256): Hex {
  return toHex(suite.digest(utf8(statement.slice(0, statement.indexOf("~")))));
}
