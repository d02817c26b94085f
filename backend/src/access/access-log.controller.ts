import { Readable } from "node:stream";
import { Controller, Get, Param, Query, StreamableFile } from "@nestjs/common";
import { ApiOkResponse, ApiProduces, ApiTags } from "@nestjs/swagger";
import { z } from "zod";
import { ApiProblems } from "../http/api-problems.ts";
import { Refusal } from "../http/refusal.ts";
import { readUscc } from "../records/fields/uscc.ts";
import { type Access, AccessOf } from "./access.ts";
import { AccessLog } from "./access-log.ts";
import { Allow } from "./allow.ts";
import type { LogEntry } from "./log-chain.ts";
import { type Role, ROLES } from "./roles.ts";

const LogQuery = z.object({
  limit: z.coerce.number().int().min(1).max(200).default(50),
  before: z.coerce.number().int().min(1).optional().meta({ description: "`next` of the page before" }),
});

const Entry = z.object({
  position: z.int(),
  at: z.iso.datetime(),
  role: z.enum(ROLES),
  actingFor: z.string().meta({ description: "Codes of departments, enterprises or areas" }),
  actor: z.string().optional().meta({ description: "For the auditor only" }),
  action: z.string(),
  resource: z.uuid().nullable(),
  purpose: z.string().nullable(),
  terms: z.string().nullable().meta({ description: "What was looked for, as a keyed hash; equal for equal searches" }),
});
type Entry = z.infer<typeof Entry>;

const LogAnswer = z
  .object({
    entries: z.array(Entry),
    next: z.int().nullable(),
  })
  .meta({ id: "AccessLog" });
type LogAnswer = z.infer<typeof LogAnswer>;

const CheckAnswer = z
  .object({
    from: z.int().meta({ description: "The first entry that is still kept" }),
    entries: z.int().meta({ description: "The last entry that follows the one before it" }),
    broken: z.int().nullable().meta({ description: "The first entry that was altered or taken out" }),
    anchored: z
      .object({ entries: z.int(), hash: z.string(), day: z.iso.date(), recordHash: z.string() })
      .nullable()
      .meta({ description: "The newest head on the ledger: up to it nothing can be changed unseen" }),
  })
  .meta({ id: "AccessLogCheck" });

const NDJSON = "application/x-ndjson";
/** Entries read at a time for an export. */
const PAGE = 500;

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
    const subject = subjectOf(code);
    const { role } = access.check({ subject });
    const entries = await this.log.about(subject, limit, before ?? null);
    return {
      entries: entries.map((entry) => shown(entry, role)),
      next: entries.length < limit ? null : entries.at(-1)!.position,
    };
  }

  /** The whole of it, one entry a line, the newest first. */
  @Get("subjects/:uscc/access-log/export")
  @Allow("access-log.read", "handler")
  @ApiProduces(NDJSON)
  @ApiOkResponse({ schema: { type: "string", format: "binary" }, description: "Lines like the members of `entries`" })
  @ApiProblems("SUBJECT_INVALID")
  export(@Param("uscc") code: string, @AccessOf() access: Access): StreamableFile {
    const subject = subjectOf(code);
    const { role } = access.check({ subject });
    const disposition = `attachment; filename="access-log-${subject}.ndjson"`;
    return new StreamableFile(Readable.from(this.#lines(subject, role)), { type: NDJSON, disposition });
  }

  async *#lines(subject: string, role: Role): AsyncGenerator<string> {
    for (let before: number | null = null; ;) {
      const page: readonly LogEntry[] = await this.log.about(subject, PAGE, before);
      for (const entry of page) yield `${JSON.stringify(shown(entry, role))}\n`;
      if (page.length < PAGE) return;
      before = page.at(-1)!.position;
    }
  }

  /** Whether each entry still follows the one before it, and whether the heads on the ledger agree. */
  @Get("access-log/check")
  @Allow("access-log.check")
  @ApiOkResponse({ standardSchema: CheckAnswer })
  check(): Promise<z.infer<typeof CheckAnswer>> {
    return this.log.check(Date.now());
  }
}

/** @throws Refusal SUBJECT_INVALID */
function subjectOf(code: string): string {
  const reading = readUscc(code);
  if ("fault" in reading) throw new Refusal("SUBJECT_INVALID");
  return reading.uscc;
}

/** Who it was by name is for the auditor; the enterprise learns for which department, and in which role. */
function shown({ at, actor, subject: _subject, ...entry }: LogEntry, role: Role): Entry {
  return { ...entry, at: at.toISOString(), ...(role === "auditor" && { actor }) };
}
