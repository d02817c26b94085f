import { z } from "zod";
import { DELIVERY_STATES } from "./webhook-delivery.entity.ts";
import { EVENTS } from "./webhook-endpoint.entity.ts";

const uscc = z.string().length(18);
const kind = z.int().min(1).max(5);

const Owner = z.discriminatedUnion("owner", [
  z.strictObject({ owner: z.literal("department"), code: uscc }),
  z.strictObject({ owner: z.literal("enterprise"), code: uscc }),
  z.strictObject({
    owner: z.literal("regulator"),
    code: z.string().regex(/^\d{6}$/),
    kinds: z.array(kind).min(1).max(5),
  }),
  z.strictObject({ owner: z.literal("operator") }),
]);
export type Owner = z.infer<typeof Owner>;

const url = z.string().max(500).meta({ description: "https; no name or password in it", format: "uri" });
const events = z.array(z.enum(EVENTS)).min(1).max(EVENTS.length);

export const NewWebhook = z
  .strictObject({ for: Owner.meta({ description: "As whom one wants to be told" }), url, events })
  .meta({ id: "NewWebhook" });
export type NewWebhook = z.infer<typeof NewWebhook>;

export const WebhookChange = z
  .strictObject({ url, events, active: z.boolean().meta({ description: "False: nothing is written down for it" }) })
  .meta({ id: "WebhookChange" });
export type WebhookChange = z.infer<typeof WebhookChange>;

const shown = {
  id: z.uuid(),
  for: Owner,
  url: z.string(),
  events: z.array(z.enum(EVENTS)),
  active: z.boolean(),
  failingSince: z.iso.datetime().nullable(),
  createdAt: z.iso.datetime(),
};
export const WebhookAnswer = z.object(shown).meta({ id: "Webhook" });
export type WebhookAnswer = z.infer<typeof WebhookAnswer>;

export const WebhookWithSecret = z
  .object({ ...shown, secret: z.string().meta({ description: "Shown this once: `whsec_` and base64" }) })
  .meta({ id: "WebhookWithSecret" });
export type WebhookWithSecret = z.infer<typeof WebhookWithSecret>;

export const DeliveryQuery = z.object({ state: z.enum(DELIVERY_STATES).optional() });

export const DeliveryAnswer = z
  .object({
    id: z.uuid().meta({ description: "The message's `webhook-id`" }),
    event: z.enum(EVENTS),
    state: z.enum(DELIVERY_STATES),
    attempts: z.int(),
    outcome: z.string().nullable().meta({ description: "Of the last attempt" }),
    nextAt: z.iso.datetime().nullable(),
    createdAt: z.iso.datetime(),
  })
  .meta({ id: "WebhookDelivery" });
export type DeliveryAnswer = z.infer<typeof DeliveryAnswer>;

export const Replay = z
  .union([z.strictObject({ delivery: z.uuid() }), z.strictObject({ since: z.iso.datetime() })])
  .meta({ id: "WebhookReplay", description: "One message, or all that were written down since a moment" });
export type Replay = z.infer<typeof Replay>;

export const ReplayAnswer = z.object({ messages: z.int() }).meta({ id: "WebhookReplayed" });
