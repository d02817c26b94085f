import { Controller, Get, HttpCode, Param, Post, Query, Req, StreamableFile } from "@nestjs/common";
import { ApiAcceptedResponse, ApiBody, ApiConsumes, ApiOkResponse, ApiProduces, ApiTags } from "@nestjs/swagger";
import type { FastifyRequest } from "fastify";
import { z } from "zod";
import { type Access, AccessOf } from "../access/access.ts";
import { Allow } from "../access/allow.ts";
import { ApiProblems } from "../http/api-problems.ts";
import { Id } from "../http/id.ts";
import { ErrorFormat, ImportAnswer, ImportQuery } from "./imports.schemas.ts";
import { ImportsService } from "./imports.service.ts";

const CONTENT_TYPES = {
  xlsx: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
  csv: "text/csv; charset=utf-8",
  ndjson: "application/x-ndjson",
};

@ApiTags("imports")
@Controller("api/v1/imports")
export class ImportsController {
  constructor(private readonly imports: ImportsService) {}

  /** Takes a file of records in: xlsx, csv (UTF-8 or GB18030) or NDJSON, each also gzipped. */
  @Post()
  @Allow("import.submit", "handler")
  @HttpCode(202)
  @ApiConsumes("multipart/form-data")
  @ApiBody({
    schema: {
      type: "object",
      required: ["file", "department"],
      properties: {
        department: { type: "string", description: "USCC" },
        type: { type: "string", description: "Record type of every row, when the file does not tell" },
        mapping: { type: "string", description: "Name of a saved column mapping of this department" },
        file: { type: "string", format: "binary" },
      },
    },
  })
  @ApiAcceptedResponse({ standardSchema: ImportAnswer })
  @ApiProblems(
    "MALFORMED_REQUEST",
    "FILE_MISSING",
    "FIELD_MISSING",
    "TOO_LARGE",
    "UNSUPPORTED_MEDIA_TYPE",
    "DEPARTMENT_UNKNOWN",
    "TYPE_UNKNOWN",
    "MAPPING_NOT_FOUND",
    "INVALID_PARAMETER",
    "ANCHORING_STALLED",
    "KMS_UNAVAILABLE",
  )
  submit(
    @Req() request: FastifyRequest,
    @Query({ schema: ImportQuery }) { dryRun }: ImportQuery,
    @AccessOf() access: Access,
  ): Promise<ImportAnswer> {
    return this.imports.submit(request, dryRun === "true", access);
  }

  /** How far an import is. */
  @Get(":id")
  @Allow("import.read", "import")
  @ApiOkResponse({ standardSchema: ImportAnswer })
  @ApiProblems("INVALID_PARAMETER", "IMPORT_NOT_FOUND")
  show(@Param("id", { schema: Id }) id: string): Promise<ImportAnswer> {
    return this.imports.show(id);
  }

  /** The rows that were not taken in: row, column, what is wrong, what to do. */
  @Get(":id/errors")
  @Allow("import.read", "import")
  @ApiProduces(...Object.values(CONTENT_TYPES))
  @ApiOkResponse({ schema: { type: "string", format: "binary" } })
  @ApiProblems("INVALID_PARAMETER", "IMPORT_NOT_FOUND", "CONTENT_UNREADABLE", "KMS_UNAVAILABLE")
  async errors(
    @Param("id", { schema: Id }) id: string,
    @Query({ schema: ErrorFormat }) { format }: z.infer<typeof ErrorFormat>,
  ): Promise<StreamableFile> {
    const { content, fileName } = await this.imports.errors(id, format);
    const disposition = `attachment; filename*=UTF-8''${encodeURIComponent(fileName)}`;
    return new StreamableFile(content, { type: CONTENT_TYPES[format], disposition });
  }
}
