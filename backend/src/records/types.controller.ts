import { Controller, Get, Param, StreamableFile } from "@nestjs/common";
import { ApiOkResponse, ApiProduces, ApiTags } from "@nestjs/swagger";
import { z } from "zod";
import { Allow } from "../access/allow.ts";
import { ApiProblems } from "../http/api-problems.ts";
import { Refusal } from "../http/refusal.ts";
import { writeTemplate } from "./files/template.ts";
import { recordSchema } from "./types/json-schema.ts";
import type { RecordType } from "./types/record-type.ts";
import { recordTypes } from "./types/record-types.ts";

const XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

const TypeAnswer = z
  .object({
    type: z.string(),
    kind: z.int(),
    zh: z.string(),
    en: z.string(),
    source: z.string().meta({ description: "The standard or law that prescribes the layout" }),
  })
  .meta({ id: "RecordType" });

/** What may be put on record, and the empty forms for it. */
@ApiTags("types")
@Controller("api/v1")
export class TypesController {
  /** The record types of this service. */
  @Get("types")
  @Allow("type.list")
  @ApiOkResponse({ standardSchema: z.array(TypeAnswer) })
  list(): z.infer<typeof TypeAnswer>[] {
    return [...recordTypes.values()].map(({ type, kind, label, source }) => ({ type, kind, ...label, source }));
  }

  /** The JSON Schema (2020-12) of a type's records, with the official headings and codes. */
  @Get("types/:name/:version")
  @Allow("type.list")
  @ApiOkResponse({ schema: { type: "object", additionalProperties: true } })
  @ApiProblems("TYPE_NOT_FOUND")
  schema(@Param("name") name: string, @Param("version") version: string): ReturnType<typeof recordSchema> {
    return recordSchema(typeNamed(name, version));
  }

  /** The empty table of a type: official headings, what each column wants, an example, lists of the prescribed values. */
  @Get("templates/:name/:version")
  @Allow("type.list")
  @ApiProduces(XLSX)
  @ApiOkResponse({ schema: { type: "string", format: "binary" } })
  @ApiProblems("TYPE_NOT_FOUND")
  template(@Param("name") name: string, @Param("version") version: string): StreamableFile {
    const type = typeNamed(name, version);
    const disposition = `attachment; filename*=UTF-8''${encodeURIComponent(`${type.label.zh}.xlsx`)}`;
    return new StreamableFile(writeTemplate(type), { type: XLSX, disposition });
  }
}

/** @throws Refusal TYPE_NOT_FOUND */
function typeNamed(name: string, version: string): RecordType {
  const type = recordTypes.get(`${name}/${version}`);
  if (!type) throw new Refusal("TYPE_NOT_FOUND", { facts: { types: [...recordTypes.keys()] } });
  return type;
}
