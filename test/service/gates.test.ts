import { once } from "node:events";
import { connect } from "node:net";
import { expect } from "chai";
import type { ProblemDocument } from "../../backend/src/http/problem.ts";
import { type Answer, boot, CITY, ENTERPRISE, startWorld, type World } from "./harness.ts";
import { penalty } from "./records.ts";

const ABSENT = "019ab000-0000-7000-8000-000000000000";

describe("gates: limits, headers and what is not a request", () => {
  let world: World;
  before(async () => {
    world = await startWorld({ RATE_EXPORT: "3", RATE_LOGIN: "2", TRUST_PROXY: "127.0.0.1" }, false);
  });
  after(() => world.stop());

  describe("rate limits", () => {
    const search = (token: object, app = world.app) =>
      app.inject({ method: "GET", url: "/api/v1/exports/records", headers: { ...token } });
    const guess = (address: string) =>
      world.app.inject({
        method: "GET",
        url: "/api/v1/trust",
        headers: { authorization: "Bearer a.b.c", "x-forwarded-for": address },
      });

    it("say what is left, and refuse one request too many with the time to wait", async () => {
      const token = await world.bearer();
      const answers = [];
      for (let i = 0; i < 4; i++) answers.push(await search(token));
      expect(answers.map(({ statusCode }) => statusCode)).to.deep.equal([200, 200, 200, 429]);
      expect(answers.map(({ headers }) => String(headers["ratelimit"]).replace(/t=\d+$/, ""))).to.deep.equal(
        [2, 1, 0, 0].map((left) => `"export";r=${left};`),
      );
      const { headers, ...last } = answers.at(-1)!;
      expect(headers["ratelimit-policy"]).to.equal('"export";q=3;w=60');
      expect(Number(headers["retry-after"])).to.be.within(1, 60);
      expect(last.json<ProblemDocument>().code).to.equal("RATE_LIMITED");
    });

    it("are shared by all processes on one database", async () => {
      const other = await boot(world.environment, false);
      try {
        expect((await search(await world.bearer(), other)).statusCode).to.equal(429);
      } finally {
        await other.close();
      }
    });

    it("count each client, each address and each kind of request apart", async () => {
      expect((await world.as("department-system").get("/api/v1/exports/records")).status).to.equal(200);
      expect((await world.get("/api/v1/departments")).status).to.equal(200);
    });

    it("count wrong tokens by the address that a trusted proxy names", async () => {
      const statuses = [];
      for (const address of ["192.0.2.1", "192.0.2.1", "192.0.2.1", "192.0.2.2"])
        statuses.push((await guess(address)).statusCode);
      expect(statuses).to.deep.equal([401, 401, 429, 401]);
    });

    it("leave neither addresses nor clients in the database", async () => {
      const rows = await world.sql<{ key: string }>("select key from rate_count");
      expect(rows).to.not.have.length(0);
      for (const { key } of rows) expect(key).to.match(/^[a-z]+:[\w-]{43}$/);
    });

    it("go on in each process alone while the database does not take them", async () => {
      await world.sql("alter table rate_count rename to away");
      try {
        await world.restart();
        const token = await world.bearer();
        const statuses = [];
        for (let i = 0; i < 4; i++) statuses.push((await search(token)).statusCode);
        expect(statuses).to.deep.equal([200, 200, 200, 429]);
      } finally {
        await world.sql("alter table away rename to rate_count");
      }
    });
  });

  describe("headers", () => {
    const pathsOf = [
      ["a page", "/"],
      ["the API", "/api/v1/departments"],
      ["what is not public", `/api/v1/subjects/${ENTERPRISE}/history`],
      ["a refusal", `/api/v1/records/${ABSENT}`],
      ["what is not there", "/nothing"],
      ["a malformed address", "/api/v1/records/%zz"],
    ] as const;
    for (const [what, path] of pathsOf)
      it(`of ${what}: no frame, no script from elsewhere, no guessing of types, no referrer`, async () => {
        const { headers } = await world.get(path);
        expect(headers).to.include({
          "x-content-type-options": "nosniff",
          "referrer-policy": "no-referrer",
          "cross-origin-opener-policy": "same-origin",
          "cross-origin-resource-policy": "same-origin",
        });
        const policy = String(headers["content-security-policy"]);
        expect(policy).to.include("default-src 'none'").and.include("frame-ancestors 'none'").and.not.include("unsafe");
        expect(headers["permissions-policy"]).to.include("geolocation=()");
        if (path !== "/") expect(headers["cache-control"]).to.equal("no-store");
      });

    it("ask for https for a year where the service is reached by it, and not where it is not", async () => {
      expect((await world.get("/")).headers).to.not.have.property("strict-transport-security");
      await world.restart({ PUBLIC_URL: "https://quanlian.example" });
      expect((await world.get("/")).headers["strict-transport-security"]).to.equal("max-age=31536000");
    });
  });

  describe("requests that are none", () => {
    let port: number;
    before(async () => {
      await world.app.listen(0, "127.0.0.1");
      port = Number(new URL(await world.app.getUrl()).port);
    });

    const answerTo = async (bytes: string): Promise<{ head: string; body: ProblemDocument }> => {
      const socket = connect(port, "127.0.0.1");
      let answer = "";
      socket.setEncoding("utf8").on("data", (text: string) => (answer += text));
      socket.write(bytes);
      await once(socket, "close");
      const [head, body] = answer.split("\r\n\r\n") as [string, string];
      return { head, body: JSON.parse(body) as ProblemDocument };
    };

    it("are refused as a problem: no HTTP at all", async () => {
      const { head, body } = await answerTo("what is this?\r\n\r\n");
      expect(head).to.match(/^HTTP\/1.1 400 .*application\/problem\+json/s);
      expect(body.code).to.equal("MALFORMED_REQUEST");
    });

    it("are refused as a problem: headers of more than 16 KiB", async () => {
      const { body } = await answerTo(`GET / HTTP/1.1\r\nhost: a\r\nx: ${"y".repeat(17_000)}\r\n\r\n`);
      expect(body).to.include({ code: "HEADERS_TOO_LARGE", status: 431 });
    });

    it("are refused: two lengths, which proxies read in two ways", async () => {
      const lengths = "content-length: 2\r\ntransfer-encoding: chunked";
      const { body } = await answerTo(`POST /api/v1/verify HTTP/1.1\r\nhost: a\r\n${lengths}\r\n\r\n0\r\n\r\n`);
      expect(body.code).to.equal("MALFORMED_REQUEST");
    });

    it("hold a connection for ten seconds of headers and two minutes of body at most", () => {
      const { headersTimeout, requestTimeout } = world.app.getHttpServer();
      expect({ headersTimeout, requestTimeout }).to.deep.equal({ headersTimeout: 10_000, requestTimeout: 120_000 });
    });
  });

  describe("whoever sends byte by byte (Slowloris)", () => {
    let port: number;
    before(async () => {
      await world.restart({ HEADERS_TIMEOUT_MS: "300", REQUEST_TIMEOUT_MS: "700" });
      await world.app.listen(0, "127.0.0.1");
      port = Number(new URL(await world.app.getUrl()).port);
    });
    after(() => world.restart());

    /** Sends the start, then one more byte again and again until the server hangs up; it would go on for ever. */
    const dripped = async (start: string): Promise<string> => {
      const socket = connect(port, "127.0.0.1");
      let answer = "";
      socket.setEncoding("utf8").on("data", (text: string) => (answer += text));
      socket.on("error", () => undefined); // a byte may cross the server's goodbye
      socket.write(start);
      const drip = setInterval(() => socket.write("x"), 20);
      try {
        await once(socket, "close");
      } finally {
        clearInterval(drip);
      }
      return answer;
    };

    const slow: readonly [what: string, start: string][] = [
      ["a header", "GET /health/live HTTP/1.1\r\nhost: a\r\nx-slow: "],
      [
        "a body",
        "POST /api/v1/verify HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\ncontent-length: 900000\r\n\r\n",
      ],
    ];
    for (const [what, start] of slow)
      it(`is cut off in the middle of ${what}, while others are answered`, async () => {
        const cut = dripped(start);
        expect((await fetch(`http://127.0.0.1:${port}/health/live`)).status).to.equal(200);
        const [head, body] = (await cut).split("\r\n\r\n") as [string, string];
        expect(head).to.match(/^HTTP\/1.1 408 /);
        expect(JSON.parse(body)).to.include({ code: "REQUEST_TIMEOUT" });
      });
  });

  it("reads a body of very many fields without a word more than it must", async () => {
    const fields = Object.fromEntries(Array.from({ length: 50_000 }, (_, i) => [`f${i}`, i]));
    const answer: Answer<ProblemDocument> = await world.post("/api/v1/records", {
      ...penalty("京市监罚〔2026〕1号"),
      fields,
    });
    expect([answer.status, answer.body.code]).to.deep.equal([422, "RECORD_INVALID"]);
    expect(JSON.stringify(answer.body).length).to.be.below(100_000);
    expect(await world.sql("select from record where department = $1", [CITY])).to.have.length(0);
  });
});
