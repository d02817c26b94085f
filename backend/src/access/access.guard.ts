import { type CanActivate, type ExecutionContext, Injectable } from "@nestjs/common";
import { Reflector } from "@nestjs/core";
import { Refusal } from "../http/refusal.ts";
import { Access, type GuardedRequest } from "./access.ts";
import { ALLOWED, type Allowed } from "./allow.ts";
import { Identities } from "./identities.ts";
import { Resources } from "./resources.ts";

/** The one place where the policy is enforced: before any pipe, interceptor or handler of any route runs. */
@Injectable()
export class AccessGuard implements CanActivate {
  constructor(
    private readonly reflector: Reflector,
    private readonly identities: Identities,
    private readonly resources: Resources,
  ) {}

  /** @throws Refusal UNAUTHENTICATED, TOKEN_INVALID, FORBIDDEN, or the target's own "not there" */
  async canActivate(context: ExecutionContext): Promise<boolean> {
    const allowed = this.reflector.get<Allowed | undefined>(ALLOWED, context.getHandler());
    if (!allowed) throw new Refusal("FORBIDDEN");
    const request = context.switchToHttp().getRequest<GuardedRequest>();
    const principal = await this.identities.of(request);
    const access = new Access(principal, allowed.action);
    if (!access.isPossible) throw new Refusal(principal.id === null ? "UNAUTHENTICATED" : "FORBIDDEN");
    request.access = access;
    await this.#judge(allowed, request);
    return true;
  }

  async #judge({ target }: Allowed, request: GuardedRequest): Promise<void> {
    if (target === "handler") return;
    if (target === "nothing") return void request.access.check({});
    const { id } = request.params as { id?: unknown };
    const resource = await this.resources.find(target, id);
    const grant = resource && request.access.grantFor(resource);
    if (!grant) throw this.resources.absent(target);
    request.grant = grant;
  }
}
