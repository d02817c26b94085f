import type { FastifyReply } from "fastify";
import type { Config } from "../config.ts";

/** Nothing but our own files, no inline script, no frame around us, no text that becomes markup. */
const PAGE_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
];

/** An answer of the API is no page: a browser that is made to show one loads and runs nothing. */
const API_POLICY = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/** Only what reads a QR code; the rest of the machine is none of our pages' business. */
const PERMISSIONS = ["camera=(self)", "geolocation=()", "microphone=()", "payment=()", "usb=()"].join(", ");

const YEAR_SECONDS = 31_536_000;

/** Policy of the pages. A form may lead to the identity provider, for logging in and out, and nowhere else. */
export function pagePolicy(issuer?: string): string {
  const forms = issuer === undefined ? "'self'" : `'self' ${new URL(issuer).origin}`;
  return [...PAGE_POLICY, `form-action ${forms}`].join("; ");
}

/**
 * Sets the headers of every answer, also of refusals and files. What says nothing else is kept by no cache: an answer to
 * one reader must not lie there for the next.
 */
export function securityHeaders({ publicUrl, oidc }: Config): (reply: FastifyReply) => void {
  const pages = pagePolicy(oidc?.issuer);
  const always = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "permissions-policy": PERMISSIONS,
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    ...(publicUrl.startsWith("https:") && { "strict-transport-security": `max-age=${YEAR_SECONDS}` }),
  };
  return (reply) => {
    const isPage = String(reply.getHeader("content-type")).startsWith("text/html");
    void reply.headers(always);
    // "Not modified" has no type; its headers take the place of those that the browser keeps (RFC 9111 §3.2).
    if (reply.statusCode !== 304) void reply.header("content-security-policy", isPage ? pages : API_POLICY);
    if (!reply.hasHeader("cache-control")) void reply.header("cache-control", "no-store");
  };
}
