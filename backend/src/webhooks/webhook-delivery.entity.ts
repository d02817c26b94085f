import { Column, Entity, PrimaryColumn } from "typeorm";
import type { WebhookEvent } from "./webhook-endpoint.entity.ts";

export const DELIVERY_STATES = ["waiting", "delivered", "dead"] as const;

/** One message to one endpoint, written together with what it tells: the outbox. */
@Entity("webhook_delivery")
export class WebhookDelivery {
  /** Goes out as `webhook-id`: the same at each attempt, so that a receiver knows what it has had already. */
  @PrimaryColumn({ type: "uuid" })
  id: string;

  @Column({ type: "uuid" })
  endpoint: string;

  @Column({ type: "text" })
  event: WebhookEvent;

  /** The body, byte for byte as it is signed. */
  @Column({ type: "text" })
  payload: string;

  @Column({ type: "text", default: "waiting" })
  state: (typeof DELIVERY_STATES)[number];

  @Column({ type: "smallint", default: 0 })
  attempts: number;

  /** When it is due; while a worker sends it, when another may take it over. */
  @Column({ name: "next_at", type: "timestamptz", default: () => "now()" })
  nextAt: Date;

  /** What became of the last attempt: `HTTP_204`, `TIMEOUT`, `ADDRESS_FORBIDDEN`, … */
  @Column({ type: "text", nullable: true })
  outcome: string | null;

  @Column({ name: "created_at", type: "timestamptz", default: () => "now()" })
  createdAt: Date;
}
