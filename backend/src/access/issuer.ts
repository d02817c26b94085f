import { Inject, Injectable } from "@nestjs/common";
import { createRemoteJWKSet, errors, type JWTPayload, jwtVerify, type JWTVerifyGetKey } from "jose";
import { z } from "zod";
import { Config } from "../config.ts";
import { Refusal } from "../http/refusal.ts";
import { CLAIMS, type ClaimsMapping } from "./claims.ts";
import { VerifiedTokens } from "./verified-tokens.ts";

/** Public-key signatures only: with HMAC the public key itself would be a key to sign with (RFC 8725 §2.1, §3.1). */
const ALGORITHMS = ["ES256", "ES384", "PS256", "PS384", "EdDSA", "RS256"];
const CLOCK_TOLERANCE_SECONDS = 30;
const PATIENCE_MS = 5_000;

const Metadata = z.object({ issuer: z.string(), jwks_uri: z.url({ protocol: /^https?$/ }) });

/** The provider says that a person, or one of its sessions, has logged out. */
export interface LogoutNotice {
  readonly subject: string | null;
  readonly providerSession: string | null;
  /** Unix seconds. */
  readonly saidAt: number;
}

/** What tells a notice of logout from an ID token: `events`, and no nonce; not every provider sets its `typ`. */
const LogoutClaims = z
  .object({
    iat: z.number(),
    sub: z.string().optional(),
    sid: z.string().optional(),
    nonce: z.undefined().optional(),
    events: z.object({ "http://schemas.openid.net/event/backchannel-logout": z.looseObject({}) }),
  })
  .refine(({ sub, sid }) => sub !== undefined || sid !== undefined);

/** The OpenID provider: found by discovery, asked for its keys, and the only one whose tokens count. */
@Injectable()
export class Issuer {
  #keys: Promise<JWTVerifyGetKey> | undefined;
  readonly #verified = new VerifiedTokens();

  constructor(
    private readonly config: Config,
    @Inject(CLAIMS) private readonly claims: ClaimsMapping,
  ) {}

  /**
   * The claims of an access token meant for this service (RFC 9068 §4).
   * @throws Refusal TOKEN_INVALID, IDENTITY_UNAVAILABLE
   */
  async verify(token: string): Promise<JWTPayload> {
    const known = this.#verified.find(token, Date.now());
    if (known) return known;
    const payload = await this.#verifyAnew(token);
    this.#verified.keep(token, payload, Date.now());
    return payload;
  }

  async #verifyAnew(token: string): Promise<JWTPayload & { readonly exp: number }> {
    const { oidc } = this.config;
    if (!oidc) throw new Refusal("TOKEN_INVALID");
    const keys = await this.#keysOf(oidc.issuer);
    try {
      const { payload } = await jwtVerify<{ exp: number }>(token, keys, {
        issuer: oidc.issuer,
        audience: oidc.audience,
        typ: this.claims.tokenType,
        algorithms: ALGORITHMS,
        clockTolerance: CLOCK_TOLERANCE_SECONDS,
        requiredClaims: ["sub", "exp", "iat"],
      });
      return payload;
    } catch (error) {
      throw new Refusal(isAway(error) ? "IDENTITY_UNAVAILABLE" : "TOKEN_INVALID");
    }
  }

  /**
   * Whose sessions a notice of the provider ends (OpenID Back-Channel Logout 1.0 §2.6).
   * @throws Refusal LOGOUT_INVALID, IDENTITY_UNAVAILABLE
   */
  async verifyLogout(token: string, clientId: string): Promise<LogoutNotice> {
    const { oidc } = this.config;
    if (!oidc) throw new Refusal("LOGOUT_INVALID");
    const keys = await this.#keysOf(oidc.issuer);
    try {
      const { payload } = await jwtVerify(token, keys, {
        issuer: oidc.issuer,
        audience: clientId,
        algorithms: ALGORITHMS,
        clockTolerance: CLOCK_TOLERANCE_SECONDS,
        requiredClaims: ["exp", "iat", "jti"],
      });
      const { iat, sub, sid } = LogoutClaims.parse(payload);
      return { subject: sub ?? null, providerSession: sid ?? null, saidAt: iat };
    } catch (error) {
      throw new Refusal(isAway(error) ? "IDENTITY_UNAVAILABLE" : "LOGOUT_INVALID");
    }
  }

  /** Discovered once; a discovery that failed is tried anew. */
  #keysOf(issuer: string): Promise<JWTVerifyGetKey> {
    this.#keys ??= discoverKeys(issuer).catch((error: unknown) => {
      this.#keys = undefined;
      throw error;
    });
    return this.#keys;
  }
}

/** @throws Refusal IDENTITY_UNAVAILABLE also when the metadata names another issuer (OpenID Connect Discovery §4.3) */
async function discoverKeys(issuer: string): Promise<JWTVerifyGetKey> {
  try {
    const address = `${issuer.replace(/\/$/, "")}/.well-known/openid-configuration`;
    const answer = await fetch(address, { redirect: "error", signal: AbortSignal.timeout(PATIENCE_MS) });
    const metadata = Metadata.parse(await answer.json());
    if (metadata.issuer !== issuer) throw new Error("another issuer");
    return createRemoteJWKSet(new URL(metadata.jwks_uri), { timeoutDuration: PATIENCE_MS });
  } catch {
    throw new Refusal("IDENTITY_UNAVAILABLE", { retryAfter: 5 });
  }
}

/** The provider does not answer, as against: its answer does not speak for the token. */
function isAway(error: unknown): boolean {
  if (error instanceof z.ZodError) return false;
  return (
    !(error instanceof errors.JOSEError) || error instanceof errors.JWKSTimeout || error.code === "ERR_JOSE_GENERIC"
  );
}
