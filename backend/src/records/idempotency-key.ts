import { createParamDecorator, type ExecutionContext } from "@nestjs/common";
import type { FastifyRequest } from "fastify";
import { Refusal } from "../http/refusal.ts";
import { identityNumbersIn } from "./fields/identity-in-text.ts";

const KEY = /^[\x21-\x7e]{1,128}$/;

/** The `Idempotency-Key` header, or undefined. @throws Refusal IDEMPOTENCY_KEY_INVALID */
export const IdempotencyKey = createParamDecorator((_: unknown, context: ExecutionContext): string | undefined => {
  const value = context.switchToHttp().getRequest<FastifyRequest>().headers["idempotency-key"];
  if (value === undefined) return undefined;
  if (typeof value !== "string" || !KEY.test(value) || namesPerson(value)) throw new Refusal("IDEMPOTENCY_KEY_INVALID");
  return value;
});

/** Keys are stored as they are. Some hold the day of the request, which is nobody's birthday. */
function namesPerson(key: string): boolean {
  return identityNumbersIn(key, new Date().getUTCFullYear() - 1).length > 0;
}
