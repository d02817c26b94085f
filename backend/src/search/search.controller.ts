import { Controller, Get, Query, StreamableFile } from "@nestjs/common";
import { ApiOkResponse, ApiProduces, ApiTags } from "@nestjs/swagger";
import { type Access, AccessOf } from "../access/access.ts";
import { Allow } from "../access/allow.ts";
import { ApiProblems } from "../http/api-problems.ts";
import { RecordExport } from "./record-export.ts";
import { Conditions, SearchAnswer, SearchQuery } from "./search.schemas.ts";
import { RecordSearch } from "./search.service.ts";

const NDJSON = "application/x-ndjson";

@ApiTags("records")
@Controller("api/v1")
export class SearchController {
  constructor(
    private readonly search: RecordSearch,
    private readonly exporting: RecordExport,
  ) {}

  /** Finds records by number, subject, part of a name, department and its area or level, type, period and state; latest act first. */
  @Get("records")
  @Allow("record.search", "handler")
  @ApiOkResponse({ standardSchema: SearchAnswer })
  @ApiProblems("INVALID_PARAMETER", "TYPE_UNKNOWN", "SUBJECT_INVALID", "CURSOR_INVALID")
  find(@Query({ schema: SearchQuery }) query: SearchQuery, @AccessOf() access: Access): Promise<SearchAnswer> {
    return this.search.page(query, access);
  }

  /** Every record that the asker may find with its receipt, one JSON object a line, as a stream without end of memory. */
  @Get("exports/records")
  @Allow("record.export", "handler")
  @ApiProduces(NDJSON)
  @ApiOkResponse({ schema: { type: "string", format: "binary" }, description: "Lines `{record, receipt}`" })
  @ApiProblems("INVALID_PARAMETER", "TYPE_UNKNOWN", "SUBJECT_INVALID")
  async export(@Query({ schema: Conditions }) query: Conditions, @AccessOf() access: Access): Promise<StreamableFile> {
    const disposition = 'attachment; filename="records.ndjson"';
    return new StreamableFile(await this.exporting.lines(query, access), { type: NDJSON, disposition });
  }
}
