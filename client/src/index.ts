import createClient, { type Client, type ClientOptions } from "openapi-fetch";
import type { components, operations, paths } from "./api.ts";

/** Everything that the service answers with, by its name in the OpenAPI document. */
export type Schemas = components["schemas"];

/** Parameters and answers of every operation, by its id in the OpenAPI document. */
export type Operations = operations;

/** Why a request was refused (RFC 9457); `code` is from the service's closed list. */
export type Problem = Schemas["Problem"];

/** One method a HTTP verb; paths, parameters, bodies and answers are typed by docs/api/openapi.json. */
export type QuanlianClient = Client<paths>;

/**
 * A client of one service. Nothing throws because of an answer: it is either `data`, or `error` with the problem.
 * @param baseUrl for example `http://127.0.0.1:3000`
 * @param options a `fetch` of one's own, headers
 */
export function quanlianClient(baseUrl: string, options: Omit<ClientOptions, "baseUrl"> = {}): QuanlianClient {
  return createClient<paths>({ ...options, baseUrl });
}
