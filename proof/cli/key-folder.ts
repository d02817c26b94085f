import { createPrivateKey, sign } from "node:crypto";
import { existsSync } from "node:fs";
import { join } from "node:path";
import type { PublicJwk, Signer } from "@quanlian/proof";
import { read } from "./files.ts";
import { nodeEs256 } from "./node-es256.ts";
import { clientTokens, givenToken, Service, serviceAddress } from "./service.ts";
import { UsageError } from "./usage.ts";

/** Where a department keeps what its programs need; none of it ever leaves the house but signatures and tokens. */
export interface KeyFolder {
  readonly department: string;
  readonly service: Service;
  /** Path of a file in it. */
  readonly path: (name: KeyFile) => string;
}

/**
 * `signer.json`, `statement.json`: made by `quanlian keygen`. `client.json`: `{"issuer","clientId","clientSecret"}`; without it
 * the token is that of $QUANLIAN_TOKEN. `trust.json`: the trust list. `issued.ndjson`: what `quanlian issue` has made.
 * `journal.ndjson`: what the agent has signed.
 */
type KeyFile = "signer.json" | "statement.json" | "client.json" | "trust.json" | "issued.ndjson" | "journal.ndjson";

/** @throws UsageError */
export async function openKeyFolder(values: {
  readonly url?: string | undefined;
  readonly department?: string | undefined;
  readonly "key-dir"?: string | undefined;
}): Promise<KeyFolder> {
  const { url, department, "key-dir": folder } = values;
  if (url === undefined || department === undefined || folder === undefined)
    throw new UsageError("it needs --url, --department and --key-dir");
  const path = (name: KeyFile) => join(folder, name);
  const token = existsSync(path("client.json")) ? await clientTokens(path("client.json")) : givenToken;
  return { department, path, service: new Service(serviceAddress(url), token) };
}

/** The department's statement key. @throws UsageError */
export async function loadStatementKey({ path }: KeyFolder): Promise<Signer> {
  const file = path("statement.json");
  try {
    const jwk = JSON.parse(Buffer.from(await read(file)).toString()) as PublicJwk & { d: string };
    const key = createPrivateKey({ key: { ...jwk }, format: "jwk" });
    const { kty, crv, x, y } = jwk;
    const publicJwk: PublicJwk = { kty, crv, x, y };
    return {
      publicJwk,
      suite: nodeEs256,
      sign: (message) => sign("sha256", message, { key, dsaEncoding: "ieee-p1363" }),
    };
  } catch (error) {
    if (error instanceof UsageError) throw error;
    throw new UsageError(`${file} is not a key made by quanlian keygen statement`);
  }
}
