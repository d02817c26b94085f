import { Body, Controller, HttpCode, Param, Post } from "@nestjs/common";
import { ApiOkResponse, ApiTags } from "@nestjs/swagger";
import { type Access, AccessOf } from "../access/access.ts";
import { Allow } from "../access/allow.ts";
import { ApiProblems, JSON_PROBLEMS } from "../http/api-problems.ts";
import { Id } from "../http/id.ts";
import { ErasureAnswer, NewErasure } from "./erasure.schemas.ts";
import { Erasures } from "./erasures.service.ts";

@ApiTags("records")
@Controller("api/v1/records/:id/erasure")
export class ErasuresController {
  constructor(private readonly erasures: Erasures) {}

  /**
   * Erases what is personal in a record, for ever, and leaves a note. Repeated, it erases what has been sent of it since, and
   * answers with the first note.
   */
  @Post()
  @HttpCode(200)
  @Allow("record.erase", "record")
  @ApiOkResponse({ standardSchema: ErasureAnswer })
  @ApiProblems(
    ...JSON_PROBLEMS,
    "INVALID_PARAMETER",
    "RECORD_NOT_FOUND",
    "NOTHING_PERSONAL",
    "NOT_FINAL",
    "ERASURE_BLOCKED",
    "KMS_UNAVAILABLE",
  )
  erase(
    @Param("id", { schema: Id }) id: string,
    @Body({ schema: NewErasure }) { reason }: NewErasure,
    @AccessOf() { principal }: Access,
  ): Promise<ErasureAnswer> {
    return this.erasures.erase(id, reason, principal.id!);
  }
}
