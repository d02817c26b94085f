import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { NestFastifyApplication } from "@nestjs/platform-fastify";

/** Where `npm run build` puts the pages: beside this package, whether it runs from src or from dist. */
const BUILT_PAGES = fileURLToPath(new URL("../../../web/dist", import.meta.url));

const NOT_BUILT = `<!doctype html><meta charset="utf-8"><title>全链 Quanlian</title>
<p>页面尚未构建，请运行 npm run build。接口说明见 <a href="/api/openapi.json">/api/openapi.json</a>。</p>
<p lang="en">The pages are not built yet: run npm run build. The API is described in <a href="/api/openapi.json">/api/openapi.json</a>.</p>`;

/** Serves the built pages at `/`, or says that they are not built. */
export function serveStaticPages(app: NestFastifyApplication, folder = BUILT_PAGES): void {
  const fastify = app.getHttpAdapter().getInstance();
  if (existsSync(folder)) app.useStaticAssets({ root: folder, prefix: "/" });
  else fastify.get("/", (_request, reply) => reply.type("text/html; charset=utf-8").send(NOT_BUILT));
}
