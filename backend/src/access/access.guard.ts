import { type CanActivate, type ExecutionContext, Injectable } from "@nestjs/common";
import { Reflector } from "@nestjs/core";
import type { FastifyReply } from "fastify";
import { Refusal } from "../http/refusal.ts";
import { countedAddress } from "../rates/address.ts";
import { rateClassOf } from "../rates/rate-classes.ts";
import { Rates } from "../rates/rates.ts";
import { withoutIdentityNumbers } from "../records/fields/identity-in-text.ts";
import { readUscc } from "../records/fields/uscc.ts";
import { Access, type GuardedRequest } from "./access.ts";
import { AccessLog } from "./access-log.ts";
import { ALLOWED, type Allowed } from "./allow.ts";
import { Delegations } from "../delegation/delegations.ts";
import { type Action, isDelegable } from "./policy.ts";
import { Identities } from "./identities.ts";
import { Resources } from "./resources.ts";
import type { Principal } from "./roles.ts";

/** The one place where the policy is enforced: before any pipe, interceptor or handler of any route runs. What is not public is logged first: no log, no data. */
@Injectable()
export class AccessGuard implements CanActivate {
  constructor(
    private readonly reflector: Reflector,
    private readonly identities: Identities,
    private readonly resources: Resources,
    private readonly log: AccessLog,
    private readonly rates: Rates,
    private readonly delegations: Delegations,
  ) {}

  /** @throws Refusal UNAUTHENTICATED, TOKEN_INVALID, RATE_LIMITED, FORBIDDEN, or the target's own "not there" */
  async canActivate(context: ExecutionContext): Promise<boolean> {
    const allowed = this.reflector.get<Allowed | undefined>(ALLOWED, context.getHandler());
    if (!allowed) throw new Refusal("FORBIDDEN");
    const request = context.switchToHttp().getRequest<GuardedRequest>();
    const reply = context.switchToHttp().getResponse<FastifyReply>();
    const known = await this.#identify(request, reply);
    await this.#count(allowed, known, request, reply);
    const principal = await this.#withMandates(known, allowed.action);
    const access = new Access(principal, allowed.action, purposeOf(request));
    if (!access.isPossible) throw new Refusal(principal.id === null ? "UNAUTHENTICATED" : "FORBIDDEN");
    request.access = access;
    await this.#judge(allowed, request);
    return true;
  }

  /** Whoever tries tokens that are none is counted by address, and soon told nothing about them any more. */
  async #identify(request: GuardedRequest, reply: FastifyReply): Promise<Principal> {
    try {
      return await this.identities.of(request);
    } catch (refusal) {
      await this.rates.count("login", countedAddress(request.ip), reply);
      throw refusal;
    }
  }

  /** Before anything is looked up or logged. */
  async #count({ action }: Allowed, { id }: Principal, request: GuardedRequest, reply: FastifyReply): Promise<void> {
    const rateClass = rateClassOf(action, id !== null);
    if (rateClass !== null) await this.rates.count(rateClass, id ?? countedAddress(request.ip), reply);
  }

  /** Asked for each time, so that a mandate that was taken back or is over counts no longer. */
  async #withMandates(principal: Principal, action: Action): Promise<Principal> {
    if (principal.id === null || !isDelegable(action)) return principal;
    return { ...principal, mandates: await this.delegations.mandatesOf(principal.id) };
  }

  async #judge({ target }: Allowed, request: GuardedRequest): Promise<void> {
    if (target === "handler") return this.#logMany(request);
    if (target === "nothing") return void request.access.check({});
    const { id } = request.params as { id?: unknown };
    const resource = await this.resources.find(target, id);
    const grant = resource && request.access.grantFor(resource);
    if (!grant) throw this.resources.absent(target);
    request.grant = grant;
    if (grant.role === "public") return;
    const { role } = grant;
    await this.log.append(request.access, [
      { role, subject: resource.subject ?? null, resource: id as string, terms: null },
    ]);
  }

  /** A handler that judges record by record reads about the subject of the address, or about many. */
  async #logMany(request: GuardedRequest): Promise<void> {
    const { uscc } = request.params as { uscc?: unknown };
    const { insider } = request.access;
    if (request.method !== "GET" || !insider) return;
    const reading = typeof uscc === "string" ? readUscc(uscc) : undefined;
    const subject = reading && "uscc" in reading ? reading.uscc : null;
    const terms = this.log.termsOf(request.query as Record<string, unknown>);
    await this.log.append(request.access, [{ role: insider.role, subject, resource: null, terms }]);
  }
}

const LONGEST_PURPOSE = 200;

/**
 * What the reader says that it is for: the header `access-purpose`, percent-encoded where it is not ASCII. It stands in the
 * access log for ever, so it names nobody by an identity number.
 */
function purposeOf({ headers }: GuardedRequest): string | null {
  const purpose = headers["access-purpose"];
  return typeof purpose === "string" ? withoutIdentityNumbers(purpose.slice(0, LONGEST_PURPOSE)) : null;
}
