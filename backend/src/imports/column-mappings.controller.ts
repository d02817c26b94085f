import { Body, Controller, Delete, Get, HttpCode, Param, Put } from "@nestjs/common";
import { ApiNoContentResponse, ApiOkResponse, ApiTags } from "@nestjs/swagger";
import { z } from "zod";
import { type Access, AccessOf } from "../access/access.ts";
import { Allow } from "../access/allow.ts";
import { ApiProblems, JSON_PROBLEMS } from "../http/api-problems.ts";
import { ColumnMappings } from "./column-mappings.service.ts";
import { MappingAnswer, MappingName, NewMapping } from "./imports.schemas.ts";

@ApiTags("imports")
@Controller("api/v1/departments/:uscc/mappings")
export class ColumnMappingsController {
  constructor(private readonly mappings: ColumnMappings) {}

  /** The column mappings that a department has saved. */
  @Get()
  @Allow("department.settings", "handler")
  @ApiOkResponse({ standardSchema: z.array(MappingAnswer) })
  @ApiProblems("DEPARTMENT_UNKNOWN")
  list(@Param("uscc") uscc: string, @AccessOf() access: Access): Promise<MappingAnswer[]> {
    access.check({ department: uscc });
    return this.mappings.of(uscc);
  }

  /** Saves what the headings of a department's own export mean; imports use it by its name. */
  @Put(":name")
  @Allow("department.settings", "handler")
  @ApiOkResponse({ standardSchema: MappingAnswer })
  @ApiProblems(...JSON_PROBLEMS, "DEPARTMENT_UNKNOWN", "TYPE_UNKNOWN", "COLUMN_UNKNOWN")
  save(
    @Param("uscc") uscc: string,
    @Param("name", { schema: MappingName }) name: string,
    @Body({ schema: NewMapping }) mapping: NewMapping,
    @AccessOf() access: Access,
  ): Promise<MappingAnswer> {
    access.check({ department: uscc });
    return this.mappings.save(uscc, name, mapping);
  }

  /** Forgets a saved mapping; imports that have begun with it go on with it. */
  @Delete(":name")
  @Allow("department.settings", "handler")
  @HttpCode(204)
  @ApiNoContentResponse()
  @ApiProblems("INVALID_PARAMETER", "MAPPING_NOT_FOUND")
  forget(
    @Param("uscc") uscc: string,
    @Param("name", { schema: MappingName }) name: string,
    @AccessOf() access: Access,
  ): Promise<void> {
    access.check({ department: uscc });
    return this.mappings.forget(uscc, name);
  }
}
