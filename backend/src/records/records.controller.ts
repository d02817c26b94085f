import { Readable } from "node:stream";
import { Body, Controller, Get, HttpCode, Param, Post, Req, Res, StreamableFile } from "@nestjs/common";
import { RouteConfig } from "@nestjs/platform-fastify";
import {
  ApiAcceptedResponse,
  ApiBody,
  ApiConsumes,
  ApiCreatedResponse,
  ApiHeader,
  ApiOkResponse,
  ApiProduces,
  ApiTags,
} from "@nestjs/swagger";
import type { Receipt } from "@quanlian/proof";
import type { FastifyReply, FastifyRequest } from "fastify";
import { type Access, AccessOf, GrantOf } from "../access/access.ts";
import { Allow } from "../access/allow.ts";
import type { Grant } from "../access/policy.ts";
import type { ErrorCode } from "../errors.ts";
import { ApiProblems, JSON_PROBLEMS } from "../http/api-problems.ts";
import { type BodyConfig, NDJSON } from "../http/body-parsers.ts";
import { Id } from "../http/id.ts";
import { Refusal } from "../http/refusal.ts";
import { SubmissionReference } from "../review/review.schemas.ts";
import { Receipts } from "../verification/receipts.service.ts";
import { IdempotencyKey } from "./idempotency-key.ts";
import { RecordsByLine } from "./records-by-line.service.ts";
import { LineAnswer, NewRecord, ReceiptAnswer, RecordAnswer, RecordReference } from "./records.schemas.ts";
import { audienceOf } from "./record-resource.ts";
import { RecordsService } from "./records.service.ts";

/** What keeps a record out that is right in itself, or wrong. */
export const ADMISSION_PROBLEMS: readonly ErrorCode[] = [
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
  "OVERLOADED",
  "ANCHORING_STALLED",
  "RECORD_ERASED",
  "KMS_UNAVAILABLE",
];

/** What may keep a record that is there from being shown. */
const CONTENT_PROBLEMS: readonly ErrorCode[] = ["RECORD_ERASED", "CONTENT_UNREADABLE", "KMS_UNAVAILABLE"];
/** What any record can meet on its way in. */
export const RECORD_PROBLEMS: readonly ErrorCode[] = [
  ...ADMISSION_PROBLEMS,
  "KEYS_SELF_HELD",
  "IDEMPOTENCY_KEY_INVALID",
  "IDEMPOTENCY_KEY_REUSED",
];

@ApiTags("records")
@Controller("api/v1/records")
export class RecordsController {
  constructor(
    private readonly records: RecordsService,
    private readonly byLine: RecordsByLine,
    private readonly receipts: Receipts,
  ) {}

  /**
   * Takes one record in: 202 when it is new, 200 when the same record is there already, 201 when it waits for a second
   * person (GET /submissions/{id}).
   */
  @Post()
  @Allow("record.submit", "handler")
  @ApiHeader({ name: "Idempotency-Key", required: false, description: "1 to 128 visible ASCII characters" })
  @ApiAcceptedResponse({ standardSchema: RecordReference })
  @ApiOkResponse({ standardSchema: RecordReference })
  @ApiCreatedResponse({ standardSchema: SubmissionReference })
  @ApiProblems(...JSON_PROBLEMS, ...RECORD_PROBLEMS)
  async submit(
    @Body({ schema: NewRecord }) input: NewRecord,
    @AccessOf() access: Access,
    @IdempotencyKey() key: string | undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<RecordReference | SubmissionReference> {
    const submitted = await this.records.submit(input, access, key);
    if ("submission" in submitted) {
      void reply.status(201).header("location", `/api/v1/submissions/${submitted.submission}`);
      return submitted;
    }
    const { created, ...reference } = submitted;
    void reply.status(created ? 202 : 200);
    return reference;
  }

  /**
   * Takes many records in, one a line, each by itself: a line that is refused changes nothing for the others. Answers with one line for each,
   * in their order, while more may still be coming. A record that is sent again is answered as the same record.
   */
  @Post("lines")
  @Allow("record.submit", "handler")
  @HttpCode(200)
  @RouteConfig({ lines: true } satisfies BodyConfig)
  @ApiBody({ description: "Lines `NewRecord`", schema: { type: "string", format: "binary" } })
  @ApiConsumes(NDJSON)
  @ApiProduces(NDJSON)
  @ApiOkResponse({ standardSchema: LineAnswer, description: "Lines `LineAnswer`" })
  @ApiProblems("UNSUPPORTED_MEDIA_TYPE")
  submitLines(@Req() { body }: FastifyRequest, @AccessOf() access: Access): StreamableFile {
    if (!(body instanceof Readable)) throw new Refusal("UNSUPPORTED_MEDIA_TYPE");
    return new StreamableFile(Readable.from(this.byLine.answers(body, access)), { type: NDJSON });
  }

  @Get(":id")
  @Allow("record.read", "record")
  @ApiOkResponse({ standardSchema: RecordAnswer })
  @ApiProblems("INVALID_PARAMETER", "RECORD_NOT_FOUND", ...CONTENT_PROBLEMS)
  show(@Param("id", { schema: Id }) id: string, @GrantOf() grant: Grant): Promise<RecordAnswer> {
    return this.records.show(id, audienceOf(grant));
  }

  /** The file that proves this record to anybody, once it is final. */
  @Get(":id/receipt")
  @Allow("receipt.read", "record")
  @ApiOkResponse({ standardSchema: ReceiptAnswer })
  @ApiProblems("INVALID_PARAMETER", "RECORD_NOT_FOUND", "NOT_FINAL", ...CONTENT_PROBLEMS)
  receipt(@Param("id", { schema: Id }) id: string, @GrantOf() grant: Grant): Promise<Receipt> {
    return this.receipts.receiptOf(id, audienceOf(grant));
  }
}
