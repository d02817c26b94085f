import { Controller, Get, Param } from "@nestjs/common";
import { ApiOkResponse, ApiTags } from "@nestjs/swagger";
import type { Equivocation } from "@quanlian/proof";
import { GrantOf } from "../access/access.ts";
import { Allow } from "../access/allow.ts";
import type { Grant } from "../access/policy.ts";
import { ApiProblems } from "../http/api-problems.ts";
import { Id } from "../http/id.ts";
import { audienceOf } from "../records/record-resource.ts";
import { EquivocationAnswer, EquivocationsAnswer } from "./equivocations.schemas.ts";
import { Equivocations } from "./equivocations.ts";

@ApiTags("findings")
@Controller("api/v1")
export class EquivocationsController {
  constructor(private readonly equivocations: Equivocations) {}

  /** The attempts to give a record's document number another content. */
  @Get("records/:id/equivocations")
  @Allow("equivocation.read", "record")
  @ApiOkResponse({ standardSchema: EquivocationsAnswer })
  @ApiProblems("INVALID_PARAMETER", "RECORD_NOT_FOUND")
  ofRecord(@Param("id", { schema: Id }) id: string): Promise<EquivocationsAnswer> {
    return this.equivocations.ofRecord(id);
  }

  /** The file that proves to anybody that one department signed two contents under one number. */
  @Get("equivocations/:id")
  @Allow("equivocation.read", "equivocation")
  @ApiOkResponse({ standardSchema: EquivocationAnswer })
  @ApiProblems(
    "INVALID_PARAMETER",
    "EQUIVOCATION_NOT_FOUND",
    "RECORD_ERASED",
    "CONTENT_UNREADABLE",
    "DIFFERENCE_NOT_SHOWN",
  )
  document(@Param("id", { schema: Id }) id: string, @GrantOf() grant: Grant): Promise<Equivocation> {
    return this.equivocations.document(id, audienceOf(grant));
  }
}
