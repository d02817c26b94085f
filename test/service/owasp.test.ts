import { readFileSync } from "node:fs";
import { expect } from "chai";
import type { ProblemDocument } from "../../backend/src/http/problem.ts";
import { DataSource } from "typeorm";
import { POLICY } from "../../backend/src/access/policy.ts";
import { type Asker, CITY, ENTERPRISE, eventually, OTHER_ENTERPRISE, startWorld, type World } from "./harness.ts";
import { penalty } from "./records.ts";

// The OWASP API Security Top 10 of 2023, each risk by its name. What is tried in whole tables elsewhere is named here and
// tried once more where it hurts most.
describe("OWASP API Security Top 10 (2023)", function () {
  this.timeout(120_000);
  let world: World;
  let hidden: string;
  let published: string;

  before(async () => {
    world = await startWorld({ RATE_EXPORT: "2" });
    const submit = async (number: string, changes: object) =>
      (await world.post<{ id: string }>("/api/v1/records", penalty(number, { ...changes }))).body.id;
    hidden = await submit("京市监罚〔2026〕801号", { 处罚类别: "警告" });
    published = await submit("京市监罚〔2026〕802号", { 处罚决定日期: "2026/10/08" });
    await eventually(
      () => world.get<{ status: string }>(`/api/v1/records/${published}`),
      ({ body }) => body.status === "final",
    );
  });
  after(() => world.stop());

  const refusal = async (asker: Asker | null, path: string) => {
    const { status, body } = await world.as(asker).get<ProblemDocument>(path);
    return `${status} ${body.code}`;
  };

  // The whole matrix of roles, routes and own or other resources: test/service/access.test.ts.
  it("API1 Broken Object Level Authorization: another's record answers as one that is not there", async () => {
    const absent = "019ab000-0000-7000-8000-000000000000";
    for (const asker of [
      null,
      "other-department",
      "other-enterprise",
      "other-regulator",
      "operator",
      "auditor",
    ] as const) {
      const [there, not] = [
        await world.as(asker).get(`/api/v1/records/${hidden}`),
        await world.as(asker).get(`/api/v1/records/${absent}`),
      ];
      expect([there.status, there.body]).to.deep.equal([not.status, not.body]);
    }
  });

  it("API1, and in time: for the public the same queries run, whether a record is not there, not published or a person's", async () => {
    const person = { 行政相对人名称: "欧阳示例", 行政相对人类别: "自然人", 统一社会信用代码: "", 法定代表人: "" };
    const certificate = { 证件类型: "身份证", 证件号码: "11010519491231002X" };
    const taken = await world.post<{ id: string }>(
      "/api/v1/records",
      penalty("京市监罚〔2026〕804号", { ...person, ...certificate }),
    );
    const queries: string[] = [];
    const silent = () => undefined;
    const logger = {
      ...{ logQueryError: silent, logQuerySlow: silent, logSchemaBuild: silent, logMigration: silent, log: silent },
      logQuery: (query: string) => {
        if (/\brecord\b/.test(query)) queries.push(query);
      },
    };
    const runBy = async (id: string) => {
      queries.splice(0);
      expect(await refusal(null, `/api/v1/records/${id}`)).to.equal("404 RECORD_NOT_FOUND");
      return [...queries];
    };
    await world.restart({}, false);
    world.app.get(DataSource).setOptions({ logging: ["query"], logger });
    const expected = await runBy("019ab000-0000-7000-8000-000000000000");
    expect(expected).to.not.have.length(0);
    for (const id of [hidden, taken.body.id]) expect(await runBy(id)).to.deep.equal(expected);
  });

  // Wrong tokens of every kind: test/service/tokens.test.ts; sessions: test/service/login*.test.ts.
  it("API2 Broken Authentication: a token that is none is refused, also where none is needed", async () => {
    for (const token of ["Bearer a.b.c", "Bearer ", "Basic YTpi", "Bearer eyJhbGciOiJub25lIn0.e30."]) {
      const answer = await world.app.inject({ url: "/api/v1/trust", headers: { authorization: token } });
      expect([answer.statusCode, answer.json<ProblemDocument>().code]).to.deep.equal([401, "TOKEN_INVALID"]);
    }
  });

  it("API3 Broken Object Property Level Authorization: nobody writes what the service decides, or reads what is masked", async () => {
    for (const member of ["id", "status", "recordHash", "anchoredAt", "version", "signedAt"]) {
      const body = { ...penalty("京市监罚〔2026〕803号"), [member]: "x" };
      const { status, body: problem } = await world.post<ProblemDocument>("/api/v1/records", body);
      expect([status, problem.code]).to.deep.equal([400, "INVALID_PARAMETER"]);
    }
    const fieldsFor = async (asker: Asker | null) =>
      Object.keys((await world.as(asker).get<{ fields: object }>(`/api/v1/records/${published}`)).body.fields);
    expect(await fieldsFor(null)).to.have.length.below((await fieldsFor("department-system")).length);
  });

  // Depth, size, headers, slow requests: test/service/gates.test.ts; hostile files: test/files/hostile-files.test.ts.
  it("API4 Unrestricted Resource Consumption: who asks for too much is told to wait, and no page is endless", async () => {
    const asked = [];
    for (let i = 0; i < 3; i++) asked.push(await world.get<ProblemDocument>("/api/v1/exports/records"));
    expect(asked.map(({ status }) => status)).to.deep.equal([200, 200, 429]);
    expect(await refusal("department-system", "/api/v1/records?limit=100000")).to.equal("400 INVALID_PARAMETER");
  });

  // Each role on each route: test/service/access.test.ts; routes without an action: test/access/declared-routes.test.ts.
  it("API5 Broken Function Level Authorization: operators and auditors reach no content, and nobody else their functions", async () => {
    expect(await refusal("operator", "/api/v1/records")).to.equal("403 FORBIDDEN");
    expect(await refusal("auditor", `/api/v1/departments/${CITY}/mappings`)).to.equal("403 FORBIDDEN");
    expect(await refusal("department-officer", "/metrics")).to.equal("403 FORBIDDEN");
    expect(await refusal(null, "/api/v1/access-log/check")).to.equal("401 UNAUTHENTICATED");
    for (const asker of ["enterprise", "auditor", "operator", "regulator"] as const)
      expect((await world.as(asker).post("/api/v1/records", penalty("京9"))).status).to.equal(403);
  });

  it("API6 Unrestricted Access to Sensitive Business Flows: a certificate is ordered by the enterprise alone, a number used once", async () => {
    const order = { purpose: "history", subject: { type: "uscc", id: ENTERPRISE }, period: { from: "2026-01-01" } };
    for (const asker of ["other-enterprise", "regulator", "department-system"] as const)
      expect((await world.as(asker).post("/api/v1/certificates", order)).status).to.equal(403);
    const again = penalty("京市监罚〔2026〕802号", { 处罚决定日期: "2026/10/09" });
    expect((await world.post<ProblemDocument>("/api/v1/records", again)).body.code).to.equal("NUMBER_CONFLICT");
  });

  // Addresses, redirects, rebinding: test/webhooks/webhooks.test.ts.
  it("API7 Server Side Request Forgery: no webhook goes to what is not public", async () => {
    for (const url of [
      "https://169.254.169.254/",
      "http://127.0.0.1:5432/",
      "https://[::ffff:10.0.0.1]/",
      "file:///etc/passwd",
    ]) {
      const body = { for: { owner: "operator" }, url, events: ["finding"] };
      const { body: problem } = await world.as("operator").post<ProblemDocument>("/api/v1/webhooks", body);
      expect(problem.code).to.equal("DESTINATION_UNFIT");
    }
  });

  // Headers, policies, requests that are none: test/service/gates.test.ts; settings: test/service/settings.test.ts.
  it("API8 Security Misconfiguration: no stack, no version, no foreign origin, no verb too many", async () => {
    const { headers, body } = await world.as(null).get("/api/v1/records/1");
    expect(JSON.stringify(body)).to.not.match(/at \w+ \(|node_modules|\.ts:/);
    for (const name of ["server", "x-powered-by", "access-control-allow-origin"])
      expect(headers).to.not.have.property(name);
    for (const method of ["PATCH", "DELETE"] as const)
      expect((await world.send(method, `/api/v1/records/${published}`)).status).to.equal(404);
  });

  it("API9 Improper Inventory Management: every route is described, with its action, in one version", async () => {
    type Api = { paths: Record<string, Record<string, { "x-quanlian-access": { action: string } }>> };
    const described = (await world.as(null).get<Api>("/api/openapi.json")).body;
    const kept = JSON.parse(readFileSync(new URL("../../docs/api/openapi.json", import.meta.url), "utf8")) as Api;
    expect(Object.keys(described.paths)).to.deep.equal(Object.keys(kept.paths));
    for (const [path, methods] of Object.entries(described.paths)) {
      expect(path).to.match(/^\/(api\/v1|auth|health|metrics|\.well-known)(\/|$)/);
      for (const operation of Object.values(methods))
        expect(POLICY).to.have.property(operation["x-quanlian-access"].action);
    }
  });

  // Nodes that lie: test/service/several-nodes.test.ts, sealed.test.ts; issuers: test/service/tokens.test.ts.
  it("API10 Unsafe Consumption of APIs: a verdict on a foreign paper is ours, and its content is never believed", async () => {
    const paper = {
      format: "quanlian-receipt/1",
      suite: "ES256-SHA256-KECCAK",
      statement: "eyJhbGciOiJub25lIn0.e30.~",
    };
    const { status, body } = await world.as(null).post<{ verdict: string }>("/api/v1/verify", paper);
    expect([status, body.verdict]).to.deep.equal([200, "invalid"]);
    const attached = await world
      .as("enterprise")
      .post<ProblemDocument>(`/api/v1/subjects/${ENTERPRISE}/foreign-records`, paper);
    expect(attached.body.code).to.equal("RECEIPT_UNFIT");
    const other = await world.as("enterprise").post(`/api/v1/subjects/${OTHER_ENTERPRISE}/foreign-records`, paper);
    expect(other.status).to.equal(403);
  });
});
