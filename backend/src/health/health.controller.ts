import { Controller, Get, Res } from "@nestjs/common";
import { ApiOkResponse, ApiServiceUnavailableResponse, ApiTags } from "@nestjs/swagger";
import type { FastifyReply } from "fastify";
import { z } from "zod";
import { type Access, AccessOf } from "../access/access.ts";
import { Allow } from "../access/allow.ts";
import { Readiness } from "./readiness.ts";

const Live = z.object({ status: z.literal("ok") });
const Ready = z
  .object({
    ready: z.boolean(),
    checks: z
      .record(z.string(), z.object({ ok: z.boolean(), detail: z.string() }))
      .optional()
      .meta({ description: "For the operator only" }),
  })
  .meta({ id: "Readiness" });

@ApiTags("health")
@Controller("health")
export class HealthController {
  constructor(private readonly readiness: Readiness) {}

  /** The process answers. */
  @Get("live")
  @Allow("liveness.read")
  @ApiOkResponse({ standardSchema: Live })
  live(): z.infer<typeof Live> {
    return { status: "ok" };
  }

  /** Whether it can do its work: database, chain and the pace of anchoring; the operator is told why not. */
  @Get("ready")
  @Allow("readiness.read")
  @ApiOkResponse({ standardSchema: Ready })
  @ApiServiceUnavailableResponse({ standardSchema: Ready })
  async ready(
    @AccessOf() access: Access,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<z.infer<typeof Ready>> {
    const { ready, checks } = await this.readiness.check();
    void reply.status(ready ? 200 : 503);
    return access.allows("readiness.details") ? { ready, checks } : { ready };
  }
}
