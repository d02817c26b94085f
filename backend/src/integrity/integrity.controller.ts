import { Controller, Get, HttpCode, Param, Post } from "@nestjs/common";
import { ApiAcceptedResponse, ApiOkResponse, ApiTags } from "@nestjs/swagger";
import { ApiProblems } from "../http/api-problems.ts";
import { Id } from "../http/id.ts";
import { RunAnswer } from "./integrity.schemas.ts";
import { IntegrityService } from "./integrity.service.ts";

@ApiTags("integrity")
@Controller("api/v1/integrity/runs")
export class IntegrityController {
  constructor(private readonly integrity: IntegrityService) {}

  /** Asks for everything stored to be re-derived up to the chain, and the reverse. */
  @Post()
  @HttpCode(202)
  @ApiAcceptedResponse({ standardSchema: RunAnswer })
  request(): Promise<RunAnswer> {
    return this.integrity.request();
  }

  @Get(":id")
  @ApiOkResponse({ standardSchema: RunAnswer })
  @ApiProblems("INVALID_PARAMETER", "RUN_NOT_FOUND")
  show(@Param("id", { schema: Id }) id: string): Promise<RunAnswer> {
    return this.integrity.show(id);
  }
}
