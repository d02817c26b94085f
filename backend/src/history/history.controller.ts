import { Controller, Get, Param, Query } from "@nestjs/common";
import { ApiOkResponse, ApiTags } from "@nestjs/swagger";
import { type Access, AccessOf } from "../access/access.ts";
import { Allow } from "../access/allow.ts";
import { ApiProblems } from "../http/api-problems.ts";
import { HistoryAnswer, HistoryQuery } from "./history.schemas.ts";
import { History } from "./history.service.ts";

@ApiTags("history")
@Controller("api/v1/subjects")
export class HistoryController {
  constructor(private readonly history: History) {}

  /** The chain of one enterprise: approvals, services, inspections, penalties and credit records with their links. */
  @Get(":uscc/history")
  @Allow("history.read", "handler")
  @ApiOkResponse({ standardSchema: HistoryAnswer })
  @ApiProblems("INVALID_PARAMETER", "SUBJECT_INVALID", "CURSOR_INVALID")
  show(
    @Param("uscc") uscc: string,
    @Query({ schema: HistoryQuery }) query: HistoryQuery,
    @AccessOf() access: Access,
  ): Promise<HistoryAnswer> {
    return this.history.of(uscc, query, access);
  }
}
