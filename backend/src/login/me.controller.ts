import { Controller, Delete, Get, HttpCode, Param } from "@nestjs/common";
import { ApiNoContentResponse, ApiOkResponse, ApiTags } from "@nestjs/swagger";
import { z } from "zod";
import { type Access, AccessOf } from "../access/access.ts";
import { Allow } from "../access/allow.ts";
import { POWERS, ROLES } from "../access/roles.ts";
import { Config } from "../config.ts";
import { Delegations } from "../delegation/delegations.ts";
import { ApiProblems } from "../http/api-problems.ts";
import { Id } from "../http/id.ts";
import { RelyingParty } from "./relying-party.ts";
import type { Session } from "./session.ts";
import { Sessions } from "./sessions.ts";

const SessionAnswer = z
  .object({
    id: z.uuid(),
    createdAt: z.iso.datetime(),
    seenAt: z.iso.datetime(),
    endsAt: z.iso.datetime().meta({ description: "However much it is used" }),
    idleEndsAt: z.iso.datetime().meta({ description: "If it is not used" }),
    isThisOne: z.boolean(),
  })
  .meta({ id: "Session" });

const MeAnswer = z
  .object({
    id: z
      .string()
      .nullable()
      .meta({ description: "The identity provider's name for whoever asks; null: nobody known" }),
    roles: z.array(z.enum(ROLES)),
    departments: z.array(z.string()),
    subjects: z.array(z.string()),
    areas: z.array(z.string()),
    kinds: z.array(z.int()),
    mandates: z
      .array(
        z.object({
          delegation: z.uuid(),
          subject: z.string(),
          powers: z.array(z.enum(POWERS)),
          until: z.iso.datetime(),
        }),
      )
      .meta({ description: "On whose behalf it may act (代办)" }),
    session: SessionAnswer.nullable().meta({ description: "Null for whoever sends a token, or nothing" }),
    login: z.url().nullable().meta({ description: "Where to log in; null where this site offers no login" }),
  })
  .meta({ id: "Me" });

const SessionsAnswer = z.object({ sessions: z.array(SessionAnswer) }).meta({ id: "Sessions" });

/** What somebody may know and end about themselves. */
@ApiTags("login")
@Controller("api/v1/me")
export class MeController {
  constructor(
    private readonly sessions: Sessions,
    private readonly provider: RelyingParty,
    private readonly delegations: Delegations,
    private readonly config: Config,
  ) {}

  /** Who asks. Nobody known is an answer too, not a refusal. */
  @Get()
  @Allow("me.read")
  @ApiOkResponse({ standardSchema: MeAnswer })
  async show(@AccessOf() { principal }: Access): Promise<z.infer<typeof MeAnswer>> {
    const { id, departments, subjects, areas, kinds, session } = principal;
    const mandates = id === null ? [] : await this.delegations.mandatesOf(id);
    return {
      ...{ id, roles: [...principal.roles], departments: [...departments], subjects: [...subjects] },
      ...{ areas: [...areas], kinds: [...kinds], session: session ? answerOf(session, session) : null },
      mandates: mandates.map(({ powers, until, ...mandate }) => ({
        ...mandate,
        powers: [...powers],
        until: until.toISOString(),
      })),
      login: this.provider.isOffered ? `${this.config.publicUrl}/auth/login` : null,
    };
  }

  @Get("sessions")
  @Allow("session.read", "handler")
  @ApiOkResponse({ standardSchema: SessionsAnswer })
  async list(@AccessOf() access: Access): Promise<z.infer<typeof SessionsAnswer>> {
    const sessions = await this.sessions.of(access.self());
    return { sessions: sessions.map((session) => answerOf(session, access.principal.session)) };
  }

  @Delete("sessions/:id")
  @Allow("session.end", "session")
  @HttpCode(204)
  @ApiNoContentResponse({ description: "It has ended" })
  @ApiProblems("INVALID_PARAMETER", "SESSION_NOT_FOUND")
  async end(@Param("id", { schema: Id }) id: string): Promise<void> {
    await this.sessions.end(id);
  }
}

function answerOf(session: Session, current: Session | undefined): z.infer<typeof SessionAnswer> {
  return {
    id: session.id,
    createdAt: session.createdAt.toISOString(),
    seenAt: session.seenAt.toISOString(),
    endsAt: session.endsAt.toISOString(),
    idleEndsAt: session.idleEndsAt.toISOString(),
    isThisOne: session.id === current?.id,
  };
}
