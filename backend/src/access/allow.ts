import { applyDecorators, SetMetadata } from "@nestjs/common";
import { ApiExtension } from "@nestjs/swagger";
import type { Action } from "./policy.ts";

/**
 * Where a route's resource is found. `nothing`: the action is about nothing in particular, so only `any` reaches it.
 * `handler`: only the handler can tell (a body to be validated, a list of many), and asks {@link Access} itself.
 * Otherwise the address names it by the parameter `id`, and the guard decides before the handler runs.
 */
export type Target =
  | "nothing"
  | "handler"
  | "record"
  | "import"
  | "certificate"
  | "equivocation"
  | "session"
  | "delegation"
  | "submission";

export interface Allowed {
  readonly action: Action;
  readonly target: Target;
}

export const ALLOWED = Symbol("allowed");

/** Member of an OpenAPI operation that holds its {@link Allowed}. */
export const ACCESS_EXTENSION = "x-quanlian-access";

/** Declares what a route does, for the policy table. Without it the application does not start. */
export function Allow(action: Action, target: Target = "nothing"): MethodDecorator {
  const allowed: Allowed = { action, target };
  return applyDecorators(SetMetadata(ALLOWED, allowed), ApiExtension(ACCESS_EXTENSION, allowed));
}
