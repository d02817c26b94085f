import { createHash } from "node:crypto";
import { thumbprint, type Json, type Signer } from "@quanlian/proof";
import type { Department, Issued } from "../../proof/testing/world.ts";

/** A signed SD-JWT in which anything may be wrong: header and payload are objects or, to be more wrong still, JSON texts. */
export interface Forgery {
  readonly header?: Record<string, Json> | string;
  readonly payload?: Record<string, Json> | string;
  /** Texts or `[salt, name, value]`; by default their digests go into `_sd`, sorted. */
  readonly disclosures?: readonly (string | readonly Json[])[];
  readonly signature?: string;
}

const SALT = "AAECAwQFBgcICQoLDA0ODw";

export function encode(value: Json | string): string {
  return Buffer.from(typeof value === "string" ? value : JSON.stringify(value)).toString("base64url");
}

export function digestOf(disclosure: string): string {
  return createHash("sha256").update(disclosure).digest("base64url");
}

/** A disclosure with a fixed salt. */
export function disclose(name: string, value: Json): readonly Json[] {
  return [SALT, name, value];
}

/** `null` members are left out. */
function without(members: Record<string, Json>): Record<string, Json> {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== null));
}

export function forgeStatement(
  department: Department,
  { header, payload, disclosures = [], signature }: Forgery,
): string {
  const texts = disclosures.map((part) => (typeof part === "string" ? part : encode(part as Json)));
  const usual = { alg: "ES256", typ: "quanlian-statement+sd-jwt", kid: kidOf(department.signer) };
  const body = {
    iss: department.code,
    iat: 1_790_000_000,
    vct: "urn:quanlian:enforcement.penalty/1",
    year: 2026,
    _sd_alg: "sha-256",
    _sd: texts.map(digestOf).sort(),
  };
  const parts = [
    encode(typeof header === "string" ? header : without({ ...usual, ...header })),
    encode(typeof payload === "string" ? payload : without({ ...body, ...payload })),
  ];
  const signed = parts.join(".");
  const bytes = department.signer.sign(Buffer.from(signed));
  const sorted = typeof payload === "object" ? texts : [...texts].sort((a, b) => (digestOf(a) < digestOf(b) ? -1 : 1));
  return [`${signed}.${signature ?? Buffer.from(bytes).toString("base64url")}`, ...sorted, ""].join("~");
}

export function kidOf(signer: Signer): string {
  return Buffer.from(thumbprint(signer.publicJwk).slice(2), "hex").toString("base64url");
}

/** A forged statement as if its department had kept it, so that it can be anchored. */
export function asIssued(department: Department, like: Issued, statement: string): Issued {
  const recordHash = createHash("sha256").update(statement.split("~")[0]!).digest("hex");
  return { ...like, department, statement, recordHash: `0x${recordHash}` };
}
