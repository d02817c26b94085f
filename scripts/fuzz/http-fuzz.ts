// Sends mutated bodies to every POST and PUT route of the OpenAPI document and checks every answer against it.
import { ERRORS, type ErrorCode } from "../../backend/src/errors.ts";
import { mutated, pick, type Random, randomOf } from "./mutations.ts";

export interface Api {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, { readonly example?: unknown }>> };
}
interface Operation {
  readonly requestBody?: {
    readonly content: Readonly<Record<string, { readonly schema: { readonly $ref?: string } }>>;
  };
  readonly responses: Readonly<Record<string, Described>>;
}

interface Described {
  readonly content?: Readonly<Record<string, { readonly examples?: Readonly<Record<string, unknown>> }>>;
}
const PROBLEM = "application/problem+json";

export interface Request {
  readonly method: string;
  readonly path: string;
  readonly headers: Record<string, string>;
  readonly body: string | Uint8Array;
}
export interface Answer {
  readonly status: number;
  readonly type: string;
  readonly text: string;
}

/** The service under test. */
export interface Target {
  send(role: string, request: Request): Promise<Answer>;
  /** Rows of each table that only requests write to. */
  counts(): Promise<Readonly<Record<string, number>>>;
}

export interface Options {
  readonly requests: number;
  readonly seed: number;
  readonly roles: readonly string[];
  /** Further bodies, by route (`POST /api/v1/records`), beside the document's example. */
  readonly bodies: Readonly<Record<string, readonly unknown[]>>;
}

export interface Report {
  readonly requests: number;
  /** By status. */
  readonly answers: Readonly<Record<string, number>>;
  /** What must not be, each kind of it once. */
  readonly faults: readonly string[];
}

/** Requests between two counts of the rows, and at once. */
const CHUNK = 64;
const AT_ONCE = 8;

/** What a request that was taken may add to. */
const WRITES: readonly (readonly [route: RegExp, tables: readonly string[]])[] = [
  [
    /POST .*\/(records|statements)$/,
    ["record", "record_link", "idempotency_key", "supersession", "finding", "data_key"],
  ],
  [/POST .*\/imports$/, ["import_job", "data_key"]],
  [/POST .*\/certificates$/, ["certificate", "data_key"]],
  [/POST .*\/foreign-records$/, ["foreign_record", "data_key"]],
  [/POST .*\/webhooks$/, ["webhook_endpoint"]],
  [/PUT .*\/mappings\//, ["column_mapping"]],
  [/PUT .*\/local-fields\//, ["local_schema"]],
  [/POST .*\/integrity\/runs$/, ["integrity_run"]],
];

interface Route {
  readonly name: string;
  readonly method: string;
  readonly path: string;
  readonly operation: Operation;
  readonly bodies: readonly unknown[];
}

const PARAMETERS = [
  ...["91110108MA9D00013X", "11110000MB9D0005X4", "01933b5e-7d1a-7c3e-9f00-3c5a1b2d4e6f", "1", "0", "-1", "a"],
  ...["%00", "%E4%BA%AC", "..%2f", "'", "a".repeat(200), "0x" + "ab".repeat(32), "99999999999999999999"],
];
const TYPES = ["application/json; charset=utf-8", "text/plain", "application/x-www-form-urlencoded", "nonsense"];

export async function fuzzHttp(api: Api, target: Target, options: Options): Promise<Report> {
  const random = randomOf(options.seed);
  const routes = routesOf(api, options.bodies);
  const answers: Record<string, number> = {};
  const faults = new Map<string, string>();
  for (let done = 0; done < options.requests; done += CHUNK) {
    const size = Math.min(CHUNK, options.requests - done);
    const chunk = Array.from({ length: size }, () => newRequest(pick(routes, random), options.roles, random));
    const before = await target.counts();
    const taken: string[] = [];
    for (let i = 0; i < size; i += AT_ONCE)
      await Promise.all(
        chunk.slice(i, i + AT_ONCE).map(async ({ route, role, request }) => {
          const answer = await target.send(role, request);
          answers[answer.status] = (answers[answer.status] ?? 0) + 1;
          if (answer.status < 300) taken.push(route.name);
          const fault = faultOf(route, answer);
          if (fault)
            faults.set(`${route.name} ${answer.status} ${fault.slice(0, 100)}`, `${route.name} as ${role}: ${fault}`);
        }),
      );
    for (const fault of leftovers(before, await target.counts(), taken)) faults.set(fault, fault);
  }
  return { requests: options.requests, answers, faults: [...faults.values()] };
}

function routesOf({ paths, components }: Api, bodies: Options["bodies"]): Route[] {
  return Object.entries(paths).flatMap(([path, methods]) =>
    ["post", "put"].flatMap((method) => {
      const operation = methods[method];
      if (!operation) return [];
      const name = `${method.toUpperCase()} ${path}`;
      const reference = operation.requestBody?.content["application/json"]?.schema.$ref;
      const example = reference && components.schemas[reference.split("/").at(-1)!]?.example;
      return [{ name, method, path, operation, bodies: [example ?? {}, ...(bodies[name] ?? [])] }];
    }),
  );
}

function newRequest(route: Route, roles: readonly string[], random: Random) {
  const path = route.path.replaceAll(/\{\w+\}/g, () => pick(PARAMETERS, random));
  const type = random() < 0.95 ? "application/json" : pick(TYPES, random);
  const body = mutated(pick(route.bodies, random), random);
  const request: Request = { method: route.method.toUpperCase(), path, headers: { "content-type": type }, body };
  return { route, role: pick(roles, random), request };
}

/** What is wrong with an answer, or null: a fault of the service, a status or a code that is not described. */
function faultOf({ operation }: Route, { status, type, text }: Answer): string | null {
  if (status >= 500) return `answered ${status} ${text.slice(0, 200)}`;
  if (!(status in operation.responses)) return `answered ${status}, which is not described: ${text.slice(0, 80)}`;
  if (status < 400) return null;
  if (!type.startsWith(PROBLEM)) return `refused with ${status} as ${type}`;
  const { code } = JSON.parse(text) as { code: string };
  const described = operation.responses[status]?.content?.[PROBLEM]?.examples ?? {};
  return Object.hasOwn(described, code) && ERRORS[code as ErrorCode].status === status
    ? null
    : `refused with ${status} and the code ${code}, which is not described`;
}

/** Rows that requests have left which were all refused. */
function leftovers(
  before: Readonly<Record<string, number>>,
  after: Readonly<Record<string, number>>,
  taken: readonly string[],
): string[] {
  const excused = new Set(WRITES.flatMap(([route, tables]) => (taken.some((name) => route.test(name)) ? tables : [])));
  return Object.entries(after)
    .filter(([table, rows]) => rows !== before[table] && !excused.has(table))
    .map(([table, rows]) => `${table} went from ${before[table]} to ${rows} rows, and nothing was taken`);
}

/** Counts the rows of every table that {@link WRITES} names and that the database has. */
export function countingSql(tables: readonly string[]): string {
  return tables.map((table) => `select '${table}' as "table", count(*)::int as rows from ${table}`).join(" union all ");
}

export const WRITTEN_TABLES: readonly string[] = [...new Set(WRITES.flatMap(([, tables]) => tables))];
