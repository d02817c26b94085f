// Serves the built page as a careful server would: nothing but its own files, the service's policy, and the two
// addresses of the service that the page asks, answered by a real node.
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import type { AddressInfo } from "node:net";
import { extname, join, normalize } from "node:path";
import type { TrustList } from "@quanlian/proof";
import { pagePolicy } from "../../backend/src/http/security-headers.ts";

const MEDIA_TYPES: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".svg": "image/svg+xml",
};

/** The read-only methods that a verifier needs (the last three for certificates). */
const READ_ONLY = new Set([
  ...["eth_chainId", "eth_getBlockByNumber", "eth_getTransactionReceipt", "eth_call"],
  ...["eth_blockNumber", "eth_getLogs", "eth_getTransactionByHash"],
]);

export interface Site {
  readonly url: string;
  /** What `GET /api/v1/trust` answers; null: 503. */
  trust: TrustList | null;
  /** Whether the node behind `POST /api/v1/chain/rpc` can be reached; otherwise 502. */
  nodeUp: boolean;
  /** Bodies that the page has sent, oldest first. */
  readonly sent: string[];
  readonly close: () => Promise<void>;
}

export async function serveSite(folder: string, rpcUrl: string, trust: TrustList): Promise<Site> {
  const server = createServer((request, response) => {
    answer(request, response).catch(() => response.writeHead(500).end());
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const site: Site = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    trust,
    nodeUp: true,
    sent: [],
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
  return site;

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname } = new URL(request.url!, site.url);
    if (pathname === "/api/v1/trust") reply(response, site.trust ? 200 : 503, JSON.stringify(site.trust));
    else if (pathname === "/api/v1/chain/rpc") await relay(request, response);
    else await sendFile(join(folder, normalize(pathname === "/" ? "/index.html" : pathname)), response);
  }

  async function relay(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = Buffer.concat(await request.toArray()).toString();
    site.sent.push(body);
    const { method } = JSON.parse(body) as { method: string };
    if (!site.nodeUp || !READ_ONLY.has(method)) return reply(response, site.nodeUp ? 403 : 502, "");
    const node = await fetch(rpcUrl, { method: "POST", headers: { "content-type": "application/json" }, body });
    reply(response, 200, await node.text());
  }
}

function reply(response: ServerResponse, status: number, json: string): void {
  response.writeHead(status, { "content-type": "application/json", "cache-control": "no-store" }).end(json);
}

async function sendFile(file: string, response: ServerResponse): Promise<void> {
  const content = await readFile(file).catch(() => null);
  if (!content) return void response.writeHead(404).end();
  response
    .writeHead(200, {
      "content-type": MEDIA_TYPES[extname(file)] ?? "application/octet-stream",
      "content-security-policy": pagePolicy(),
      "x-content-type-options": "nosniff",
    })
    .end(content);
}
