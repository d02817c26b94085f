import { createHash } from "node:crypto";

/** The DER bytes of a certificate out of a `Client-Cert` header (RFC 9440 §2.2); null where there is none. */
export function certificateOf(header: string | string[] | undefined): Buffer | null {
  const [, encoded] = /^:([A-Za-z0-9+/]+={0,2}):$/.exec(String(header)) ?? [];
  return encoded === undefined ? null : Buffer.from(encoded, "base64");
}

/**
 * Whether the bearer of a token may use it. A token bound to a key (`cnf`) was meant for its holder alone: it counts only
 * with the certificate that it names (RFC 8705 §3), and never where the binding is of a kind that cannot be checked here.
 * @param cnf the token's claim of that name
 * @param certificate DER, with which the client connected; null where none is known
 */
export function isConfirmed(cnf: unknown, certificate: Uint8Array | null): boolean {
  if (cnf === undefined) return true;
  if (certificate === null || typeof cnf !== "object" || cnf === null) return false;
  const thumbprint = createHash("sha256").update(certificate).digest("base64url");
  return Object.keys(cnf).length === 1 && (cnf as Record<string, unknown>)["x5t#S256"] === thumbprint;
}
