import type { Params } from "nestjs-pino";
import { QueryFailedError } from "typeorm";

/** What a log line says of an error. */
interface LoggedError {
  readonly type: string;
  readonly code?: string;
  readonly message: string;
  readonly stack: string;
}

/**
 * One line a request: method, status and time. Addresses, headers and bodies stay out, because they may name persons;
 * refusals are logged by their codes.
 */
export function loggerOptions(level: string): Params {
  return {
    pinoHttp: {
      level,
      quietReqLogger: true,
      // Otherwise ours would get what the standard ones have already made of an error.
      wrapSerializers: false,
      serializers: {
        err: loggedError,
        req: ({ method }: { method: string }) => ({ method }),
        res: ({ statusCode }: { statusCode: number }) => ({ status: statusCode }),
      },
      autoLogging: { ignore: ({ url }) => url === "/metrics" || (url?.startsWith("/health/") ?? false) },
    },
  };
}

/** Type, code, message and where. A failed query's message, text and parameters may hold content, so only its code is kept. */
export function loggedError(error: unknown): LoggedError {
  if (!(error instanceof Error)) return { type: typeof error, message: "not an error", stack: "" };
  const cause: unknown = error instanceof QueryFailedError ? error.driverError : error;
  const code = cause instanceof Error && "code" in cause ? String(cause.code) : undefined;
  const isQuery = error instanceof QueryFailedError;
  const frames = (error.stack ?? "").split("\n").filter((line) => /^\s+at /.test(line));
  return {
    type: error.constructor.name,
    ...(code !== undefined && { code }),
    message: isQuery ? "the database refused a query" : error.message,
    stack: frames.join("\n"),
  };
}
