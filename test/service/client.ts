import { quanlianClient, type QuanlianClient } from "@quanlian/client";
import type { Asker, World } from "./harness.ts";

type Method = "GET" | "PUT" | "POST" | "DELETE";

/** The published client, speaking to a world's service without a network between them. */
export function clientOf(world: World, asker: Asker | null = "everything"): QuanlianClient {
  return quanlianClient("http://quanlian.test", {
    fetch: async (request) => {
      const { pathname, search } = new URL(request.url);
      const payload = Buffer.from(await request.arrayBuffer());
      const answer = await world.app.inject({
        method: request.method as Method,
        url: pathname + search,
        headers: { ...Object.fromEntries(request.headers), ...(asker && (await world.bearer(asker))) },
        ...(payload.length > 0 && { payload }),
      });
      const headers = { "content-type": answer.headers["content-type"] ?? "" };
      const body = answer.statusCode === 204 ? null : new Uint8Array(answer.rawPayload);
      return new Response(body, { status: answer.statusCode, headers });
    },
  });
}
