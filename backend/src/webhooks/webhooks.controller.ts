import { Body, Controller, Delete, Get, HttpCode, Param, Post, Put, Query } from "@nestjs/common";
import { ApiAcceptedResponse, ApiCreatedResponse, ApiNoContentResponse, ApiOkResponse, ApiTags } from "@nestjs/swagger";
import { z } from "zod";
import { type Access, AccessOf } from "../access/access.ts";
import { Allow } from "../access/allow.ts";
import { ApiProblems, JSON_PROBLEMS } from "../http/api-problems.ts";
import { Id } from "../http/id.ts";
import {
  DeliveryAnswer,
  DeliveryQuery,
  NewWebhook,
  Replay,
  ReplayAnswer,
  WebhookAnswer,
  WebhookChange,
  WebhookWithSecret,
} from "./webhooks.schemas.ts";
import { WebhooksService } from "./webhooks.service.ts";

@ApiTags("webhooks")
@Controller("api/v1/webhooks")
export class WebhooksController {
  constructor(private readonly webhooks: WebhooksService) {}

  /** Registers a destination; the secret that signs what is sent there is shown this once. */
  @Post()
  @Allow("webhook.manage", "handler")
  @ApiCreatedResponse({ standardSchema: WebhookWithSecret })
  @ApiProblems(...JSON_PROBLEMS, "DESTINATION_UNFIT", "WEBHOOKS_TOO_MANY")
  register(@Body({ schema: NewWebhook }) asked: NewWebhook, @AccessOf() access: Access): Promise<WebhookWithSecret> {
    return this.webhooks.register(asked, access);
  }

  @Get()
  @Allow("webhook.manage", "handler")
  @ApiOkResponse({ standardSchema: z.array(WebhookAnswer) })
  list(@AccessOf() access: Access): Promise<WebhookAnswer[]> {
    return this.webhooks.list(access);
  }

  @Get(":id")
  @Allow("webhook.manage", "handler")
  @ApiOkResponse({ standardSchema: WebhookAnswer })
  @ApiProblems("INVALID_PARAMETER", "WEBHOOK_NOT_FOUND")
  show(@Param("id", { schema: Id }) id: string, @AccessOf() access: Access): Promise<WebhookAnswer> {
    return this.webhooks.show(id, access);
  }

  /** Changes destination and events, or switches it off or on again. */
  @Put(":id")
  @Allow("webhook.manage", "handler")
  @ApiOkResponse({ standardSchema: WebhookAnswer })
  @ApiProblems(...JSON_PROBLEMS, "WEBHOOK_NOT_FOUND", "DESTINATION_UNFIT")
  change(
    @Param("id", { schema: Id }) id: string,
    @Body({ schema: WebhookChange }) change: WebhookChange,
    @AccessOf() access: Access,
  ): Promise<WebhookAnswer> {
    return this.webhooks.change(id, change, access);
  }

  /** Forgets a destination with everything that was to be sent there. */
  @Delete(":id")
  @Allow("webhook.manage", "handler")
  @HttpCode(204)
  @ApiNoContentResponse()
  @ApiProblems("INVALID_PARAMETER", "WEBHOOK_NOT_FOUND")
  forget(@Param("id", { schema: Id }) id: string, @AccessOf() access: Access): Promise<void> {
    return this.webhooks.forget(id, access);
  }

  /** A new secret; for a day both sign. */
  @Post(":id/secret")
  @Allow("webhook.manage", "handler")
  @ApiCreatedResponse({ standardSchema: WebhookWithSecret })
  @ApiProblems("INVALID_PARAMETER", "WEBHOOK_NOT_FOUND")
  rotate(@Param("id", { schema: Id }) id: string, @AccessOf() access: Access): Promise<WebhookWithSecret> {
    return this.webhooks.rotate(id, access);
  }

  /** The newest hundred messages, or those of one state: `dead` ones are the dead letters. */
  @Get(":id/deliveries")
  @Allow("webhook.manage", "handler")
  @ApiOkResponse({ standardSchema: z.array(DeliveryAnswer) })
  @ApiProblems("INVALID_PARAMETER", "WEBHOOK_NOT_FOUND")
  sent(
    @Param("id", { schema: Id }) id: string,
    @Query({ schema: DeliveryQuery }) { state }: z.infer<typeof DeliveryQuery>,
    @AccessOf() access: Access,
  ): Promise<DeliveryAnswer[]> {
    return this.webhooks.sent(id, state, access);
  }

  /** Sends one message again, or all since a moment. */
  @Post(":id/replays")
  @Allow("webhook.manage", "handler")
  @HttpCode(202)
  @ApiAcceptedResponse({ standardSchema: ReplayAnswer })
  @ApiProblems(...JSON_PROBLEMS, "WEBHOOK_NOT_FOUND")
  async replay(
    @Param("id", { schema: Id }) id: string,
    @Body({ schema: Replay }) asked: Replay,
    @AccessOf() access: Access,
  ): Promise<z.infer<typeof ReplayAnswer>> {
    return { messages: await this.webhooks.replay(id, asked, access) };
  }
}
