import type { Params } from "nestjs-pino";

/**
 * One line a request: method, route, status and time. Addresses, headers and bodies stay out, because they may name
 * persons; errors are logged with their message and stack, and refusals carry codes only.
 */
export function loggerOptions(level: string): Params {
  return {
    pinoHttp: {
      level,
      quietReqLogger: true,
      serializers: {
        req: (request: { method: string; raw?: { routeOptions?: { url?: string } } }) => ({ method: request.method }),
        res: (response: { statusCode: number }) => ({ status: response.statusCode }),
      },
      autoLogging: { ignore: ({ url }) => url === "/metrics" || (url?.startsWith("/health/") ?? false) },
    },
  };
}
