import { Inject, Injectable } from "@nestjs/common";
import type { FastifyRequest } from "fastify";
import { Config } from "../config.ts";
import { Refusal } from "../http/refusal.ts";
import { SESSION_COOKIE } from "../login/cookies.ts";
import { cookieUse } from "../login/own-request.ts";
import { Sessions } from "../login/sessions.ts";
import { certificateOf, isConfirmed } from "./bound-token.ts";
import { CLAIMS, type ClaimsMapping, principalOf } from "./claims.ts";
import { Issuer } from "./issuer.ts";
import { NOBODY, type Principal } from "./roles.ts";

/** Tells who sends a request: by its token if it has one, else by the session of its cookie. */
@Injectable()
export class Identities {
  readonly #origin: string;

  constructor(
    private readonly issuer: Issuer,
    private readonly sessions: Sessions,
    private readonly config: Config,
    @Inject(CLAIMS) private readonly claims: ClaimsMapping,
  ) {
    this.#origin = new URL(config.publicUrl).origin;
  }

  /** @throws Refusal TOKEN_INVALID, CROSS_SITE_REQUEST, IDENTITY_UNAVAILABLE */
  async of(request: FastifyRequest): Promise<Principal> {
    const { authorization } = request.headers;
    return authorization === undefined ? this.#bySession(request) : this.#byToken(authorization, request);
  }

  /** A wrong token is refused even where none is needed: its bearer believes to be somebody. */
  async #byToken(authorization: string, { headers }: FastifyRequest): Promise<Principal> {
    const [, token] = /^Bearer ([\w.~+/-]+=*)$/i.exec(authorization) ?? [];
    if (token === undefined) throw new Refusal("TOKEN_INVALID");
    const claims = await this.issuer.verify(token);
    const certificate = this.config.certificateHeader ? certificateOf(headers["client-cert"]) : null;
    if (!isConfirmed(claims.cnf, certificate)) throw new Refusal("TOKEN_INVALID");
    return principalOf(claims, this.claims);
  }

  /** A session that has ended makes its bearer nobody: browsers send the cookie unasked, also for what is public. */
  async #bySession({ method, headers, cookies }: FastifyRequest): Promise<Principal> {
    const secret = cookies[SESSION_COOKIE];
    if (secret === undefined) return NOBODY;
    const use = cookieUse(method, headers, this.#origin);
    if (use === "refused") throw new Refusal("CROSS_SITE_REQUEST");
    return (use === "counts" ? await this.sessions.find(secret) : null) ?? NOBODY;
  }
}
