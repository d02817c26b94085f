import { Controller, Get, HttpCode, Param, Post } from "@nestjs/common";
import { ApiAcceptedResponse, ApiOkResponse, ApiTags } from "@nestjs/swagger";
import { type Access, AccessOf } from "../access/access.ts";
import { Allow } from "../access/allow.ts";
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
  @Allow("integrity.request")
  @HttpCode(202)
  @ApiAcceptedResponse({ standardSchema: RunAnswer })
  request(): Promise<RunAnswer> {
    return this.integrity.request();
  }

  @Get(":id")
  @Allow("integrity.read")
  @ApiOkResponse({ standardSchema: RunAnswer })
  @ApiProblems("INVALID_PARAMETER", "RUN_NOT_FOUND")
  async show(@Param("id", { schema: Id }) id: string, @AccessOf() access: Access): Promise<RunAnswer> {
    const run = await this.integrity.show(id);
    return access.allows("integrity.contents") ? run : { ...run, found: run.found.map(withoutContent) };
  }
}

/** Where something differs is told to everybody who may ask; what it says is content of a record. */
function withoutContent(found: RunAnswer["found"][number]): RunAnswer["found"][number] {
  return { ...found, stored: null, expected: null };
}
