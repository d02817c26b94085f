import { type ArgumentsHost, Catch, type ExceptionFilter, HttpException, Logger } from "@nestjs/common";
import type { FastifyReply } from "fastify";
import { QueryFailedError } from "typeorm";
import { ChainUnavailable } from "../chain/chain-error.ts";
import { RpcRefusal } from "../chain/rpc-client.ts";
import { ERRORS, type ErrorCode } from "../errors.ts";
import { problemDocument } from "./problem.ts";
import { Refusal } from "./refusal.ts";

/** What Fastify and its plugins refuse by themselves, by HTTP status. */
const BY_STATUS: Readonly<Record<number, ErrorCode>> = {
  404: "NOT_FOUND",
  406: "UNSUPPORTED_MEDIA_TYPE",
  408: "REQUEST_TIMEOUT",
  413: "TOO_LARGE",
  414: "URI_TOO_LONG",
  415: "UNSUPPORTED_MEDIA_TYPE",
  431: "HEADERS_TOO_LARGE",
};

/** What a client must send instead (RFC 6750 §3). */
const CHALLENGES: Readonly<Partial<Record<ErrorCode, string>>> = {
  UNAUTHENTICATED: "Bearer",
  TOKEN_INVALID: 'Bearer error="invalid_token"',
};

/** SQLSTATE classes and Node codes that mean "the database is away", not "the statement is wrong". */
const DATABASE_AWAY = /^(08|53|57P|ECONN|ETIMEDOUT|EPIPE|ENOTFOUND)/;

/** Turns whatever was thrown into one problem+json answer; only what nobody foresaw is logged as an error. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  readonly #log = new Logger(ProblemFilter.name);

  catch(thrown: unknown, host: ArgumentsHost): void {
    const refusal = asRefusal(thrown);
    if (ERRORS[refusal.code].status >= 500) this.#log.error({ err: thrown, code: refusal.code }, refusal.message);
    sendProblem(host.switchToHttp().getResponse<FastifyReply>(), refusal);
  }
}

/** Sends a refusal; also used where a request fails before it reaches Nest. */
export function sendProblem(reply: FastifyReply, refusal: Refusal): void {
  const { retryAfter } = refusal.details;
  if (retryAfter !== undefined) void reply.header("retry-after", String(retryAfter));
  const challenge = CHALLENGES[refusal.code];
  if (challenge) void reply.header("www-authenticate", challenge);
  void reply
    .status(ERRORS[refusal.code].status)
    .header("content-type", "application/problem+json; charset=utf-8")
    .send(JSON.stringify(problemDocument(refusal)));
}

export function asRefusal(thrown: unknown): Refusal {
  if (thrown instanceof Refusal) return thrown;
  if (thrown instanceof ChainUnavailable) return new Refusal("CHAIN_UNAVAILABLE", { retryAfter: 5 });
  if (thrown instanceof RpcRefusal) return new Refusal("RPC_REFUSED", { facts: { code: thrown.rpcCode } });
  if (isDatabaseAway(thrown)) return new Refusal("UNAVAILABLE", { retryAfter: 5 });
  const status = statusOf(thrown);
  if (status === undefined || status >= 500) return new Refusal("INTERNAL");
  return new Refusal(BY_STATUS[status] ?? "MALFORMED_REQUEST");
}

function isDatabaseAway(thrown: unknown): boolean {
  const cause: unknown = thrown instanceof QueryFailedError ? thrown.driverError : thrown;
  const code = cause instanceof Error && "code" in cause ? String(cause.code) : "";
  const message = cause instanceof Error ? cause.message : "";
  return DATABASE_AWAY.test(code) || /Connection terminated|timeout exceeded when trying to connect/.test(message);
}

function statusOf(thrown: unknown): number | undefined {
  if (thrown instanceof HttpException) return thrown.getStatus();
  if (thrown instanceof Error && "statusCode" in thrown && typeof thrown.statusCode === "number")
    return thrown.statusCode;
  return undefined;
}
