// Access tokens by client credentials (RFC 6749 §4.4), as a department's system gets them.

/** One client of a token endpoint, in the words of RFC 7591. */
export interface ClientCredentials {
  readonly client_id: string;
  readonly client_secret: string;
  readonly scope: string;
}

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
    const { client_id, client_secret, scope } = this.#client;
    const basic = Buffer.from(`${encodeURIComponent(client_id)}:${encodeURIComponent(client_secret)}`);
    const response = await fetch(this.#endpoint, {
      method: "POST",
      headers: { authorization: `Basic ${basic.toString("base64")}` },
      body: new URLSearchParams({ grant_type: "client_credentials", scope }),
    });
    if (!response.ok) throw new Error(`${client_id} gets no token: ${response.status} ${await response.text()}`);
    const answer = (await response.json()) as { access_token: string; expires_in: number };
    this.#renewAt = Date.now() + answer.expires_in * 500;
    return answer.access_token;
  }
}
