import { readFile } from "node:fs/promises";
import { UsageError } from "./usage.ts";

const TIMEOUT = 30_000;

/** How a department's system gets its tokens: client credentials (RFC 6749 §4.4) at the provider that discovery finds. */
interface Credentials {
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly scope?: string;
}

export interface Answer {
  readonly status: number;
  readonly body: Record<string, unknown>;
}

/** The service as a department's programs use it. */
export class Service {
  readonly #url: string;
  readonly #token: () => Promise<string | undefined>;

  constructor(url: string, token: () => Promise<string | undefined>) {
    this.#url = url;
    this.#token = token;
  }

  /** @throws Error when it does not answer, or answers with something else than JSON */
  async ask(method: "GET" | "POST" | "PUT", path: string, body?: object): Promise<Answer> {
    const token = await this.#token();
    const response = await fetch(`${this.#url}${path}`, {
      method,
      headers: { "content-type": "application/json", ...(token && { authorization: `Bearer ${token}` }) },
      ...(body && { body: JSON.stringify(body) }),
      redirect: "error",
      signal: AbortSignal.timeout(TIMEOUT),
    });
    const text = await response.text();
    return { status: response.status, body: text === "" ? {} : (JSON.parse(text) as Answer["body"]) };
  }

  /** The body of a good answer. @throws Error otherwise */
  async get(path: string): Promise<Answer["body"]> {
    const { status, body } = await this.ask("GET", path);
    if (status !== 200) throw new Error(`HTTP ${status}${typeof body.code === "string" ? ` ${body.code}` : ""}`);
    return body;
  }
}

/** @throws UsageError */
export function serviceAddress(text: string): string {
  if (!/^https?:\/\//.test(text) || !URL.canParse(text)) throw new UsageError(`${text} is not an http address`);
  return text.replace(/\/+$/, "");
}

/** The token of the environment, `QUANLIAN_TOKEN`. */
export function givenToken(): Promise<string | undefined> {
  return Promise.resolve(process.env.QUANLIAN_TOKEN);
}

/** Tokens of a client, each kept for half of its life. @param file `{"issuer","clientId","clientSecret"}` */
export async function clientTokens(file: string): Promise<() => Promise<string>> {
  const credentials = await readCredentials(file);
  let current: { token: string; renewAt: number } | undefined;
  return async () => {
    if (!current || Date.now() > current.renewAt) current = await fetchToken(credentials);
    return current.token;
  };
}

async function readCredentials(file: string): Promise<Credentials> {
  const read: unknown = await readFile(file, "utf8")
    .then(JSON.parse)
    .catch(() => null);
  const credentials = read as Partial<Credentials> | null;
  if (!credentials?.issuer || !credentials.clientId || !credentials.clientSecret)
    throw new UsageError(`${file} is not {"issuer", "clientId", "clientSecret"}`);
  return credentials as Credentials;
}

async function fetchToken({ issuer, clientId, clientSecret, scope = "quanlian" }: Credentials) {
  const address = `${serviceAddress(issuer)}/.well-known/openid-configuration`;
  const metadata = await json(fetch(address, { redirect: "error", signal: AbortSignal.timeout(TIMEOUT) }));
  if (metadata.issuer !== issuer) throw new Error("the identity provider calls itself by another name");
  const basic = Buffer.from(`${encodeURIComponent(clientId)}:${encodeURIComponent(clientSecret)}`).toString("base64");
  const answer = await json(
    fetch(String(metadata.token_endpoint), {
      method: "POST",
      headers: { authorization: `Basic ${basic}` },
      body: new URLSearchParams({ grant_type: "client_credentials", scope }),
      redirect: "error",
      signal: AbortSignal.timeout(TIMEOUT),
    }),
  );
  return { token: String(answer.access_token), renewAt: Date.now() + Number(answer.expires_in ?? 60) * 500 };
}

async function json(asked: Promise<Response>): Promise<Record<string, unknown>> {
  const response = await asked;
  if (!response.ok) throw new Error(`the identity provider answers HTTP ${response.status}`);
  return (await response.json()) as Record<string, unknown>;
}
