import type { NestFastifyApplication } from "@nestjs/platform-fastify";
import { ACCESS_EXTENSION, type Allowed } from "../access/allow.ts";
import { grantsFor } from "../access/policy.ts";
import { NOBODY } from "../access/roles.ts";
import { ERRORS, type ErrorCode } from "../errors.ts";
import { DocumentBuilder, type OpenAPIObject, SwaggerModule } from "@nestjs/swagger";
import { SESSION_COOKIE } from "../login/cookies.ts";
import { JSON_PROBLEMS } from "./api-problems.ts";
import { EXAMPLES, SUMMARIES } from "./openapi-texts.ts";
import { problemDocument } from "./problem.ts";
import { Refusal } from "./refusal.ts";

const TOKEN = "token";
const SESSION = "session";

type PathItemObject = OpenAPIObject["paths"][string];
type OperationObject = NonNullable<PathItemObject["get"]>;

/** The API as an OpenAPI 3 document, out of the schemas that check requests. */
function openApiDocument(app: NestFastifyApplication): OpenAPIObject {
  const about = new DocumentBuilder()
    .setTitle("全链 Quanlian")
    .setDescription("Audit chain for approval, service, supervision, enforcement and credit records")
    .setVersion("1")
    .setLicense("Apache-2.0", "https://www.apache.org/licenses/LICENSE-2.0")
    .addBearerAuth({ type: "http", scheme: "bearer", bearerFormat: "JWT" }, TOKEN)
    .addCookieAuth(SESSION_COOKIE, { type: "apiKey", in: "cookie" }, SESSION)
    .build();
  return completed(withAccess(SwaggerModule.createDocument(app, about)));
}

/** Serves it at `/api/openapi.json`. */
export function serveOpenApi(app: NestFastifyApplication): void {
  let document: OpenAPIObject | undefined;
  app
    .getHttpAdapter()
    .getInstance()
    .get("/api/openapi.json", (_request, reply) => reply.send((document ??= openApiDocument(app))));
}

/** What every route may be asked for and may answer, by the policy of its action. */
function withAccess(document: OpenAPIObject): OpenAPIObject {
  for (const { get: _, ...path } of Object.values(document.paths))
    for (const operation of operationsOf(path)) addProblem(operation, "CROSS_SITE_REQUEST");
  for (const { post, put } of Object.values(document.paths))
    for (const operation of [post, put]) if (operation) for (const code of BODY_PROBLEMS) addProblem(operation, code);
  for (const operation of Object.values(document.paths).flatMap(operationsOf)) {
    const { action } = (operation as unknown as Record<typeof ACCESS_EXTENSION, Allowed>)[ACCESS_EXTENSION];
    const forPublic = grantsFor(action, NOBODY).length > 0;
    operation.security = [...(forPublic ? [{}] : []), { [TOKEN]: [] }, { [SESSION]: [] }];
    for (const code of forPublic ? IDENTITY_PROBLEMS : ACCESS_PROBLEMS) addProblem(operation, code);
  }
  return document;
}

/** Also where none is asked for a body may be sent, and is read before anything else. */
const BODY_PROBLEMS = JSON_PROBLEMS.filter((code) => code !== "INVALID_PARAMETER");

/** A token may be wrong wherever one may be sent, and too many are. */
const IDENTITY_PROBLEMS: readonly ErrorCode[] = ["TOKEN_INVALID", "IDENTITY_UNAVAILABLE", "RATE_LIMITED"];
const ACCESS_PROBLEMS: readonly ErrorCode[] = ["UNAUTHENTICATED", "FORBIDDEN", ...IDENTITY_PROBLEMS];

function addProblem(operation: OperationObject, code: ErrorCode): void {
  const { status, en } = ERRORS[code];
  const line = `\`${code}\` ${en}`;
  const known = operation.responses[status];
  if (known && "description" in known && known.description.includes(`\`${code}\``)) return;
  const content = { "application/json": { schema: { $ref: "#/components/schemas/Problem" } } };
  if (!known || "$ref" in known) operation.responses[status] = { description: line, content };
  else known.description = known.description === "" ? line : `${known.description}; ${line}`;
}

function operationsOf({ get, post, put, patch, delete: remove }: PathItemObject): OperationObject[] {
  return [get, post, put, patch, remove].filter((operation) => operation !== undefined);
}

type Answer = OperationObject["responses"][string];

/** Adds what the generator cannot know: summaries, examples, and the content type of refusals. */
function completed(document: OpenAPIObject): OpenAPIObject {
  for (const path of Object.values(document.paths)) for (const operation of operationsOf(path)) complete(operation);
  for (const [name, schema] of Object.entries(document.components?.schemas ?? {}))
    if (Object.hasOwn(EXAMPLES, name)) Object.assign(schema, { example: EXAMPLES[name] });
  return document;
}

function complete(operation: OperationObject): void {
  const summary = SUMMARIES[operation.operationId ?? ""];
  if (summary !== undefined) operation.summary = summary;
  for (const [status, answer] of Object.entries(operation.responses)) if (status >= "400") asProblem(answer);
}

/** Answers that name codes are refusals, as `application/problem+json`; each code has its example. */
function asProblem(answer: Answer): void {
  if (!answer || !("content" in answer) || !answer.content) return;
  const codes = Array.from(answer.description.matchAll(/`([A-Z0-9_]+)`/g), ([, code]) => code as ErrorCode);
  if (codes.length === 0) return;
  const [content] = Object.values(answer.content);
  const examples = Object.fromEntries(codes.map((code) => [code, { value: problemDocument(new Refusal(code)) }]));
  answer.content = { "application/problem+json": { ...content, examples } };
}
