import { lookup } from "node:dns";
import { type ClientRequest, request as httpRequest } from "node:http";
import { request as httpsRequest } from "node:https";
import { type BlockList, isIP, type LookupFunction } from "node:net";
import { mayReach } from "./destinations.ts";

/** From the first packet to the status line, in milliseconds. */
const PATIENCE_MS = 10_000;
const HEADERS_BYTES = 8 * 1024;

/** How a name becomes addresses; the system's own unless a test says otherwise. */
export type Resolve = typeof lookup;

class AddressForbidden extends Error {
  readonly code = "ADDRESS_FORBIDDEN";
}

export interface Message {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/**
 * Posts one message. @returns `HTTP_` and the status, or why there is none: `TIMEOUT`, `ADDRESS_FORBIDDEN`, or the code that
 * Node gives (`ECONNREFUSED`, `CERT_HAS_EXPIRED`, …). Of the answer only its status is read.
 */
export function send(
  { url, headers, body }: Message,
  allowed: BlockList,
  resolve: Resolve = lookup,
  patienceMs = PATIENCE_MS,
): Promise<string> {
  const { protocol, hostname } = new URL(url);
  const isEncrypted = protocol === "https:";
  const address = hostname.replace(/^\[|\]$/g, "");
  if (isIP(address) !== 0 && !mayReach(address, isEncrypted, allowed)) return Promise.resolve("ADDRESS_FORBIDDEN");
  const options = {
    ...{ method: "POST", agent: false, maxHeaderSize: HEADERS_BYTES, signal: AbortSignal.timeout(patienceMs) },
    headers: { "content-type": "application/json", "user-agent": "quanlian-webhooks/1", ...headers },
    lookup: guarded(resolve, isEncrypted, allowed),
  };
  return outcomeOf((isEncrypted ? httpsRequest : httpRequest)(url, options), body);
}

function outcomeOf(request: ClientRequest, body: string): Promise<string> {
  return new Promise((resolve) => {
    request.on("response", (answer) => {
      resolve(`HTTP_${answer.statusCode}`);
      request.destroy();
    });
    request.on("error", (error: Error & { code?: string }) =>
      resolve(error.name === "AbortError" ? "TIMEOUT" : (error.code ?? "FAILED")),
    );
    request.end(body);
  });
}

/**
 * A look-up that the connection itself uses: the address that was judged is the one that is connected to, so that a name
 * which resolves to something else a moment later (DNS rebinding) gains nothing.
 */
function guarded(resolve: Resolve, isEncrypted: boolean, allowed: BlockList): LookupFunction {
  return (hostname, options, done) => {
    resolve(hostname, { ...options, all: true }, (error, addresses) => {
      if (error) return done(error, []);
      const isFree = addresses.length > 0 && addresses.every(({ address }) => mayReach(address, isEncrypted, allowed));
      if (!isFree) return done(new AddressForbidden(), []);
      if (options.all) done(null, addresses);
      else done(null, addresses[0]!.address, addresses[0]!.family);
    });
  };
}
