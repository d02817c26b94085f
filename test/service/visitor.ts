// Somebody with a browser: logs in to the service through its identity provider, cookies and redirects and all.
import type { NestFastifyApplication } from "@nestjs/platform-fastify";
import type { Answer, World } from "./harness.ts";

/** As a browser sends them from the service's own pages, and does not let scripts set. */
export const FROM_OUR_PAGES = { "sec-fetch-site": "same-origin" };

/** Cookies of one host. */
class Jar {
  readonly #cookies = new Map<string, string>();

  take(setCookie: string | string[] | undefined): void {
    for (const line of [setCookie ?? []].flat()) {
      const [pair, ...attributes] = line.split(";");
      const [name, value] = [pair!.slice(0, pair!.indexOf("=")), pair!.slice(pair!.indexOf("=") + 1)];
      const isGone = attributes.some((attribute) => /^ *(max-age=0|expires=Thu, 01 Jan 1970)/i.test(attribute));
      if (isGone) this.#cookies.delete(name);
      else this.#cookies.set(name, value);
    }
  }

  get header(): Record<string, string> {
    const cookie = [...this.#cookies].map(([name, value]) => `${name}=${value}`).join("; ");
    return cookie === "" ? {} : { cookie };
  }

  get(name: string): string | undefined {
    return this.#cookies.get(name);
  }

  set(name: string, value: string): void {
    this.#cookies.set(name, value);
  }
}

type Method = "GET" | "POST" | "PUT" | "DELETE";

export class Visitor {
  readonly ours = new Jar();
  readonly theirs = new Jar();
  readonly #world: Pick<World, "app">;

  constructor(world: Pick<World, "app">) {
    this.#world = world;
  }

  /** Begins a login. @returns where the service sends the browser */
  async begin(returnTo?: string): Promise<URL> {
    const query = returnTo === undefined ? "" : `?returnTo=${encodeURIComponent(returnTo)}`;
    const { headers } = await this.send("GET", `/auth/login${query}`);
    return new URL(String(headers.location));
  }

  /** Fills in the provider's form. @returns where the provider sends the browser back */
  async authenticate(address: URL, person: string): Promise<URL> {
    let next = address;
    for (;;) {
      const isForm = next.pathname.startsWith("/login/");
      const form = new URLSearchParams({ login: person, password: `password of ${person}` });
      const answer = await fetch(next, {
        redirect: "manual",
        headers: this.theirs.header,
        ...(isForm && { method: "POST", body: form }),
      });
      this.theirs.take(answer.headers.getSetCookie());
      const location = answer.headers.get("location");
      if (location === null) throw new Error(`${next.href} answers ${answer.status}: ${await answer.text()}`);
      next = new URL(location, next);
      if (next.origin !== address.origin) return next;
    }
  }

  /** Comes back from the provider. @returns where the service sends the browser */
  async comeBack(address: URL): Promise<string> {
    const headers = { "sec-fetch-site": "cross-site" };
    return String(
      (await this.send("GET", `${address.pathname}${address.search}`, undefined, headers)).headers.location,
    );
  }

  async login(person: string, returnTo?: string): Promise<string> {
    return this.comeBack(await this.authenticate(await this.begin(returnTo), person));
  }

  async send<Body>(
    method: Method,
    url: string,
    body?: unknown,
    headers: Record<string, string> = FROM_OUR_PAGES,
  ): Promise<Answer<Body>> {
    const app: NestFastifyApplication = this.#world.app;
    const type = body === undefined ? {} : { "content-type": "application/json" };
    const answer = await app.inject({
      ...{ method, url },
      headers: { ...this.ours.header, ...type, ...headers },
      ...(body === undefined ? {} : { payload: typeof body === "string" ? body : JSON.stringify(body) }),
    });
    this.ours.take(answer.headers["set-cookie"]);
    const isJson = /^application\/(problem\+)?json/.test(String(answer.headers["content-type"]));
    return { status: answer.statusCode, headers: answer.headers, body: (isJson ? answer.json() : answer.body) as Body };
  }

  get<Body>(url: string): Promise<Answer<Body>> {
    return this.send("GET", url);
  }
}
