import type { FastifyInstance, FastifyRequest } from "fastify";
import { Refusal } from "./refusal.ts";
import { decodeUtf8, parseStrictJson } from "./strict-json.ts";

/** What a route may say about its body, with `@RouteConfig`. */
export interface BodyConfig {
  /** The handler gets the text itself, so that it can judge every byte of it. */
  readonly rawJson?: boolean;
  /** The body is a form without files, as identity providers send; nowhere else is one taken. */
  readonly form?: boolean;
  /** The handler gets a body of lines as a stream. */
  readonly lines?: boolean;
  /** Largest body in bytes. */
  readonly bodyLimit?: number;
}

/** One JSON value a line. */
export const NDJSON = "application/x-ndjson";
const FORM = "application/x-www-form-urlencoded";

/** Replaces Fastify's JSON parser by the strict one and lets routes state their own limits. */
export function installBodyParsers(fastify: FastifyInstance): void {
  fastify.addHook("onRoute", (route) => {
    const { bodyLimit } = (route.config ?? {}) as BodyConfig;
    if (bodyLimit !== undefined) route.bodyLimit = bodyLimit;
  });
  fastify.removeAllContentTypeParsers();
  fastify.addContentTypeParser("application/json", { parseAs: "buffer" }, (request, body, done) => {
    try {
      done(null, readBody(request, body as Buffer));
    } catch (refusal) {
      done(refusal as Error);
    }
  });
  fastify.addContentTypeParser(FORM, { parseAs: "string" }, (request, body, done) => {
    if (!(request.routeOptions.config as BodyConfig).form) return done(new Refusal("UNSUPPORTED_MEDIA_TYPE"));
    done(null, Object.fromEntries(new URLSearchParams(body as string)));
  });
  fastify.addContentTypeParser(NDJSON, (request, body, done) => {
    if (!(request.routeOptions.config as BodyConfig).lines) return done(new Refusal("UNSUPPORTED_MEDIA_TYPE"));
    done(null, body);
  });
}

function readBody(request: FastifyRequest, body: Buffer): unknown {
  const text = decodeUtf8(body);
  return (request.routeOptions.config as BodyConfig).rawJson ? text : parseStrictJson(text);
}
