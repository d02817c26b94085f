import { hash } from "node:crypto";
import type { JWTPayload } from "jose";

/** How long a token counts without being verified again, in milliseconds: no longer does a key that the issuer withdraws. */
const KEPT_MS = 60_000;
const MOST = 4_096;

interface Verified {
  readonly payload: JWTPayload;
  /** By the clock of `now`. */
  readonly until: number;
}

/**
 * Tokens that were verified a moment ago, by their digests: a system that sends a thousand requests a second with one
 * token costs one check of its signature a minute. Bounded; the oldest goes first.
 */
export class VerifiedTokens {
  readonly #known = new Map<string, Verified>();

  /** @param now Unix milliseconds */
  find(token: string, now: number): JWTPayload | undefined {
    const known = this.#known.get(nameOf(token));
    return known && now < known.until ? known.payload : undefined;
  }

  /** @param payload with `exp`, beyond which it is not kept */
  keep(token: string, payload: JWTPayload & { readonly exp: number }, now: number): void {
    const name = nameOf(token);
    this.#known.delete(name);
    this.#known.set(name, { payload, until: Math.min(now + KEPT_MS, payload.exp * 1000) });
    if (this.#known.size > MOST) this.#known.delete(this.#known.keys().next().value!);
  }
}

function nameOf(token: string): string {
  return hash("sha256", token, "base64url");
}
