import { Controller, Get, Res } from "@nestjs/common";
import { ApiOkResponse, ApiServiceUnavailableResponse, ApiTags } from "@nestjs/swagger";
import type { FastifyReply } from "fastify";
import { z } from "zod";
import { Readiness } from "./readiness.ts";

const Live = z.object({ status: z.literal("ok") });
const Ready = z
  .object({
    ready: z.boolean(),
    checks: z.record(z.string(), z.object({ ok: z.boolean(), detail: z.string() })),
  })
  .meta({ id: "Readiness" });

@ApiTags("health")
@Controller("health")
export class HealthController {
  constructor(private readonly readiness: Readiness) {}

  /** The process answers. */
  @Get("live")
  @ApiOkResponse({ standardSchema: Live })
  live(): z.infer<typeof Live> {
    return { status: "ok" };
  }

  /** Whether it can do its work: database, chain and the pace of anchoring. */
  @Get("ready")
  @ApiOkResponse({ standardSchema: Ready })
  @ApiServiceUnavailableResponse({ standardSchema: Ready })
  async ready(@Res({ passthrough: true }) reply: FastifyReply): Promise<z.infer<typeof Ready>> {
    const state = await this.readiness.check();
    void reply.status(state.ready ? 200 : 503);
    return state;
  }
}
