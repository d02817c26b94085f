import { Body, Controller, Get, Param, Put } from "@nestjs/common";
import { ApiOkResponse, ApiTags } from "@nestjs/swagger";
import { z } from "zod";
import { type Access, AccessOf } from "../access/access.ts";
import { Allow } from "../access/allow.ts";
import { ApiProblems, JSON_PROBLEMS } from "../http/api-problems.ts";
import { LocalFieldsAnswer, Namespace, NewLocalSchema } from "./local-fields.schemas.ts";
import type { JsonSchema } from "./types/local-fields.ts";
import { LocalFields } from "./local-fields.service.ts";

@ApiTags("departments")
@Controller("api/v1/departments/:uscc/local-fields")
export class LocalFieldsController {
  constructor(private readonly localFields: LocalFields) {}

  /** The fields that a department adds to records, by namespace. */
  @Get()
  @Allow("department.settings", "handler")
  @ApiOkResponse({ standardSchema: z.array(LocalFieldsAnswer) })
  @ApiProblems("DEPARTMENT_UNKNOWN")
  list(@Param("uscc") uscc: string, @AccessOf() access: Access): Promise<LocalFieldsAnswer[]> {
    access.check({ department: uscc });
    return this.localFields.of(uscc);
  }

  /** Registers the JSON Schema of a namespace; from then on the department's records may hold `local.<namespace>`. */
  @Put(":namespace")
  @Allow("department.settings", "handler")
  @ApiOkResponse({ standardSchema: LocalFieldsAnswer })
  @ApiProblems(...JSON_PROBLEMS, "DEPARTMENT_UNKNOWN", "LOCAL_SCHEMA_INVALID")
  register(
    @Param("uscc") uscc: string,
    @Param("namespace", { schema: Namespace }) namespace: string,
    @Body({ schema: NewLocalSchema }) schema: z.infer<typeof NewLocalSchema>,
    @AccessOf() access: Access,
  ): Promise<LocalFieldsAnswer> {
    access.check({ department: uscc });
    return this.localFields.register(uscc, namespace, schema as JsonSchema);
  }
}
