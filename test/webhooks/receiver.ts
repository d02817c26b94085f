import { createHmac, timingSafeEqual } from "node:crypto";

/** What a receiver does by the text of Standard Webhooks, apart from the library that signs. @returns the payload, or null */
export function readMessage(secret: string, body: string, headers: Readonly<Record<string, string>>): unknown {
  const key = Buffer.from(secret.replace(/^whsec_/, ""), "base64");
  const content = `${headers["webhook-id"]}.${headers["webhook-timestamp"]}.${body}`;
  const expected = createHmac("sha256", key).update(content).digest();
  const isSigned = headers["webhook-signature"]!.split(" ").some((text) => {
    const [version, signature] = text.split(",") as [string, string];
    const given = Buffer.from(signature, "base64");
    return version === "v1" && given.length === expected.length && timingSafeEqual(given, expected);
  });
  return isSigned ? JSON.parse(body) : null;
}
