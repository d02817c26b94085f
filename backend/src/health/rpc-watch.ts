import { channel } from "node:diagnostics_channel";
import type { Counter } from "prom-client";

interface RequestMessage {
  readonly request: { readonly origin: string | URL };
  readonly response?: { readonly statusCode: number };
}

/**
 * Counts what the chain's nodes answer, by node: Node's own `fetch` tells of every request on these channels, so that
 * nothing stands between the service and the chain for it.
 */
export function watchRpc(urls: readonly string[], requests: Counter<"node" | "outcome">): void {
  const origins = new Map(urls.map((url, i) => [new URL(url).origin, String(i + 1)]));
  const count = (message: unknown, outcome: (message: RequestMessage) => string) => {
    const known = message as RequestMessage;
    const node = origins.get(String(known.request.origin));
    if (node !== undefined) requests.inc({ node, outcome: outcome(known) });
  };
  channel("undici:request:headers").subscribe((message) =>
    count(message, ({ response }) => (response!.statusCode < 400 ? "answered" : "refused")),
  );
  channel("undici:request:error").subscribe((message) => count(message, () => "unanswered"));
}
