import type { Field, Json, RecordType } from "./record-type.ts";
import { relations } from "./links.ts";

type Schema = { readonly [keyword: string]: Json };

const uscc = "^[0-9A-HJ-NPQRTUWXY]{2}[0-9]{6}[0-9A-HJ-NPQRTUWXY]{10}$";

const subject: Schema = {
  description: "行政相对人 Subject: an organisation by its credit code, a person by certificate type and number",
  oneOf: [
    object({ type: { enum: ["uscc"] }, id: { type: "string", pattern: uscc } }, ["type", "id"]),
    object({ type: { enum: ["person"] }, id: { type: "string", pattern: "^[0-9]{3}:.+$" } }, ["type", "id"]),
  ],
};

const link: Schema = {
  oneOf: [
    object({ rel: { enum: Object.keys(relations) }, record: { type: "string", pattern: "^0x[0-9a-f]{64}$" } }, [
      "rel",
      "record",
    ]),
    object(
      {
        rel: { enum: Object.keys(relations) },
        department: { type: "string", pattern: uscc },
        number: { type: "string", minLength: 1 },
      },
      ["rel", "number"],
    ),
  ],
};

/**
 * The JSON Schema (2020-12) of a record in the statement's own form, as `validateRecord` accepts it and as its
 * statement holds it: values by claim, the subject as an object, links as an array. Conditions between claims that a
 * schema cannot say are left to the validator.
 */
export function recordSchema(type: RecordType): Schema {
  const own = type.fields.filter(({ consumed }) => consumed === undefined);
  const required = own.filter(({ presence }) => presence === "required").map(({ claim }) => claim);
  const properties = Object.fromEntries(own.map((field) => [field.claim, fieldSchema(field)]));
  return {
    title: `${type.label.zh} ${type.label.en}`,
    description: type.source,
    ...object({ subject, links: { type: "array", items: link }, local: { type: "object" }, ...properties }, [
      ...(type.about === "department" ? [] : ["subject"]),
      ...required,
    ]),
    allOf: own.flatMap(conditions),
  };
}

function fieldSchema({ label, heading, code, format, maxLength }: Field): Schema {
  const schema: Record<string, Json> = {
    title: `${label.zh} ${label.en}`,
    description: code === null ? heading : `${heading}（${code}）`,
    ...format.schema,
  };
  if (maxLength !== null && schema.type === "string") schema.maxLength = maxLength;
  return schema;
}

/** `if` another claim holds one of some values `then` this one is required. */
function conditions({ claim, presence }: Field): Schema[] {
  if (typeof presence === "string") return [];
  const holds = { enum: [...presence.holds] };
  const given = { anyOf: [holds, { type: "array", contains: holds }] };
  return [{ if: { properties: { [presence.claim]: given }, required: [presence.claim] }, then: { required: [claim] } }];
}

function object(properties: { readonly [name: string]: Schema }, required: readonly string[]): Schema {
  return { type: "object", properties, required: [...required], additionalProperties: false };
}
