import type { FastifyInstance, FastifyRequest } from "fastify";
import type { OpenSpan, Tracing } from "./tracing.ts";

/** A span for every request, named by its route: never by its address, which may name a subject. */
export function traceRequests(fastify: FastifyInstance, tracing: Tracing): void {
  if (!tracing.isOn) return;
  const spans = new WeakMap<FastifyRequest, OpenSpan>();
  fastify.addHook("onRequest", (request, _reply, done) => {
    const { method, headers, routeOptions } = request;
    const route = routeOptions.url ?? "none";
    const cause = typeof headers.traceparent === "string" ? headers.traceparent : undefined;
    const attributes = { "http.request.method": method, "http.route": route };
    const span = tracing.begin(`${method} ${route}`, [cause], attributes)!;
    spans.set(request, span);
    tracing.within(span, done);
  });
  fastify.addHook("onResponse", (request, reply, done) => {
    spans.get(request)?.end({ "http.response.status_code": reply.statusCode });
    done();
  });
}
