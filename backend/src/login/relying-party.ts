import { readFile } from "node:fs/promises";
import { Injectable } from "@nestjs/common";
import { importPKCS8 } from "jose";
import * as oidc from "openid-client";
import { Config, type LoginSettings } from "../config.ts";
import { Refusal } from "../http/refusal.ts";
import type { Attempt } from "./cookies.ts";

const PATIENCE_SECONDS = 5;

type Checks = Omit<Attempt, "returnTo">;

/** This service as a client of the OpenID provider: authorization code with PKCE (RFC 9700 §2.1.1). */
@Injectable()
export class RelyingParty {
  #client: Promise<oidc.Configuration> | undefined;

  constructor(private readonly config: Config) {}

  /** Whether people can log in at all. */
  get isOffered(): boolean {
    return this.config.login !== undefined;
  }

  /** Where the browser goes to log in, and what must be found again when it comes back. @throws Refusal */
  async begin(): Promise<{ readonly address: URL; readonly checks: Checks }> {
    const client = await this.#discovered();
    const checks = { state: oidc.randomState(), nonce: oidc.randomNonce(), verifier: oidc.randomPKCECodeVerifier() };
    const address = oidc.buildAuthorizationUrl(client, {
      redirect_uri: this.#redirectUri,
      scope: this.#settings.scope,
      state: checks.state,
      nonce: checks.nonce,
      code_challenge: await oidc.calculatePKCECodeChallenge(checks.verifier),
      code_challenge_method: "S256",
    });
    return { address, checks };
  }

  /**
   * The claims of whoever logged in, out of the ID token and, where the provider has it, UserInfo. No token is kept.
   * @param query as the provider sent the browser back with; state, `iss` (RFC 9207), nonce, audience and signature are checked
   * @throws Refusal LOGIN_FAILED, IDENTITY_UNAVAILABLE
   */
  async complete(query: string, { state, nonce, verifier }: Checks): Promise<oidc.IDToken> {
    const client = await this.#discovered();
    try {
      const answer = new URL(`${this.#redirectUri}${query}`);
      const checks = { expectedState: state, expectedNonce: nonce, pkceCodeVerifier: verifier };
      const tokens = await oidc.authorizationCodeGrant(client, answer, checks);
      const claims = tokens.claims()!;
      if (!client.serverMetadata().userinfo_endpoint) return claims;
      return { ...(await oidc.fetchUserInfo(client, tokens.access_token, claims.sub)), ...claims };
    } catch (error) {
      throw isAway(error) ? new Refusal("IDENTITY_UNAVAILABLE", { retryAfter: 5 }) : new Refusal("LOGIN_FAILED");
    }
  }

  /** Where the browser logs out of the provider as well (OpenID RP-Initiated Logout §2); null where it has no such place. */
  async endSessionAddress(): Promise<string | null> {
    if (!this.isOffered) return null;
    const client = await this.#discovered().catch(() => null);
    if (!client?.serverMetadata().end_session_endpoint) return null;
    return oidc.buildEndSessionUrl(client, { post_logout_redirect_uri: `${this.config.publicUrl}/` }).href;
  }

  get #settings(): LoginSettings {
    if (!this.config.login) throw new Refusal("LOGIN_NOT_OFFERED");
    return this.config.login;
  }

  get #redirectUri(): string {
    return `${this.config.publicUrl}/auth/callback`;
  }

  /** Discovered once; a discovery that failed is tried anew. @throws Refusal LOGIN_NOT_OFFERED, IDENTITY_UNAVAILABLE */
  #discovered(): Promise<oidc.Configuration> {
    const settings = this.#settings;
    this.#client ??= discover(settings).catch(() => {
      this.#client = undefined;
      throw new Refusal("IDENTITY_UNAVAILABLE", { retryAfter: 5 });
    });
    return this.#client;
  }
}

/** The provider's issuer must be the one that was asked for; ID tokens are believed by their signature alone. */
async function discover({ issuer, clientId, proof }: LoginSettings): Promise<oidc.Configuration> {
  const authentication =
    "secret" in proof
      ? oidc.ClientSecretBasic(proof.secret)
      : oidc.PrivateKeyJwt(await importPKCS8(await readFile(proof.keyFile, "utf8"), "ES256"));
  const execute = [oidc.enableNonRepudiationChecks];
  // eslint-disable-next-line @typescript-eslint/no-deprecated -- http is only let through for a provider on this machine (config.ts)
  if (issuer.startsWith("http:")) execute.push(oidc.allowInsecureRequests);
  return oidc.discovery(new URL(issuer), clientId, {}, authentication, { execute, timeout: PATIENCE_SECONDS });
}

/** The provider does not answer, as against: its answer is no login. */
function isAway(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const { cause } = error;
  return error.message === "fetch failed" || (cause instanceof Error && /^(TimeoutError|AbortError)$/.test(cause.name));
}
