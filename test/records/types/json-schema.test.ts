import { expect } from "chai";
import { localSchema } from "../../../backend/src/records/types/local-fields.ts";
import { recordSchema } from "../../../backend/src/records/types/json-schema.ts";
import type { RecordType } from "../../../backend/src/records/types/record-type.ts";
import { recordTypes } from "../../../backend/src/records/types/record-types.ts";
import { typeNamed, vectors } from "./vectors.ts";

/** What zod can check of a type's schema: all but the conditions between claims. */
function checkOf(type: RecordType): (values: unknown) => boolean {
  const { allOf: _, ...schema } = recordSchema(type);
  const { check } = localSchema(schema);
  return (values) => check(values) === null;
}

const current = vectors.filter(({ file }) => !file.includes("2016"));

describe("The JSON Schema of a type", () => {
  for (const { file, type, record } of current) {
    it(`${file}: accepts the claims of its vector, and none besides`, () => {
      const accepts = checkOf(typeNamed(type));
      expect(accepts(record.fields)).to.equal(true);
      expect(accepts({ ...record.fields, surplus: 1 })).to.equal(false);
    });

    it(`${file}: misses each required claim`, () => {
      const accepts = checkOf(typeNamed(type));
      for (const claim of recordSchema(typeNamed(type)).required as string[]) {
        const { [claim]: _, ...rest } = record.fields;
        expect(accepts(rest), claim).to.equal(false);
      }
    });
  }

  it("names every claim in Chinese and English with its official heading", () => {
    for (const type of recordTypes.values()) {
      const properties = recordSchema(type).properties as Record<string, { title?: string; description?: string }>;
      for (const { claim, consumed, label, heading } of type.fields) {
        if (consumed !== undefined) continue;
        expect(properties[claim]?.title).to.equal(`${label.zh} ${label.en}`);
        expect(properties[claim]?.description).to.include(heading);
      }
    }
  });

  it("states the conditions between claims", () => {
    const conditions = recordSchema(typeNamed("enforcement.penalty/1")).allOf as { then: { required: string[] } }[];
    const required = conditions.flatMap(({ then }) => then.required);
    expect(required).to.include.members(["fineFen", "confiscatedFen", "licencesAffected", "legalRepresentative"]);
  });
});
