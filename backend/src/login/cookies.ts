import type { CookieSerializeOptions } from "@fastify/cookie";
import { z } from "zod";
import type { KeyVault } from "../departments/key-vault.ts";

/**
 * `__Host-`: only this very host can have set it, over a connection that browsers hold for safe (RFC 6265bis §4.1.3.2).
 * Not even a link from another site brings the session along (`Strict`); our pages ask once they are open.
 */
export const SESSION_COOKIE = "__Host-quanlian";
export const SESSION_COOKIE_OPTIONS: CookieSerializeOptions = {
  path: "/",
  secure: true,
  httpOnly: true,
  sameSite: "strict",
};

/** The identity provider sends the browser back across sites, so this one must come along with a link (`Lax`). */
export const ATTEMPT_COOKIE = "__Host-quanlian-login";
const ATTEMPT_SECONDS = 600;
export const ATTEMPT_COOKIE_OPTIONS: CookieSerializeOptions = {
  ...SESSION_COOKIE_OPTIONS,
  sameSite: "lax",
  maxAge: ATTEMPT_SECONDS,
};

const Attempt = z.object({
  state: z.string(),
  nonce: z.string(),
  verifier: z.string(),
  returnTo: z.string(),
  until: z.number(),
});

/** What one login must find again when the provider sends the browser back: its checks, and where it goes on. */
export type Attempt = Omit<z.infer<typeof Attempt>, "until">;

const CONTEXT = "login attempt";

/** An attempt lies in the browser that began it, sealed: any process can go on with it, and nobody else's browser. */
export function sealAttempt(vault: KeyVault, attempt: Attempt, now: number): string {
  const until = now + ATTEMPT_SECONDS * 1000;
  return vault.seal(Buffer.from(JSON.stringify({ ...attempt, until })), CONTEXT).toString("base64url");
}

/** Null when it is none of ours, or too old. */
export function openAttempt(vault: KeyVault, sealed: string | undefined, now: number): Attempt | null {
  if (sealed === undefined) return null;
  try {
    const { until, ...attempt } = Attempt.parse(
      JSON.parse(String(vault.open(Buffer.from(sealed, "base64url"), CONTEXT))),
    );
    return now < until ? attempt : null;
  } catch {
    return null;
  }
}
