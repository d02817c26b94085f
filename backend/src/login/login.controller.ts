import { Controller, Get, HttpCode, Inject, Logger, Post, Query, Req, Res } from "@nestjs/common";
import { RouteConfig } from "@nestjs/platform-fastify";
import { ApiBody, ApiConsumes, ApiNoContentResponse, ApiOkResponse, ApiResponse, ApiTags } from "@nestjs/swagger";
import type { FastifyReply, FastifyRequest } from "fastify";
import { z } from "zod";
import { type Access, AccessOf } from "../access/access.ts";
import { Allow } from "../access/allow.ts";
import { CLAIMS, type ClaimsMapping, principalOf } from "../access/claims.ts";
import { Issuer } from "../access/issuer.ts";
import { Config } from "../config.ts";
import { KeyVault } from "../departments/key-vault.ts";
import { ApiProblems } from "../http/api-problems.ts";
import type { BodyConfig } from "../http/body-parsers.ts";
import { Refusal } from "../http/refusal.ts";
import * as cookies from "./cookies.ts";
import { RelyingParty } from "./relying-party.ts";
import { placeOnThisSite } from "./return-to.ts";
import { Sessions } from "./sessions.ts";

const LoginQuery = z.object({
  returnTo: z
    .string()
    .max(1_024)
    .optional()
    .meta({ description: "A path on this site; whatever else it is, the first page is meant" }),
});

export const LogoutAnswer = z
  .object({
    providerLogout: z
      .url()
      .nullable()
      .meta({ description: "Where to send the browser to log out of the identity provider as well" }),
  })
  .meta({ id: "LoggedOut" });
type LogoutAnswer = z.infer<typeof LogoutAnswer>;

const LogoutForm = z.object({ logout_token: z.string() });

/** People log in and out. Departments' systems send tokens instead. */
@ApiTags("login")
@Controller("auth")
export class LoginController {
  readonly #log = new Logger(LoginController.name);

  constructor(
    private readonly provider: RelyingParty,
    private readonly sessions: Sessions,
    private readonly issuer: Issuer,
    private readonly vault: KeyVault,
    private readonly config: Config,
    @Inject(CLAIMS) private readonly claims: ClaimsMapping,
  ) {}

  /** Sends the browser to the identity provider. */
  @Get("login")
  @Allow("login.use")
  @ApiResponse({ status: 303, description: "To the identity provider" })
  @ApiProblems("INVALID_PARAMETER", "LOGIN_NOT_OFFERED", "IDENTITY_UNAVAILABLE")
  async begin(@Query({ schema: LoginQuery }) { returnTo }: z.infer<typeof LoginQuery>, @Res() reply: FastifyReply) {
    const { address, checks } = await this.provider.begin();
    const attempt = { ...checks, returnTo: placeOnThisSite(returnTo) };
    const sealed = cookies.sealAttempt(this.vault, attempt, Date.now());
    return reply
      .setCookie(cookies.ATTEMPT_COOKIE, sealed, cookies.ATTEMPT_COOKIE_OPTIONS)
      .header("cache-control", "no-store")
      .redirect(address.href, 303);
  }

  /** Where the identity provider sends the browser back: a session begins, or the page says that it failed. */
  @Get("callback")
  @Allow("login.use")
  @ApiResponse({ status: 303, description: "To where the login was begun, or to `/me.html#login=CODE` when it failed" })
  async complete(@Req() request: FastifyRequest, @Res() reply: FastifyReply) {
    reply.clearCookie(cookies.ATTEMPT_COOKIE, cookies.ATTEMPT_COOKIE_OPTIONS).header("cache-control", "no-store");
    try {
      const { secret, returnTo } = await this.#begun(request);
      return await reply
        .setCookie(cookies.SESSION_COOKIE, secret, cookies.SESSION_COOKIE_OPTIONS)
        .redirect(`${this.config.publicUrl}${returnTo}`, 303);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      this.#log.warn({ code: error.code }, "login refused");
      return reply.redirect(`${this.config.publicUrl}/me.html#login=${error.code}`, 303);
    }
  }

  /** Ends this session. */
  @Post("logout")
  @Allow("login.use")
  @HttpCode(200)
  @ApiOkResponse({ standardSchema: LogoutAnswer })
  async logout(@AccessOf() access: Access, @Res({ passthrough: true }) reply: FastifyReply): Promise<LogoutAnswer> {
    const { session } = access.principal;
    if (session) await this.sessions.end(session.id);
    return this.#loggedOut(reply);
  }

  /** Ends every session of this person, wherever it is. */
  @Post("logout-everywhere")
  @Allow("session.end", "handler")
  @HttpCode(200)
  @ApiOkResponse({ standardSchema: LogoutAnswer })
  async logoutEverywhere(
    @AccessOf() access: Access,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<LogoutAnswer> {
    await this.sessions.endAllOf(access.self());
    return this.#loggedOut(reply);
  }

  /** The identity provider says that somebody has logged out there (OpenID Back-Channel Logout 1.0 §2.5). */
  @Post("backchannel-logout")
  @RouteConfig({ form: true, bodyLimit: 64 * 1024 } satisfies BodyConfig)
  @Allow("login.use")
  @HttpCode(204)
  @ApiConsumes("application/x-www-form-urlencoded")
  @ApiBody({ schema: { type: "object", required: ["logout_token"], properties: { logout_token: { type: "string" } } } })
  @ApiNoContentResponse({ description: "The sessions have ended" })
  @ApiProblems("LOGOUT_INVALID", "LOGIN_NOT_OFFERED", "TOO_LARGE", "UNSUPPORTED_MEDIA_TYPE")
  async loggedOutThere(
    @Req() { body }: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<void> {
    if (!this.config.login) throw new Refusal("LOGIN_NOT_OFFERED");
    const form = LogoutForm.safeParse(body);
    if (!form.success) throw new Refusal("LOGOUT_INVALID");
    const notice = await this.issuer.verifyLogout(form.data.logout_token, this.config.login.clientId);
    await this.sessions.endByProvider(notice);
    void reply.header("cache-control", "no-store");
  }

  /** A login that came back from the provider to the browser that began it. @throws Refusal */
  async #begun({ url, cookies: sent }: FastifyRequest): Promise<{ secret: string; returnTo: string }> {
    const attempt = cookies.openAttempt(this.vault, sent[cookies.ATTEMPT_COOKIE], Date.now());
    if (!attempt) throw new Refusal("LOGIN_FAILED");
    const query = url.includes("?") ? url.slice(url.indexOf("?")) : "";
    const claims = await this.provider.complete(query, attempt);
    const before = sent[cookies.SESSION_COOKIE];
    if (before !== undefined) await this.sessions.endBySecret(before);
    const providerSession = typeof claims.sid === "string" ? claims.sid : null;
    const secret = await this.sessions.begin(principalOf(claims, this.claims), providerSession);
    return { secret, returnTo: attempt.returnTo };
  }

  async #loggedOut(reply: FastifyReply): Promise<LogoutAnswer> {
    reply.clearCookie(cookies.SESSION_COOKIE, cookies.SESSION_COOKIE_OPTIONS);
    return { providerLogout: await this.provider.endSessionAddress() };
  }
}
