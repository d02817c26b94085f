import { Body, Controller, Delete, Get, HttpCode, Param, Post, Query } from "@nestjs/common";
import { RouteConfig } from "@nestjs/platform-fastify";
import { ApiBody, ApiConsumes, ApiNoContentResponse, ApiOkResponse, ApiTags } from "@nestjs/swagger";
import { z } from "zod";
import { type Access, AccessOf } from "../access/access.ts";
import { AccessLog } from "../access/access-log.ts";
import { Allow } from "../access/allow.ts";
import { ApiProblems } from "../http/api-problems.ts";
import type { BodyConfig } from "../http/body-parsers.ts";
import { Id } from "../http/id.ts";
import { ForeignRecordsService } from "./foreign-records.service.ts";
import { ForeignRecord, ForeignRecords, RegionAnswer, RegionQuery } from "./regions.schemas.ts";
import { Regions } from "./regions.service.ts";

const RAW: BodyConfig = { rawJson: true, bodyLimit: 2 * 1024 * 1024 };
const Area = z.string().regex(/^\d{6}$/);

/** Receipts are encrypted at rest. */
const SEALED = ["CONTENT_UNREADABLE", "KMS_UNAVAILABLE"] as const;

@ApiTags("regions")
@Controller("api/v1")
export class RegionsController {
  constructor(
    private readonly regions: Regions,
    private readonly foreign: ForeignRecordsService,
    private readonly log: AccessLog,
  ) {}

  /** The departments of an area and everything within it, with what they have anchored. */
  @Get("regions/:area")
  @Allow("department.list")
  @ApiOkResponse({ standardSchema: RegionAnswer })
  @ApiProblems("INVALID_PARAMETER")
  show(@Param("area", { schema: Area }) area: string, @Query({ schema: RegionQuery }) query: RegionQuery) {
    return this.regions.of(area, query);
  }

  /** Brings a record of another region to an enterprise, by its receipt. */
  @Post("subjects/:uscc/foreign-records")
  @Allow("foreign-record.attach", "handler")
  @HttpCode(200)
  @RouteConfig(RAW)
  @ApiConsumes("application/json")
  @ApiBody({ description: "A quanlian-receipt/1 of a ledger on the trust list", schema: { type: "object" } })
  @ApiOkResponse({ standardSchema: ForeignRecord })
  @ApiProblems(
    "NOT_UTF8",
    "SUBJECT_INVALID",
    "RECEIPT_UNFIT",
    "FOREIGN_RECORDS_FULL",
    "TOO_LARGE",
    "UNSUPPORTED_MEDIA_TYPE",
    ...SEALED,
  )
  async attach(
    @Param("uscc") uscc: string,
    @Body() receipt: unknown,
    @AccessOf() access: Access,
  ): Promise<ForeignRecord> {
    access.check({ subject: uscc });
    await this.log.appendMandate(access, uscc);
    return this.foreign.attach(uscc, typeof receipt === "string" ? receipt : "");
  }

  /** Records of other regions about an enterprise, with where they come from and what the verifier says of them now. */
  @Get("subjects/:uscc/foreign-records")
  @Allow("foreign-record.read", "handler")
  @ApiOkResponse({ standardSchema: ForeignRecords })
  @ApiProblems("SUBJECT_INVALID", ...SEALED)
  of(@Param("uscc") uscc: string, @AccessOf() access: Access): Promise<ForeignRecords> {
    access.check({ subject: uscc });
    return this.foreign.of(uscc);
  }

  /** Takes a record of another region away again, for ever: the receipt and its key. */
  @Delete("subjects/:uscc/foreign-records/:id")
  @Allow("foreign-record.remove", "handler")
  @HttpCode(204)
  @ApiNoContentResponse({ description: "It is gone" })
  @ApiProblems("INVALID_PARAMETER", "SUBJECT_INVALID", "FOREIGN_RECORD_NOT_FOUND")
  async remove(
    @Param("uscc") uscc: string,
    @Param("id", { schema: Id }) id: string,
    @AccessOf() access: Access,
  ): Promise<void> {
    access.check({ subject: uscc });
    await this.foreign.remove(uscc, id);
  }
}
