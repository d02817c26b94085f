import { Controller, Get, Param, Query } from "@nestjs/common";
import { ApiOkResponse, ApiTags } from "@nestjs/swagger";
import { type Access, AccessOf } from "../access/access.ts";
import { Allow } from "../access/allow.ts";
import { ApiProblems } from "../http/api-problems.ts";
import { HistoryAnswer, HistoryQuery, IdentityAnswer, IdentityQuery } from "./history.schemas.ts";
import { History } from "./history.service.ts";
import { Identity } from "./identity.ts";

@ApiTags("history")
@Controller("api/v1/subjects")
export class HistoryController {
  constructor(
    private readonly history: History,
    private readonly identities: Identity,
  ) {}

  /** The chain of one enterprise: approvals, services, inspections, penalties and credit records with their links. */
  @Get(":uscc/history")
  @Allow("history.read", "handler")
  @ApiOkResponse({ standardSchema: HistoryAnswer })
  @ApiProblems("INVALID_PARAMETER", "SUBJECT_INVALID", "CURSOR_INVALID", "CONTENT_UNREADABLE", "KMS_UNAVAILABLE")
  show(
    @Param("uscc") uscc: string,
    @Query({ schema: HistoryQuery }) query: HistoryQuery,
    @AccessOf() access: Access,
  ): Promise<HistoryAnswer> {
    return this.history.of(uscc, query, access);
  }

  /** Under which names an enterprise went, and which others it came from and became: each with its record as evidence. */
  @Get(":uscc/identity")
  @Allow("history.read", "handler")
  @ApiOkResponse({ standardSchema: IdentityAnswer })
  @ApiProblems("INVALID_PARAMETER", "SUBJECT_INVALID")
  identity(
    @Param("uscc") uscc: string,
    @Query({ schema: IdentityQuery }) query: IdentityQuery,
    @AccessOf() access: Access,
  ): Promise<IdentityAnswer> {
    return this.identities.of(uscc, query.asOf, access);
  }
}
