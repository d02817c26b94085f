import { Controller, Get, Param, Query } from "@nestjs/common";
import { ApiOkResponse, ApiTags } from "@nestjs/swagger";
import { z } from "zod";
import { ApiProblems } from "../http/api-problems.ts";
import { Refusal } from "../http/refusal.ts";
import { readUscc } from "../records/fields/uscc.ts";
import { type Access, AccessOf } from "./access.ts";
import { AccessLog } from "./access-log.ts";
import { Allow } from "./allow.ts";
import { ROLES } from "./roles.ts";

const LogQuery = z.object({
  limit: z.coerce.number().int().min(1).max(200).default(50),
  before: z.coerce.number().int().min(1).optional().meta({ description: "`next` of the page before" }),
});

const LogAnswer = z
  .object({
    entries: z.array(
      z.object({
        position: z.int(),
        at: z.iso.datetime(),
        role: z.enum(ROLES),
        actingFor: z.string().meta({ description: "Codes of departments, enterprises or areas" }),
        actor: z.string().optional().meta({ description: "For the auditor only" }),
        action: z.string(),
        resource: z.uuid().nullable(),
        purpose: z.string().nullable(),
      }),
    ),
    next: z.int().nullable(),
  })
  .meta({ id: "AccessLog" });
type LogAnswer = z.infer<typeof LogAnswer>;

const CheckAnswer = z
  .object({ entries: z.int(), broken: z.int().nullable().meta({ description: "The first entry that was altered" }) })
  .meta({ id: "AccessLogCheck" });

@ApiTags("access")
@Controller("api/v1")
export class AccessLogController {
  constructor(private readonly log: AccessLog) {}

  /** Who has read what about an enterprise (谁查过我), the newest first. */
  @Get("subjects/:uscc/access-log")
  @Allow("access-log.read", "handler")
  @ApiOkResponse({ standardSchema: LogAnswer })
  @ApiProblems("INVALID_PARAMETER", "SUBJECT_INVALID")
  async show(
    @Param("uscc") code: string,
    @Query({ schema: LogQuery }) { limit, before }: z.infer<typeof LogQuery>,
    @AccessOf() access: Access,
  ): Promise<LogAnswer> {
    const reading = readUscc(code);
    if ("fault" in reading) throw new Refusal("SUBJECT_INVALID");
    const { role } = access.check({ subject: reading.uscc });
    const entries = await this.log.about(reading.uscc, limit, before ?? null);
    return {
      entries: entries.map(({ at, actor, subject: _subject, ...entry }) => ({
        ...entry,
        at: at.toISOString(),
        ...(role === "auditor" && { actor }),
      })),
      next: entries.length < limit ? null : entries.at(-1)!.position,
    };
  }

  /** Whether each entry still follows the one before it. */
  @Get("access-log/check")
  @Allow("access-log.check")
  @ApiOkResponse({ standardSchema: CheckAnswer })
  check(): Promise<z.infer<typeof CheckAnswer>> {
    return this.log.check();
  }
}
