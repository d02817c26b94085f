import { createParamDecorator, type ExecutionContext } from "@nestjs/common";
import type { FastifyRequest } from "fastify";
import { Refusal } from "../http/refusal.ts";
import { type Action, type Grant, grantFor, grantsFor, type Resource } from "./policy.ts";
import type { Principal } from "./roles.ts";

/** One request's way through the policy: who asks, what for, and what the table says of each thing that it meets. */
export class Access {
  readonly principal: Principal;
  readonly action: Action;
  /** What the asker says that it is for; it stands in the log. */
  readonly purpose: string | null;

  constructor(principal: Principal, action: Action, purpose: string | null) {
    this.principal = principal;
    this.action = action;
    this.purpose = purpose;
  }

  /** Whether any role of the principal may try this. */
  get isPossible(): boolean {
    return grantsFor(this.action, this.principal).length > 0;
  }

  /** The role that gets farthest beyond what is public; null: none does. */
  get insider(): Grant | null {
    return grantsFor(this.action, this.principal).find(({ role }) => role !== "public") ?? null;
  }

  /** In which role the principal may do it to this resource; null: not at all. */
  grantFor(resource: Resource): Grant | null {
    return grantFor(this.action, this.principal, resource);
  }

  /** Whether the principal may also do another action, which is about nothing in particular. */
  allows(action: Action): boolean {
    return grantFor(action, this.principal, {}) !== null;
  }

  /** @throws Refusal UNAUTHENTICATED, FORBIDDEN */
  check(resource: Resource): Grant {
    const grant = this.grantFor(resource);
    if (!grant) throw new Refusal(this.principal.id === null ? "UNAUTHENTICATED" : "FORBIDDEN");
    return grant;
  }

  /** What the identity provider calls whoever asks, for what is about themselves. @throws Refusal UNAUTHENTICATED */
  self(): string {
    const { id } = this.principal;
    if (id === null) throw new Refusal("UNAUTHENTICATED");
    this.check({ person: id });
    return id;
  }
}

/** A request after the guard. */
export interface GuardedRequest extends FastifyRequest {
  access: Access;
  /** What the guard found for a route whose address names one resource. */
  grant: Grant;
}

/** Parameter decorator: the {@link Access} of this request. */
export const AccessOf = createParamDecorator((_: unknown, context: ExecutionContext): Access => {
  return context.switchToHttp().getRequest<GuardedRequest>().access;
});

/** Parameter decorator: in which role the resource of the address is seen. */
export const GrantOf = createParamDecorator((_: unknown, context: ExecutionContext): Grant => {
  return context.switchToHttp().getRequest<GuardedRequest>().grant;
});
