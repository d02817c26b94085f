import { Body, Controller, Get, HttpCode, Param, Post, Put } from "@nestjs/common";
import { ApiOkResponse, ApiTags } from "@nestjs/swagger";
import { z } from "zod";
import { type Access, AccessOf } from "../access/access.ts";
import { Allow } from "../access/allow.ts";
import { DepartmentsService } from "../departments/departments.service.ts";
import { ApiProblems, JSON_PROBLEMS } from "../http/api-problems.ts";
import { Id } from "../http/id.ts";
import { Refusal } from "../http/refusal.ts";
import { RECORD_PROBLEMS } from "../records/records.controller.ts";
import { ReviewService } from "./review.service.ts";
import { RefusalReason, ReviewRule, SubmissionAnswer, SubmissionsAnswer, submissionAnswer } from "./review.schemas.ts";
import { Submissions } from "./submissions.ts";

/** What was sent is encrypted at rest. */
const SEALED = ["CONTENT_UNREADABLE", "KMS_UNAVAILABLE"] as const;

/** What waits until a second person has approved it (二人复核). */
@ApiTags("review")
@Controller("api/v1")
export class ReviewController {
  constructor(
    private readonly submissions: Submissions,
    private readonly review: ReviewService,
    private readonly departments: DepartmentsService,
  ) {}

  /** What waits in one's own departments, the longest first. */
  @Get("submissions")
  @Allow("submission.read", "handler")
  @ApiOkResponse({ standardSchema: SubmissionsAnswer })
  @ApiProblems(...SEALED)
  async list(@AccessOf() { principal }: Access): Promise<z.infer<typeof SubmissionsAnswer>> {
    const waiting = await this.submissions.waiting(principal.departments);
    return { submissions: waiting.map(submissionAnswer) };
  }

  @Get("submissions/:id")
  @Allow("submission.read", "submission")
  @ApiOkResponse({ standardSchema: SubmissionAnswer })
  @ApiProblems("INVALID_PARAMETER", "SUBMISSION_NOT_FOUND", ...SEALED)
  async show(@Param("id", { schema: Id }) id: string): Promise<SubmissionAnswer> {
    return submissionAnswer(await this.submissions.find(id));
  }

  /** Takes it in as if it had just been sent. Approving it again changes nothing. */
  @Post("submissions/:id/approve")
  @Allow("submission.decide", "submission")
  @HttpCode(200)
  @ApiOkResponse({ standardSchema: SubmissionAnswer })
  @ApiProblems(
    "SUBMISSION_NOT_FOUND",
    "SUBMISSION_DECIDED",
    "SAME_PERSON",
    "INVALID_PARAMETER",
    ...RECORD_PROBLEMS,
    ...SEALED,
  )
  async approve(@Param("id", { schema: Id }) id: string, @AccessOf() { principal }: Access): Promise<SubmissionAnswer> {
    return submissionAnswer(await this.review.approve(id, principal.id!));
  }

  @Post("submissions/:id/refuse")
  @Allow("submission.decide", "submission")
  @HttpCode(200)
  @ApiOkResponse({ standardSchema: SubmissionAnswer })
  @ApiProblems("SUBMISSION_NOT_FOUND", "SUBMISSION_DECIDED", "SAME_PERSON", ...JSON_PROBLEMS, ...SEALED)
  async refuse(
    @Param("id", { schema: Id }) id: string,
    @Body({ schema: RefusalReason }) { reason }: RefusalReason,
    @AccessOf() { principal }: Access,
  ): Promise<SubmissionAnswer> {
    return submissionAnswer(await this.review.refuse(id, principal.id!, reason));
  }

  /** Whether what a department submits waits for a second person. */
  @Get("departments/:uscc/review")
  @Allow("submission.read", "handler")
  @ApiOkResponse({ standardSchema: ReviewRule })
  @ApiProblems("DEPARTMENT_UNKNOWN")
  async rule(@Param("uscc") uscc: string, @AccessOf() access: Access): Promise<ReviewRule> {
    access.check({ department: uscc });
    return { required: (await this.departments.registered(uscc)).reviewRequired };
  }

  /** By a reviewer who submits nothing for this department: whom the rule binds must not be able to lift it. */
  @Put("departments/:uscc/review")
  @Allow("review.require", "handler")
  @ApiOkResponse({ standardSchema: ReviewRule })
  @ApiProblems("DEPARTMENT_UNKNOWN", "SEPARATION_OF_DUTIES", ...JSON_PROBLEMS)
  async require(
    @Param("uscc") uscc: string,
    @Body({ schema: ReviewRule }) { required }: ReviewRule,
    @AccessOf() access: Access,
  ): Promise<ReviewRule> {
    access.check({ department: uscc });
    const { roles, id } = access.principal;
    if (roles.has("department-officer") || roles.has("department-system")) throw new Refusal("SEPARATION_OF_DUTIES");
    await this.departments.registered(uscc);
    await this.submissions.require(uscc, required, id!);
    return { required };
  }
}
