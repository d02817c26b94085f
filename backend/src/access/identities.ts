import { Inject, Injectable } from "@nestjs/common";
import type { FastifyRequest } from "fastify";
import { Refusal } from "../http/refusal.ts";
import { CLAIMS, type ClaimsMapping, principalOf } from "./claims.ts";
import { Issuer } from "./issuer.ts";
import { NOBODY, type Principal } from "./roles.ts";

/** Tells who sends a request. */
@Injectable()
export class Identities {
  constructor(
    private readonly issuer: Issuer,
    @Inject(CLAIMS) private readonly claims: ClaimsMapping,
  ) {}

  /** A wrong token is refused even where none is needed: its bearer believes to be somebody. @throws Refusal TOKEN_INVALID */
  async of({ headers }: FastifyRequest): Promise<Principal> {
    const { authorization } = headers;
    if (authorization === undefined) return NOBODY;
    const [, token] = /^Bearer ([\w.~+/-]+=*)$/i.exec(authorization) ?? [];
    if (token === undefined) throw new Refusal("TOKEN_INVALID");
    return principalOf(await this.issuer.verify(token), this.claims);
  }
}
