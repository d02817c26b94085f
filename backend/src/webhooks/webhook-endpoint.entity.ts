import { Column, Entity, PrimaryColumn } from "typeorm";

export const OWNERS = ["department", "enterprise", "regulator", "operator"] as const;

/** What can be told, as the payload's `type`. */
export const EVENTS = ["records.final", "record.superseded", "record.repaired", "finding"] as const;
export type WebhookEvent = (typeof EVENTS)[number];

/** Where somebody wants to be told of events. */
@Entity("webhook_endpoint")
export class WebhookEndpoint {
  @PrimaryColumn({ type: "uuid" })
  id: string;

  /** As what it was registered: this decides what it is told. */
  @Column({ type: "text" })
  owner: (typeof OWNERS)[number];

  /** USCC of the department or enterprise, area of the regulator; empty for the operator. */
  @Column({ type: "text" })
  code: string;

  /** What a regulator supervises. */
  @Column({ type: "smallint", array: true })
  kinds: number[];

  @Column({ type: "text" })
  url: string;

  @Column({ type: "text", array: true })
  events: WebhookEvent[];

  /** Sealed by the key vault; signs what is sent. */
  @Column({ type: "bytea" })
  secret: Buffer;

  /** The one before, which signs too until {@link oldSecretUntil}, so that a receiver can change over. */
  @Column({ name: "old_secret", type: "bytea", nullable: true })
  oldSecret: Buffer | null;

  @Column({ name: "old_secret_until", type: "timestamptz", nullable: true })
  oldSecretUntil: Date | null;

  @Column({ type: "boolean", default: true })
  active: boolean;

  /** Since when nothing has got through; null: the last attempt did. */
  @Column({ name: "failing_since", type: "timestamptz", nullable: true })
  failingSince: Date | null;

  @Column({ name: "created_at", type: "timestamptz", default: () => "now()" })
  createdAt: Date;
}
