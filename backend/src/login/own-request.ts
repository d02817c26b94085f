import type { IncomingHttpHeaders } from "node:http";

/** Methods that change nothing (RFC 9110 §9.2.1). */
const SAFE = new Set(["GET", "HEAD", "OPTIONS"]);

/** What a request that carries a session cookie is worth: the session, nothing, or a refusal. */
export type CookieUse = "counts" | "ignored" | "refused";

/**
 * Against cross-site request forgery: a browser attaches the cookie whoever made it send the request, so the request must
 * come from our own pages. Browsers say so in `Sec-Fetch-Site`, which no script can set; where that is missing, `Origin`
 * must be ours. A sister site or another port (`same-site`) is foreign, though `SameSite=Strict` would let its requests
 * through. What only reads is not refused but answered as to anybody.
 * @param origin of the service's own pages
 */
export function cookieUse(method: string, headers: IncomingHttpHeaders, origin: string): CookieUse {
  const site = headers["sec-fetch-site"];
  if (SAFE.has(method)) return site === undefined || site === "same-origin" || site === "none" ? "counts" : "ignored";
  const own = site === undefined ? headers.origin === origin : site === "same-origin";
  return own ? "counts" : "refused";
}
