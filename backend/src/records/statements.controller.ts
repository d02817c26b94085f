import { Body, Controller, Post, Res } from "@nestjs/common";
import { ApiAcceptedResponse, ApiOkResponse, ApiTags } from "@nestjs/swagger";
import type { FastifyReply } from "fastify";
import { type Access, AccessOf } from "../access/access.ts";
import { Allow } from "../access/allow.ts";
import { ApiProblems, JSON_PROBLEMS } from "../http/api-problems.ts";
import { ADMISSION_PROBLEMS } from "./records.controller.ts";
import { NewStatement, RecordReference } from "./records.schemas.ts";
import { RecordsService } from "./records.service.ts";

@ApiTags("records")
@Controller("api/v1/statements")
export class StatementsController {
  constructor(private readonly records: RecordsService) {}

  /** Takes one record in that its department has signed itself: 202 when it is new, 200 when it is there already. */
  @Post()
  @Allow("record.submit", "handler")
  @ApiAcceptedResponse({ standardSchema: RecordReference })
  @ApiOkResponse({ standardSchema: RecordReference })
  @ApiProblems(
    ...JSON_PROBLEMS,
    ...ADMISSION_PROBLEMS,
    "STATEMENT_INVALID",
    "STATEMENT_KEY_UNKNOWN",
    "STATEMENT_NOT_NORMAL",
    "SIGNED_IN_FUTURE",
    "CHAIN_UNAVAILABLE",
  )
  async submit(
    @Body({ schema: NewStatement }) input: NewStatement,
    @AccessOf() access: Access,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<RecordReference> {
    const { created, ...reference } = await this.records.submitSigned(input, access);
    void reply.status(created ? 202 : 200);
    return reference;
  }
}
