import { Webhook } from "standardwebhooks";

/** Bytes of a secret (Standard Webhooks: 24 to 64). */
export const SECRET_BYTES = 24;

/** How a secret is shown, once, and typed into a receiver. */
export function secretText(secret: Uint8Array): string {
  return `whsec_${Buffer.from(secret).toString("base64")}`;
}

/**
 * Headers of one attempt (Standard Webhooks): one signature for each secret that counts, HMAC-SHA256 over
 * `id.timestamp.body`. The timestamp is that of the attempt, so that an old capture cannot be played back.
 */
export function signedHeaders(
  id: string,
  body: string,
  secrets: readonly Uint8Array[],
  now: Date,
): Record<string, string> {
  return {
    "webhook-id": id,
    "webhook-timestamp": String(Math.floor(now.getTime() / 1000)),
    "webhook-signature": secrets.map((secret) => new Webhook(secret, { format: "raw" }).sign(id, now, body)).join(" "),
  };
}
