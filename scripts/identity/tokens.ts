// Access tokens by client credentials (RFC 6749 §4.4), as a department's system gets them.
import { randomUUID } from "node:crypto";
import { importJWK, type JWK, SignJWT } from "jose";

const ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/** One client of a token endpoint, in the words of RFC 7591: it proves itself by a secret or by a private key (P-256). */
export type ClientCredentials = { readonly client_id: string; readonly scope: string } & (
  { readonly client_secret: string } | { readonly jwk: JWK }
);

/** Keeps one client's token and asks for the next before the present one has expired. */
export class TokenSource {
  readonly #endpoint: string;
  readonly #client: ClientCredentials;
  #current: Promise<string> | undefined;
  #renewAt = 0;

  constructor(endpoint: string, client: ClientCredentials) {
    this.#endpoint = endpoint;
    this.#client = client;
  }

  /** @throws when the endpoint refuses the client or does not answer */
  token(): Promise<string> {
    if (this.#current === undefined || Date.now() > this.#renewAt) {
      this.#renewAt = Number.POSITIVE_INFINITY;
      this.#current = this.#fetch();
      this.#current.catch(() => (this.#current = undefined));
    }
    return this.#current;
  }

  async #fetch(): Promise<string> {
    const { client_id, scope } = this.#client;
    const { headers, form } = await this.#proof();
    const response = await fetch(this.#endpoint, {
      method: "POST",
      headers,
      body: new URLSearchParams({ grant_type: "client_credentials", scope, ...form }),
    });
    if (!response.ok) throw new Error(`${client_id} gets no token: ${response.status} ${await response.text()}`);
    const answer = (await response.json()) as { access_token: string; expires_in: number };
    this.#renewAt = Date.now() + answer.expires_in * 500;
    return answer.access_token;
  }

  /** Of who the client is: by its secret (RFC 6749 §2.3.1), or by what its key signs (RFC 7523 §2.2). */
  async #proof(): Promise<{ headers: Record<string, string>; form: Record<string, string> }> {
    const client = this.#client;
    if ("client_secret" in client) {
      const basic = [client.client_id, client.client_secret].map(encodeURIComponent).join(":");
      return { headers: { authorization: `Basic ${Buffer.from(basic).toString("base64")}` }, form: {} };
    }
    const assertion = await new SignJWT()
      .setProtectedHeader({ alg: "ES256" })
      .setIssuer(client.client_id)
      .setSubject(client.client_id)
      .setAudience(this.#endpoint)
      .setJti(randomUUID())
      .setIssuedAt()
      .setExpirationTime("1m")
      .sign(await importJWK(client.jwk, "ES256"));
    const form = { client_id: client.client_id, client_assertion_type: ASSERTION, client_assertion: assertion };
    return { headers: {}, form };
  }
}
