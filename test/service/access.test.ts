import { expect } from "chai";
import type { Allowed } from "../../backend/src/access/allow.ts";
import { grantFor, grantsFor, type Resource } from "../../backend/src/access/policy.ts";
import { principalOf, OUR_CLAIMS } from "../../backend/src/access/claims.ts";
import { NOBODY, type Principal } from "../../backend/src/access/roles.ts";
import {
  type Asker,
  CITY,
  CLIENTS,
  DISTRICT,
  ENTERPRISE,
  eventually,
  OTHER_ENTERPRISE,
  startWorld,
} from "./harness.ts";
import type { Answer, World } from "./harness.ts";
import { inspection, licence, penalty } from "./records.ts";
import { Visitor } from "./visitor.ts";

interface Stored extends Resource {
  readonly id: string;
}
type Asking = Asker | null;
type Sends = (method: string, path: string, body?: unknown) => Promise<Answer<unknown>>;

const ASKERS: readonly Asking[] = [null, ...(Object.keys(CLIENTS) as Asker[])];
const ABSENT = "019ab000-0000-7000-8000-000000000000";

/** One of each role, to ask with a session as they ask with a token. */
const VISITORS = [
  ...(["department-officer", "department-reviewer", "department-system", "regulator"] as const),
  ...(["enterprise", "agent", "auditor", "operator"] as const),
];

function principal(asker: Asking): Principal {
  return asker === null ? NOBODY : principalOf({ sub: asker, ...CLIENTS[asker] }, OUR_CLAIMS);
}

/** What a department would send for an import of nothing. */
function form(department: string): readonly [body: string, headers: Record<string, string>] {
  const part = (name: string, value: string) => `--x\r\ncontent-disposition: form-data; ${name}\r\n\r\n${value}\r\n`;
  const body = `${part('name="department"', department)}${part('name="file"; filename="a.ndjson"', "{}")}--x--\r\n`;
  return [body, { "content-type": "multipart/form-data; boundary=x" }];
}

describe("access: who may see and do what", function () {
  this.timeout(120_000);
  let world: World;
  /** A published record, one that never is, and one of another department about another enterprise. */
  let records: Record<"published" | "unpublished" | "elsewhere", Stored>;
  let imports: Record<"own" | "other", Stored>;
  let certificates: readonly Stored[];
  let submissions: readonly Stored[];
  let delegations: readonly Stored[];
  let equivocations: readonly Stored[];
  let operations: { method: string; path: string; allowed: Allowed }[];

  before(async () => {
    world = await startWorld();
    const submit = async (body: unknown) => (await world.post<{ id: string }>("/api/v1/records", body)).body.id;
    const ids = {
      published: await submit(penalty("京市监罚〔2026〕1号", { 处罚决定日期: "2026/10/08" })),
      unpublished: await submit(penalty("京市监罚〔2026〕2号", { 处罚类别: "警告" })),
      elsewhere: await submit({
        ...inspection("检2026-1", { 行政相对人编码: OTHER_ENTERPRISE }),
        department: DISTRICT,
      }),
    };
    for (const id of Object.values(ids))
      await eventually(
        () => world.get<{ status: string }>(`/api/v1/records/${id}`),
        ({ body }) => body.status === "final",
      );
    const city = { department: CITY, area: "110000", kind: 4, subject: ENTERPRISE };
    const district = { department: DISTRICT, area: "110108", kind: 3, subject: OTHER_ENTERPRISE };
    records = {
      published: { ...city, id: ids.published, published: true },
      unpublished: { ...city, id: ids.unpublished, published: false },
      elsewhere: { ...district, id: ids.elsewhere, published: true },
    };
    await submit(penalty("京市监罚〔2026〕1号", { 处罚决定日期: "2026/10/08", "罚款金额（万元）": "0.9" }));
    const other = { 行政相对人编码: OTHER_ENTERPRISE, 检查类别: "重点" };
    await submit({ ...inspection("检2026-1", other), department: DISTRICT });
    const found = await world.sql<{ id: string; record: string }>(
      `select id, record from finding where code = 'EQUIVOCATION'`,
    );
    equivocations = found.map(({ id, record }) => {
      return { ...Object.values(records).find((one) => one.id === record)!, id };
    });
    expect(equivocations).to.have.length(2);
    const imported = async (department: string) =>
      (await world.post<{ id: string }>("/api/v1/imports", ...form(department))).body.id;
    imports = {
      own: { id: await imported(CITY), department: CITY, area: "110000" },
      other: { id: await imported(DISTRICT), department: DISTRICT, area: "110108" },
    };
    certificates = await Promise.all([ENTERPRISE, OTHER_ENTERPRISE].map(certificateOf));
    delegations = await Promise.all([ENTERPRISE, OTHER_ENTERPRISE].map(delegationOf));
    submissions = [
      await submissionOf(CITY, "110000", "second-reviewer", penalty("京市监罚〔2026〕3号")),
      await submissionOf(DISTRICT, "110108", "other-reviewer", { ...inspection("检2026-2"), department: DISTRICT }),
    ];
    operations = await documented();
  });
  after(() => world.stop());

  async function certificateOf(subject: string): Promise<Stored> {
    const order = { purpose: "history", subject: { type: "uscc", id: subject }, period: { from: "2024-01-01" } };
    return { id: (await world.post<{ id: string }>("/api/v1/certificates", order)).body.id, subject };
  }

  async function delegationOf(subject: string): Promise<Stored> {
    const asked = { delegate: "nobody in particular", powers: ["view"], until: "2099-12-31" };
    const { body } = await world.post<{ id: string }>(`/api/v1/subjects/${subject}/delegations`, asked);
    return { id: body.id, subject };
  }

  /** A session of somebody who has logged in. */
  async function sessionOf(person: Asker): Promise<Stored> {
    const [row] = await world.sql<{ id: string }>(
      `insert into login_session (id, secret_hash, subject, principal, ends_at)
       values (gen_random_uuid(), sha256(gen_random_uuid()::text::bytea), $1, '{}', now() + interval '1 hour')
       returning id`,
      [person],
    );
    return { id: row!.id, person };
  }

  async function submissionOf(department: string, area: string, reviewer: Asker, record: unknown): Promise<Stored> {
    const require = (required: boolean) =>
      world.as(reviewer).send("PUT", `/api/v1/departments/${department}/review`, { required });
    await require(true);
    const { body } = await world.post<{ submission: string }>("/api/v1/records", record);
    await require(false);
    return { id: body.submission, department, area };
  }

  async function documented() {
    type Api = { paths: Record<string, Record<string, { "x-quanlian-access": Allowed }>> };
    const { body } = await world.get<Api>("/api/openapi.json");
    return Object.entries(body.paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, operation]) => ({ method, path, allowed: operation["x-quanlian-access"] })),
    );
  }

  const withToken =
    (asker: Asking): Sends =>
    (method, path, body = method === "get" ? undefined : {}) =>
      world.as(asker).send(method.toUpperCase() as "GET" | "POST" | "PUT" | "DELETE", path, body);
  const withSession = async (person: Asker): Promise<Sends> => {
    const visitor = new Visitor(world);
    await visitor.login(person);
    return (method, path, body = method === "get" ? undefined : {}) =>
      visitor.send(method.toUpperCase() as "GET" | "POST" | "PUT" | "DELETE", path, body);
  };
  const denied = (asker: Asking) => (asker === null ? 401 : 403);

  /** What the table does not give at all. */
  async function expectRefusals(asker: Asking, send: Sends): Promise<void> {
    for (const { method, path, allowed } of operations) {
      if (grantsFor(allowed.action, principal(asker)).length > 0) continue;
      const { status } = await send(method, path.replaceAll(/\{\w+\}/g, ABSENT));
      expect(status, `${method} ${path}`).to.equal(denied(asker));
    }
  }

  /** What an address names: there for whom the table gives it to, absent for all others. */
  async function expectReach(asker: Asking, send: Sends): Promise<void> {
    const resources = {
      ...{ record: Object.values(records), import: Object.values(imports), certificate: certificates },
      ...{ submission: submissions, equivocation: equivocations, delegation: delegations },
      session: await Promise.all((["enterprise", "operator"] as const).map(sessionOf)),
    };
    for (const { method, path, allowed } of operations) {
      const { action, target } = allowed;
      if (target === "nothing" || target === "handler" || grantsFor(action, principal(asker)).length === 0) continue;
      for (const resource of resources[target]) {
        const { status } = await send(method, path.replace("{id}", resource.id));
        const granted = grantFor(action, principal(asker), resource) !== null;
        expect(status === 404, `${method} ${path} ${JSON.stringify(resource)}: ${status}`).to.equal(!granted);
        if (granted) expect(status).to.be.oneOf([200, 204, 400, 409]);
      }
    }
    const left = await world.sql<{ person: string }>(`select subject as person from login_session where id = any($1)`, [
      resources.session.map(({ id }) => id),
    ]);
    const others = resources.session.map(({ person }) => person).filter((person) => person !== asker);
    expect(left.map(({ person }) => person)).to.have.members(others);
  }

  for (const asker of ASKERS) {
    it(`${asker ?? "nobody"}: is refused every route whose action the table does not give`, () =>
      expectRefusals(asker, withToken(asker)));

    it(`${asker ?? "nobody"}: reaches what an address names as far as the table says, and no further`, () =>
      expectReach(asker, withToken(asker)));

    it(`${asker ?? "nobody"}: finds in histories only what the table gives`, async () => {
      for (const subject of [ENTERPRISE, OTHER_ENTERPRISE]) {
        const { body } = await world
          .as(asker)
          .get<{ records: { id: string }[] }>(`/api/v1/subjects/${subject}/history`);
        const all = Object.values(records).filter((record) => record.subject === subject);
        const expected = all.filter((record) => grantFor("history.read", principal(asker), record));
        const shown = body.records.map(({ id }) => id).filter((id) => all.some((record) => record.id === id));
        expect(shown).to.have.members(expected.map(({ id }) => id));
      }
    });

    it(`${asker ?? "nobody"}: submits for its own department, if at all`, async () => {
      for (const department of [CITY, DISTRICT]) {
        const codes = { 许可机关统一社会信用代码: department, 数据来源单位统一社会信用代码: department };
        const permit = licence(`京许〔2026〕${Math.abs(hash(`${asker} ${department}`))}号`, codes);
        const mayRecord = grantFor("record.submit", principal(asker), { department }) !== null;
        const record = await world.as(asker).post("/api/v1/records", permit);
        expect(record.status).to.equal(mayRecord ? 202 : denied(asker));
        const mayImport = grantFor("import.submit", principal(asker), { department }) !== null;
        const job = await world.as(asker).post("/api/v1/imports", ...form(department));
        expect(job.status).to.equal(mayImport ? 202 : denied(asker));
      }
    });
  }

  for (const asker of VISITORS)
    it(`${asker}: is given as much by a session as by a token`, async () => {
      const send = await withSession(asker);
      await expectRefusals(asker, send);
      await expectReach(asker, send);
      const bySession = (await send("get", "/api/v1/me")).body as object;
      const byToken = (await withToken(asker)("get", "/api/v1/me")).body as object;
      expect({ ...bySession, session: null }).to.deep.equal(byToken);
    });

  describe("what belongs to somebody and is named in the address", () => {
    const CITYS = ["everything", "department-officer", "officer-and-reviewer", "department-system"];
    const SYSTEMS = ["everything", "department-system"];
    const DISTRICTS = ["everything", "other-department"];
    const ENTERPRISES = ["everything", "enterprise"];
    const OTHERS = ["everything", "other-enterprise"];
    const OPERATORS = ["everything", "operator"];
    const columns = { type: "enforcement.penalty/1", columns: { 决定书编号: "行政处罚决定书文号" } };
    const schema = { type: "object", properties: { 网格: { type: "string" } }, additionalProperties: false };
    const url = "https://hooks.invalid/here";
    type Row = readonly [method: string, path: string, owners: readonly string[], body?: unknown];
    let rows: readonly Row[];
    before(async () => {
      rows = [
        ...ofDepartment(CITY, CITYS),
        ...ofDepartment(DISTRICT, DISTRICTS),
        ...ofEnterprise(ENTERPRISE, ENTERPRISES),
        ...ofEnterprise(OTHER_ENTERPRISE, OTHERS),
        ...(await ofEndpoint({ owner: "department", code: CITY }, CITYS)),
        ...(await ofEndpoint({ owner: "department", code: DISTRICT }, DISTRICTS)),
        ...(await ofEndpoint({ owner: "enterprise", code: OTHER_ENTERPRISE }, OTHERS)),
        ...(await ofEndpoint({ owner: "regulator", code: "110000", kinds: [4] }, ["everything", "regulator"])),
        ...(await ofEndpoint({ owner: "operator" }, OPERATORS)),
        ["get", `/api/v1/integrity/runs/${await runId()}`, [...OPERATORS, "regulator", "other-regulator"]],
      ];
      for (const [method, path, owners, body] of rows) {
        if (method !== "put") continue;
        const { status, body: answer } = await withToken(owners[0] as Asker)(method, path, body);
        expect(status, `${path} ${JSON.stringify(answer)}`).to.equal(200);
      }
    });

    function ofDepartment(department: string, owners: readonly string[]): Row[] {
      const base = `/api/v1/departments/${department}`;
      const signers = department === CITY ? SYSTEMS : owners;
      return [
        ["get", `${base}/mappings`, owners],
        ["put", `${base}/mappings/own`, owners, columns],
        ["delete", `${base}/mappings/own`, owners],
        ["get", `${base}/local-fields`, owners],
        ["put", `${base}/local-fields/grid`, owners, schema],
        ["get", `${base}/batches/unsigned`, signers],
        ["get", `${base}/supersessions/unsigned`, signers],
      ];
    }

    function ofEnterprise(uscc: string, owners: readonly string[]): Row[] {
      const base = `/api/v1/subjects/${uscc}`;
      return [
        ["get", `${base}/foreign-records`, owners],
        ["post", `${base}/foreign-records`, owners, {}],
        ["delete", `${base}/foreign-records/01900000-0000-7000-8000-000000000000`, owners],
        ["get", `${base}/delegations`, owners],
        ["post", `${base}/delegations`, owners, { delegate: "a friend", powers: ["view"], until: "2099-12-31" }],
        ["get", `${base}/access-log`, [...owners, "auditor"]],
      ];
    }

    async function ofEndpoint(owner: object, owners: readonly string[]): Promise<Row[]> {
      const asked = { for: owner, url, events: ["records.final"] };
      const { body } = await world.post<{ id: string }>("/api/v1/webhooks", asked);
      const base = `/api/v1/webhooks/${body.id}`;
      return [
        ["get", base, owners],
        ["put", base, owners, { url, events: ["records.final"], active: true }],
        ["delete", base, owners],
        ["post", `${base}/secret`, owners],
        ["get", `${base}/deliveries`, owners],
        ["post", `${base}/replays`, owners, { since: "2026-01-01T00:00:00Z" }],
      ];
    }

    const runId = async () => (await world.post<{ id: string }>("/api/v1/integrity/runs", {})).body.id;
    const kept = () =>
      world.sql(`select (select json_agg(m order by m.department, m.name) from (select * from column_mapping) m) as mappings,
        (select json_agg(l order by l.department, l.namespace) from (select department, namespace, schema from local_schema) l) as local,
        (select json_agg(w order by w.id) from (select id, url, events, secret, old_secret from webhook_endpoint) w) as webhooks,
        (select count(*) from delegation) as delegations, (select count(*) from foreign_record) as records`);

    for (const asker of ASKERS)
      it(`${asker ?? "nobody"}: reaches only its own, and changes nothing of others`, async () => {
        const before = await kept();
        const isOwn = ([, , owners]: Row) => owners.includes(asker ?? "nobody");
        for (const [method, path, , body] of rows.filter((row) => !isOwn(row))) {
          const { status } = await withToken(asker)(method, path, body);
          expect(status, `${method} ${path}`).to.be.oneOf(asker === null ? [401] : [403, 404]);
        }
        expect(await kept()).to.deep.equal(before);
        for (const [method, path, , body] of rows.filter(isOwn)) {
          if (method === "delete") continue;
          const { status } = await withToken(asker)(method, path, body);
          expect(status, `${method} ${path}`).to.be.oneOf([200, 201, 202, 400, 422]);
        }
      });
  });

  it("answers the public the same for what is not there, not published and not theirs", async () => {
    const answers = [ABSENT, records.unpublished.id].flatMap((id) =>
      [null, "other-enterprise", "auditor", "operator"].map((asker) =>
        world.as(asker as Asking).get(`/api/v1/records/${id}`),
      ),
    );
    for (const { status, body, headers } of await Promise.all(answers)) {
      expect(status).to.equal(404);
      expect(body).to.deep.equal((await answers[0]!).body);
      expect(Object.keys(headers)).to.deep.equal(Object.keys((await answers[0]!).headers));
    }
  });

  it("discloses in a receipt only what its reader sees in clear", async () => {
    const disclosed = async (asker: Asking) => {
      const { body } = await world
        .as(asker)
        .get<{ statement: string }>(`/api/v1/records/${records.published.id}/receipt`);
      const parts = body.statement.split("~").slice(1).filter(Boolean);
      return parts.map((part) => (JSON.parse(Buffer.from(part, "base64url").toString()) as string[])[1]);
    };
    expect(await disclosed(null))
      .to.include.members(["number", "fineFen", "subjectName"])
      .and.not.include("links");
    expect(await disclosed("department-system")).to.include.members(await disclosed("enterprise"));
  });

  it("tells the operator alone why the service is not ready", async () => {
    expect((await world.as(null).get("/health/ready")).body).to.have.all.keys("ready");
    expect((await world.as("operator").get("/health/ready")).body).to.have.all.keys("ready", "checks");
  });
});

/** A number for a text. */
function hash(text: string): number {
  return [...text].reduce((sum, letter) => (sum * 31 + letter.charCodeAt(0)) | 0, 7) % 1_000_000;
}
