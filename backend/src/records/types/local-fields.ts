import { z } from "zod";
import { fault, type Fault } from "../problems.ts";
import type { Json } from "./record-type.ts";

/** The registered shape of what a department adds to a type under one namespace. */
export interface LocalSchema {
  /** What is wrong with the values of this namespace, or null. */
  readonly check: (values: unknown) => Fault | null;
}

/** The schemas that a department has registered, by namespace. */
export type LocalSchemas = ReadonlyMap<string, LocalSchema>;

/** In characters of JSON: local fields are items beside the record, not a place for documents. */
const maxLength = 16_384;

/**
 * Compiles a JSON Schema (2020-12) of type object, as a department registers it.
 * @throws Error when it is no schema that can be checked
 */
export function localSchema(jsonSchema: { readonly [keyword: string]: Json }): LocalSchema {
  if (jsonSchema.type !== "object") throw new Error("The schema of a namespace must have the type object");
  const schema = z.fromJSONSchema(jsonSchema);
  return {
    check: (values) => {
      const result = schema.safeParse(values);
      return result.success ? null : invalid(result.error.issues);
    },
  };
}

export interface LocalReading {
  /** Undefined when the record has no local fields. */
  readonly local?: Json;
  readonly fault?: Fault;
}

/** Reads `{"<namespace>": {…}}`: every namespace must be registered, and its values must fit the registered schema. */
export function readLocal(value: unknown, schemas: LocalSchemas): LocalReading {
  if (value === undefined) return {};
  if (typeof value !== "object" || value === null || Array.isArray(value)) return { fault: notNamespaced };
  if (JSON.stringify(value).length > maxLength) return { fault: tooLong };
  for (const [namespace, values] of Object.entries(value)) {
    const schema = schemas.get(namespace);
    if (schema === undefined) return { fault: unregistered(namespace) };
    const wrong = schema.check(values);
    if (wrong !== null) return { fault: wrong };
  }
  return { local: value as Json };
}

function invalid(issues: readonly { readonly path: readonly PropertyKey[]; readonly message: string }[]): Fault {
  const places = issues.map(({ path, message }) => `${path.map(String).join(".")}: ${message}`).join("; ");
  return fault("LOCAL_FIELD_INVALID", `请核对本地扩展项（${places}）`, `Check the local fields (${places})`);
}

function unregistered(namespace: string): Fault {
  return fault("LOCAL_FIELD_INVALID", `命名空间“${namespace}”未登记`, `The namespace “${namespace}” is not registered`);
}

const notNamespaced = fault("LOCAL_FIELD_INVALID", '应为 {"命名空间": {…}}', 'It must be like {"namespace": {…}}');
const tooLong = fault("VALUE_TOO_LONG", `最多${maxLength}个字`, `At most ${maxLength} characters`);
