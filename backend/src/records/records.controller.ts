import { Body, Controller, Get, Param, Post, Res } from "@nestjs/common";
import { ApiAcceptedResponse, ApiHeader, ApiOkResponse, ApiTags } from "@nestjs/swagger";
import type { Receipt } from "@quanlian/proof";
import type { FastifyReply } from "fastify";
import type { ErrorCode } from "../errors.ts";
import { ApiProblems, JSON_PROBLEMS } from "../http/api-problems.ts";
import { Id } from "../http/id.ts";
import { Receipts } from "../verification/receipts.service.ts";
import { IdempotencyKey } from "./idempotency-key.ts";
import { NewRecord, ReceiptAnswer, RecordAnswer, RecordReference } from "./records.schemas.ts";
import { RecordsService } from "./records.service.ts";

const RECORD_PROBLEMS: readonly ErrorCode[] = [
  "RECORD_INVALID",
  "TYPE_UNKNOWN",
  "DEPARTMENT_UNKNOWN",
  "DEPARTMENT_NOT_CAPABLE",
  "DEPARTMENT_STOPPED",
  "NUMBER_CONFLICT",
  "SUPERSEDES_UNKNOWN",
  "ALREADY_SUPERSEDED",
  "REVIEW_REQUIRED",
  "REASON_MISSING",
  "REASON_UNFIT",
  "SUPERSEDES_OTHER_SUBJECT",
  "LINK_CYCLE",
  "IDEMPOTENCY_KEY_INVALID",
  "IDEMPOTENCY_KEY_REUSED",
  "OVERLOADED",
  "ANCHORING_STALLED",
];

@ApiTags("records")
@Controller("api/v1/records")
export class RecordsController {
  constructor(
    private readonly records: RecordsService,
    private readonly receipts: Receipts,
  ) {}

  /** Takes one record in: 202 when it is new, 200 when the same record is there already. */
  @Post()
  @ApiHeader({ name: "Idempotency-Key", required: false, description: "1 to 128 visible ASCII characters" })
  @ApiAcceptedResponse({ standardSchema: RecordReference })
  @ApiOkResponse({ standardSchema: RecordReference })
  @ApiProblems(...JSON_PROBLEMS, ...RECORD_PROBLEMS)
  async submit(
    @Body({ schema: NewRecord }) input: NewRecord,
    @IdempotencyKey() key: string | undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<RecordReference> {
    const { created, ...reference } = await this.records.submit(input, key);
    void reply.status(created ? 202 : 200);
    return reference;
  }

  @Get(":id")
  @ApiOkResponse({ standardSchema: RecordAnswer })
  @ApiProblems("INVALID_PARAMETER", "RECORD_NOT_FOUND")
  show(@Param("id", { schema: Id }) id: string): Promise<RecordAnswer> {
    return this.records.show(id);
  }

  /** The file that proves this record to anybody, once it is final. */
  @Get(":id/receipt")
  @ApiOkResponse({ standardSchema: ReceiptAnswer })
  @ApiProblems("INVALID_PARAMETER", "RECORD_NOT_FOUND", "NOT_FINAL")
  receipt(@Param("id", { schema: Id }) id: string): Promise<Receipt> {
    return this.receipts.receiptOf(id);
  }
}
