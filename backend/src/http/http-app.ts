import { randomUUID } from "node:crypto";
import cookie from "@fastify/cookie";
import multipart from "@fastify/multipart";
import { NestFactory } from "@nestjs/core";
import { FastifyAdapter, type NestFastifyApplication } from "@nestjs/platform-fastify";
import type { FastifyReply, FastifyRequest } from "fastify";
import { Logger } from "nestjs-pino";
import { AppModule } from "../app.module.ts";
import type { Config } from "../config.ts";
import { openFoundations } from "../foundations.ts";
import { traceRequests } from "../tracing/trace-requests.ts";
import { Tracing } from "../tracing/tracing.ts";
import { installBodyParsers } from "./body-parsers.ts";
import { answerBrokenRequest } from "./broken-requests.ts";
import { serveOpenApi } from "./openapi.ts";
import { asRefusal, sendProblem } from "./problem.filter.ts";
import { securityHeaders } from "./security-headers.ts";
import { serveStaticPages } from "./static-pages.ts";

const BODY_LIMIT = 1024 * 1024;
/** How often connections are looked at that are too slow, in milliseconds, at most. */
const CHECK_MS = 5_000;
const HEADERS_BYTES = 16 * 1024;

/** The application behind HTTP, ready to listen. */
export async function createHttpApp(config: Config): Promise<NestFastifyApplication> {
  const setHeaders = securityHeaders(config);
  const { headersMs: headersTimeout, requestMs: requestTimeout } = config.timeouts;
  // Whoever sends byte by byte (Slowloris) holds a connection no longer than these.
  const connectionsCheckingInterval = Math.min(CHECK_MS, headersTimeout / 2);
  const adapter = new FastifyAdapter({
    bodyLimit: BODY_LIMIT,
    requestTimeout,
    http: { headersTimeout, connectionsCheckingInterval, maxHeaderSize: HEADERS_BYTES },
    clientErrorHandler: answerBrokenRequest,
    trustProxy: config.trustedProxies.length > 0 && [...config.trustedProxies],
    genReqId: () => randomUUID(),
    // Here Fastify runs no hooks.
    frameworkErrors: (error: Error, _request: FastifyRequest, reply: FastifyReply) => {
      setHeaders(reply);
      sendProblem(reply, asRefusal(error));
    },
    routerOptions: { maxParamLength: 256 },
  });
  const module = AppModule.of(config, await openFoundations(config));
  const options = { bufferLogs: true, bodyParser: false, abortOnError: false };
  // eslint-disable-next-line @typescript-eslint/no-unsafe-class-instance-assignment -- Nest declares its options as a class
  const app = await NestFactory.create<NestFastifyApplication>(module, adapter, options);
  app.useLogger(app.get(Logger));
  adapter.getInstance().addHook("onSend", async (_request, reply) => setHeaders(reply));
  traceRequests(adapter.getInstance(), app.get(Tracing));
  installBodyParsers(adapter.getInstance());
  await app.register(cookie);
  const limits = { files: 1, fields: 8, fieldSize: 1_024, fileSize: config.importMaxBytes };
  await app.register(multipart, { limits, throwFileSizeLimit: false });
  serveStaticPages(app, config.webDir);
  serveOpenApi(app);
  app.enableShutdownHooks();
  return app;
}
