import { readFileSync } from "node:fs";
import { expect } from "chai";
import { z } from "zod";
import { ERRORS, type ErrorCode } from "../../backend/src/errors.ts";
import { EXAMPLES, SUMMARIES } from "../../backend/src/http/openapi-texts.ts";

interface Schema {
  readonly $ref?: string;
  readonly type?: string;
  readonly items?: Schema;
  readonly example?: unknown;
}
interface Content {
  readonly schema: Schema;
  readonly examples?: Readonly<Record<string, { readonly value: { readonly code: string; readonly status: number } }>>;
}
interface Answer {
  readonly description: string;
  readonly content?: Readonly<Record<string, Content>>;
}
interface Operation {
  readonly operationId: string;
  readonly summary?: string;
  readonly requestBody?: { readonly content: Readonly<Record<string, Content>> };
  readonly responses: Readonly<Record<string, Answer>>;
}
interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> };
}

const file = new URL("../../docs/api/openapi.json", import.meta.url);
const document = JSON.parse(readFileSync(file, "utf8")) as Document;
const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({ name: `${method.toUpperCase()} ${path}`, operation })),
);
const componentOf = ({ $ref }: Schema) => $ref?.replace("#/components/schemas/", "");

/** A named schema by itself, with all that it refers to. */
function schemaOf(name: string): Parameters<typeof z.fromJSONSchema>[0] {
  const definitions = JSON.stringify(document.components.schemas).replaceAll("#/components/schemas/", "#/definitions/");
  return { $ref: `#/definitions/${name}`, definitions: JSON.parse(definitions) as never };
}

/** Whether a reader sees a value of this schema. */
function isShown(schema: Schema): boolean {
  const name = componentOf(schema);
  if (name !== undefined) return document.components.schemas[name]?.example !== undefined;
  if (schema.items) return isShown(schema.items);
  return schema.example !== undefined;
}

/** JSON, except what is passed on as it is: schemas and bodies whose form is described elsewhere. */
const json = (content: Readonly<Record<string, Content>> = {}) =>
  content["application/json"] && componentOf(content["application/json"].schema) !== undefined
    ? [content["application/json"].schema]
    : [];

describe("the API's description", () => {
  for (const { name, operation } of operations) {
    it(`${name}: has a summary in Chinese and English, examples, and its refusals`, () => {
      expect(operation.summary, "summary").to.match(/\p{Script=Han}.* · [A-Z]/u);
      const answers = Object.entries(operation.responses);
      const good = answers.filter(([status]) => status < "400").map(([, answer]) => answer);
      expect(good).to.not.be.empty;
      for (const schema of [...json(operation.requestBody?.content), ...good.flatMap(({ content }) => json(content))])
        expect(isShown(schema), `an example of ${componentOf(schema)}`).to.equal(true);
      for (const [status, { description, content }] of answers.filter(([status]) => status >= "400")) {
        for (const schema of json(content))
          expect(isShown(schema), `an example of ${componentOf(schema)}`).to.equal(true);
        if (json(content).length > 0) continue;
        const examples = content?.["application/problem+json"]?.examples ?? {};
        expect(Object.keys(examples), description).to.not.be.empty;
        for (const [code, { value }] of Object.entries(examples)) {
          expect(value.code).to.equal(code);
          expect(String(value.status)).to.equal(status);
          expect(description).to.include(ERRORS[code as ErrorCode].en);
        }
      }
    });
  }

  it("names only operations and schemas that are there", () => {
    const ids = new Set(operations.map(({ operation }) => operation.operationId));
    expect(Object.keys(SUMMARIES).filter((name) => !ids.has(name))).to.deep.equal([]);
    expect(Object.keys(EXAMPLES).filter((name) => !Object.hasOwn(document.components.schemas, name))).to.deep.equal([]);
  });

  for (const [name, example] of Object.entries(EXAMPLES)) {
    it(`the example of ${name} fits its schema`, () => {
      const reading = z.fromJSONSchema(schemaOf(name), { defaultTarget: "openapi-3.0" }).safeParse(example);
      expect(reading.error?.issues ?? []).to.deep.equal([]);
    });
  }
});
