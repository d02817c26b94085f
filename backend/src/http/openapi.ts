import type { NestFastifyApplication } from "@nestjs/platform-fastify";
import { DocumentBuilder, type OpenAPIObject, SwaggerModule } from "@nestjs/swagger";

/** The API as an OpenAPI 3 document, out of the schemas that check requests. */
function openApiDocument(app: NestFastifyApplication): OpenAPIObject {
  const about = new DocumentBuilder()
    .setTitle("全链 Quanlian")
    .setDescription("Audit chain for approval, service, supervision, enforcement and credit records")
    .setVersion("1")
    .setLicense("Apache-2.0", "https://www.apache.org/licenses/LICENSE-2.0")
    .build();
  return withProblemType(SwaggerModule.createDocument(app, about));
}

/** Serves it at `/api/openapi.json`. */
export function serveOpenApi(app: NestFastifyApplication): void {
  let document: OpenAPIObject | undefined;
  app
    .getHttpAdapter()
    .getInstance()
    .get("/api/openapi.json", (_request, reply) => reply.send((document ??= openApiDocument(app))));
}

/** Refusals are `application/problem+json`; the generator knows one content type for all answers. */
function withProblemType(document: OpenAPIObject): OpenAPIObject {
  for (const path of Object.values(document.paths))
    for (const operation of [path.get, path.post])
      for (const [status, response] of Object.entries(operation?.responses ?? {}))
        if (status >= "400" && response && "content" in response && response.content?.["application/json"])
          response.content = { "application/problem+json": response.content["application/json"] };
  return document;
}
