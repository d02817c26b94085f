import { z } from "zod";
import { fault, type Fault } from "../problems.ts";
import type { Json } from "./record-type.ts";

/** The registered shape of what a department adds to a type under one namespace. */
export interface LocalSchema {
  /** What is wrong with the values of this namespace, or null. */
  readonly check: (values: unknown) => Fault | null;
  /** The value of a cell below a heading for this member: a number or a truth value where the schema asks for one. */
  readonly read: (member: string, cell: string) => Json;
}

/** The schemas that a department has registered, by namespace. */
export type LocalSchemas = ReadonlyMap<string, LocalSchema>;

/** In characters of JSON, of a record's local fields and of a schema: items beside the record, not documents. */
const maxLength = 16_384;

export type JsonSchema = { readonly [keyword: string]: Json };

/** What is wrong with a schema that a department wants to register, or null. */
export function schemaFault(jsonSchema: JsonSchema): Fault | null {
  if (JSON.stringify(jsonSchema).length > maxLength) return tooLong;
  if (hasPattern(jsonSchema)) return noPatterns;
  try {
    localSchema(jsonSchema);
    return null;
  } catch (error) {
    return fault("LOCAL_SCHEMA_INVALID", "请核对 JSON Schema（type 须为 object）", (error as Error).message);
  }
}

/** Somebody else's regular expression may take for ever on a short text, and would stop every import meanwhile. */
function hasPattern(schema: Json): boolean {
  if (typeof schema !== "object" || schema === null) return false;
  const { pattern, patternProperties } = schema as { pattern?: Json; patternProperties?: Json };
  return typeof pattern === "string" || (patternProperties ?? null) !== null || Object.values(schema).some(hasPattern);
}

/**
 * Compiles a JSON Schema (2020-12) of type object, as a department registers it.
 * @throws Error when it is no schema that can be checked
 */
export function localSchema(jsonSchema: JsonSchema): LocalSchema {
  if (jsonSchema.type !== "object") throw new Error("The schema of a namespace must have the type object");
  const schema = z.fromJSONSchema(jsonSchema);
  return {
    check: (values) => {
      const result = schema.safeParse(values);
      return result.success ? null : invalid(result.error.issues);
    },
    read: (member, cell) => readAs(typeOf(jsonSchema, member), cell),
  };
}

function typeOf({ properties }: JsonSchema, member: string): Json | undefined {
  const known = (properties ?? {}) as Readonly<Record<string, JsonSchema>>;
  return Object.hasOwn(known, member) ? known[member]!.type : undefined;
}

const truth: Readonly<Record<string, boolean>> = { 是: true, 否: false, true: true, false: false };

/** What is not written as the schema wants it stays text, which the schema then refuses. */
function readAs(type: Json | undefined, cell: string): Json {
  if ((type === "integer" || type === "number") && /^-?\d{1,15}$/.test(cell)) return Number(cell);
  return type === "boolean" && Object.hasOwn(truth, cell) ? truth[cell]! : cell;
}

const heading = /^local\.([a-z][a-z0-9-]*)\.(.+)$/;

/** Whether a column of a file holds one of the department's own fields: `local.<namespace>.<member>`. */
export function isLocalHeading(name: string): boolean {
  return name.startsWith("local.") && heading.test(name);
}

type Input = Readonly<Record<string, unknown>>;

const isLocal = (name: string) => name === "local" || isLocalHeading(name);

export function hasLocal(input: Input): boolean {
  return Object.keys(input).some(isLocal);
}

export function withoutLocal(input: Input): Input {
  return Object.fromEntries(Object.entries(input).filter(([name]) => !isLocal(name)));
}

/** The `local` of a record, stated as such or gathered from columns `local.<namespace>.<member>`. */
export function localOf(input: Input, schemas: LocalSchemas): unknown {
  const columns = Object.entries(input).filter(([name]) => isLocalHeading(name));
  if (input.local !== undefined && columns.length > 0) return null;
  if (columns.length === 0) return input.local;
  const gathered: Record<string, Record<string, unknown>> = {};
  for (const [column, cell] of columns) {
    const [, namespace, member] = heading.exec(column) as unknown as [string, string, string];
    const value = typeof cell === "string" ? (schemas.get(namespace)?.read(member, cell.trim()) ?? cell) : cell;
    (gathered[namespace] ??= {})[member] = value;
  }
  return gathered;
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
  if (!isSignable(value as Json)) return { fault: notSignable };
  for (const [namespace, values] of Object.entries(value)) {
    const schema = schemas.get(namespace);
    if (schema === undefined) return { fault: unregistered(namespace) };
    const wrong = schema.check(values);
    if (wrong !== null) return { fault: wrong };
  }
  return { local: value as Json };
}

/** What a statement can hold (docs/format.md §2): whole numbers only, since others mean different things to readers. */
function isSignable(value: Json): boolean {
  if (typeof value === "number") return Number.isSafeInteger(value) && !Object.is(value, -0);
  if (typeof value === "string") return value.isWellFormed();
  if (typeof value !== "object" || value === null) return true;
  return Object.entries(value).every(([name, part]) => name !== "__proto__" && isSignable(part));
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
const notSignable = fault("LOCAL_FIELD_INVALID", '小数请写成文字，如 "12.5"', 'Write decimals as text, like "12.5"');
const noPatterns = fault(
  "LOCAL_SCHEMA_INVALID",
  "不接受 pattern，请用 enum、format、maxLength",
  "pattern is not taken; use enum, format or maxLength",
);
