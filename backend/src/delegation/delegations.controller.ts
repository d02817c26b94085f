import { Body, Controller, Delete, Get, HttpCode, Param, Post } from "@nestjs/common";
import { ApiCreatedResponse, ApiNoContentResponse, ApiOkResponse, ApiTags } from "@nestjs/swagger";
import { z } from "zod";
import { type Access, AccessOf } from "../access/access.ts";
import { Allow } from "../access/allow.ts";
import { POWERS } from "../access/roles.ts";
import { ApiProblems, JSON_PROBLEMS } from "../http/api-problems.ts";
import { Id } from "../http/id.ts";
import { Refusal } from "../http/refusal.ts";
import { endOfDay } from "../records/china-time.ts";
import { readUscc } from "../records/fields/uscc.ts";
import { type Delegation, Delegations } from "./delegations.ts";

const NewDelegation = z
  .strictObject({
    delegate: z
      .string()
      .min(1)
      .max(255)
      .meta({ description: "The identity provider's name for whoever may act (`sub`)" }),
    powers: z
      .array(z.enum(POWERS))
      .min(1)
      .meta({ description: "view 查看记录, certify 申领证明, attach 附上外地记录" }),
    until: z.iso.date().meta({ description: "The last day on which it holds, in China" }),
  })
  .meta({ id: "NewDelegation" });
type NewDelegation = z.infer<typeof NewDelegation>;

const DelegationAnswer = z
  .object({
    id: z.uuid(),
    subject: z.string(),
    delegate: z.string(),
    powers: z.array(z.enum(POWERS)),
    until: z.iso.datetime().meta({ description: "From this instant on it holds no longer" }),
    grantedBy: z.string(),
    grantedAt: z.iso.datetime(),
    revokedAt: z.iso.datetime().nullable(),
  })
  .meta({ id: "Delegation" });
type DelegationAnswer = z.infer<typeof DelegationAnswer>;

const DelegationsAnswer = z.object({ delegations: z.array(DelegationAnswer) }).meta({ id: "Delegations" });

/** An enterprise lets others act for it (授权·代办); only its own people give and take that, never a delegate. */
@ApiTags("delegations")
@Controller("api/v1")
export class DelegationsController {
  constructor(private readonly delegations: Delegations) {}

  @Post("subjects/:uscc/delegations")
  @Allow("delegation.grant", "handler")
  @ApiCreatedResponse({ standardSchema: DelegationAnswer })
  @ApiProblems(...JSON_PROBLEMS, "SUBJECT_INVALID", "DELEGATION_PAST")
  async grant(
    @Param("uscc") code: string,
    @Body({ schema: NewDelegation }) { delegate, powers, until }: NewDelegation,
    @AccessOf() access: Access,
  ): Promise<DelegationAnswer> {
    const subject = checked(code, access);
    const end = endOfDay(until);
    if (end.getTime() <= Date.now()) throw new Refusal("DELEGATION_PAST");
    const given = [...new Set(powers)];
    return answerOf(await this.delegations.grant(subject, delegate, given, end, access.principal.id!));
  }

  /** All that the enterprise has ever given, the newest first. */
  @Get("subjects/:uscc/delegations")
  @Allow("delegation.read", "handler")
  @ApiOkResponse({ standardSchema: DelegationsAnswer })
  @ApiProblems("SUBJECT_INVALID")
  async list(@Param("uscc") code: string, @AccessOf() access: Access): Promise<z.infer<typeof DelegationsAnswer>> {
    return { delegations: (await this.delegations.of(checked(code, access))).map(answerOf) };
  }

  /** Takes it back, from the next request on. */
  @Delete("delegations/:id")
  @Allow("delegation.revoke", "delegation")
  @HttpCode(204)
  @ApiNoContentResponse({ description: "It holds no longer" })
  @ApiProblems("INVALID_PARAMETER", "DELEGATION_NOT_FOUND")
  async revoke(@Param("id", { schema: Id }) id: string, @AccessOf() { principal }: Access): Promise<void> {
    await this.delegations.revoke(id, principal.id!);
  }
}

/** @throws Refusal SUBJECT_INVALID, UNAUTHENTICATED, FORBIDDEN */
function checked(code: string, access: Access): string {
  const reading = readUscc(code);
  if ("fault" in reading) throw new Refusal("SUBJECT_INVALID");
  access.check({ subject: reading.uscc });
  return reading.uscc;
}

function answerOf({ powers, until, grantedAt, revokedAt, ...delegation }: Delegation): DelegationAnswer {
  return {
    ...delegation,
    powers: [...powers],
    until: until.toISOString(),
    grantedAt: grantedAt.toISOString(),
    revokedAt: revokedAt?.toISOString() ?? null,
  };
}
