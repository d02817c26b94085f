import { expect } from "chai";
import { type Asker, ENTERPRISE, eventually, OTHER_ENTERPRISE, startWorld, type World } from "./harness.ts";
import { penalty } from "./records.ts";

interface Delegation {
  readonly id: string;
  readonly until: string;
  readonly revokedAt: string | null;
}
interface Refused {
  readonly code: string;
}
interface Log {
  readonly entries: { readonly action: string; readonly actingFor: string; readonly role: string }[];
}

describe("授权·代办: acting for an enterprise", () => {
  let world: World;
  let record: string;
  before(async () => {
    world = await startWorld();
    const { body } = await world.post<{ id: string }>(
      "/api/v1/records",
      penalty("京市监罚〔2026〕301号", { 处罚类别: "警告" }),
    );
    record = body.id;
    await eventually(
      () => world.get<{ status: string }>(`/api/v1/records/${record}`),
      (answer) => answer.body.status === "final",
    );
  });
  after(() => world.stop());
  afterEach(() => world.sql("update delegation set revoked_at = now() where revoked_at is null"));

  const grant = (changes: Record<string, unknown> = {}, asker: Asker = "enterprise", subject = ENTERPRISE) =>
    world.as(asker).post<Delegation & Refused>(`/api/v1/subjects/${subject}/delegations`, {
      ...{ delegate: "agent", powers: ["view", "certify"], until: "2099-12-31", ...changes },
    });
  const agent = () => world.as("agent");
  const order = { purpose: "history", subject: { type: "uscc", id: ENTERPRISE }, period: { from: "2024-01-01" } };
  const sees = async () => (await agent().get(`/api/v1/records/${record}`)).status === 200;
  const lastLogged = async () =>
    (await world.as("enterprise").get<Log>(`/api/v1/subjects/${ENTERPRISE}/access-log?limit=2`)).body.entries.find(
      ({ action }) => action !== "access-log.read",
    )!;

  it("gives nothing to anybody who has no mandate", async () => {
    expect(await sees()).to.equal(false);
    expect((await agent().post("/api/v1/certificates", order)).status).to.equal(403);
    expect((await agent().get<{ mandates: unknown[] }>("/api/v1/me")).body.mandates).to.deep.equal([]);
  });

  it("lets the delegate do what was chosen, and nothing else, for that enterprise only", async () => {
    const { status, body } = await grant();
    expect(status).to.equal(201);
    expect(body.until).to.equal("2099-12-31T16:00:00.000Z");
    expect(await sees()).to.equal(true);
    expect((await agent().get(`/api/v1/records/${record}/receipt`)).status).to.equal(200);
    const history = await agent().get<{ records: { id: string }[] }>(`/api/v1/subjects/${ENTERPRISE}/history`);
    expect(history.body.records.map(({ id }) => id)).to.include(record);
    expect((await agent().post("/api/v1/certificates", order)).status).to.be.oneOf([200, 201, 202]);
    const others = { ...order, subject: { type: "uscc", id: OTHER_ENTERPRISE } };
    expect((await agent().post("/api/v1/certificates", others)).status).to.equal(403);
    for (const path of ["foreign-records", "access-log", "delegations"])
      expect((await agent().get(`/api/v1/subjects/${ENTERPRISE}/${path}`)).status, path).to.equal(403);
    const { body: me } = await agent().get<{ mandates: object[] }>("/api/v1/me");
    expect(me.mandates).to.deep.equal([
      { delegation: body.id, subject: ENTERPRISE, powers: ["view", "certify"], until: body.until },
    ]);
  });

  it("does not let the delegate delegate further, nor take a delegation back", async () => {
    const { id } = (await grant({ powers: ["view", "certify", "attach"] })).body;
    const further = await agent().post(`/api/v1/subjects/${ENTERPRISE}/delegations`, {
      ...{ delegate: "somebody", powers: ["view"], until: "2099-12-31" },
    });
    expect(further.status).to.equal(403);
    expect((await agent().send("DELETE", `/api/v1/delegations/${id}`)).status).to.equal(403);
  });

  it("is logged at each use, on whose behalf and by which delegation", async () => {
    const { id } = (await grant({ powers: ["view", "certify", "attach"] })).body;
    const uses: [string, () => Promise<unknown>][] = [
      ["record.read", () => agent().get(`/api/v1/records/${record}`)],
      ["history.read", () => agent().get(`/api/v1/subjects/${ENTERPRISE}/history`)],
      ["certificate.request", () => agent().post("/api/v1/certificates", order)],
      ["foreign-record.attach", () => agent().post(`/api/v1/subjects/${ENTERPRISE}/foreign-records`, {})],
      ["foreign-record.read", () => agent().get(`/api/v1/subjects/${ENTERPRISE}/foreign-records`)],
    ];
    for (const [action, use] of uses) {
      await use();
      const { action: logged, actingFor, role } = await lastLogged();
      expect({ logged, actingFor, role }).to.deep.equal({
        ...{ logged: action, actingFor: `${ENTERPRISE}/${id}`, role: "enterprise" },
      });
    }
    const { broken } = (await world.as("auditor").get<{ broken: number | null }>("/api/v1/access-log/check")).body;
    expect(broken).to.equal(null);
  });

  it("ends at once when it is taken back, and when its last day is over", async () => {
    const { id } = (await grant()).body;
    expect(await sees()).to.equal(true);
    expect((await world.as("enterprise").send("DELETE", `/api/v1/delegations/${id}`)).status).to.equal(204);
    expect(await sees()).to.equal(false);
    await grant();
    expect(await sees()).to.equal(true);
    await world.sql("update delegation set until = now() where revoked_at is null");
    expect(await sees()).to.equal(false);
    const listed = await world
      .as("enterprise")
      .get<{ delegations: Delegation[] }>(`/api/v1/subjects/${ENTERPRISE}/delegations`);
    expect(listed.body.delegations.find((one) => one.id === id)!.revokedAt).to.not.equal(null);
  });

  it("is given and taken back by the enterprise's own people only", async () => {
    const { id } = (await grant()).body;
    for (const asker of ["other-enterprise", "regulator", "department-officer", "operator"] as const) {
      expect((await grant({}, asker)).status, asker).to.equal(403);
      expect((await world.as(asker).send("DELETE", `/api/v1/delegations/${id}`)).status, asker).to.be.oneOf([403, 404]);
    }
    expect(await sees()).to.equal(true);
  });

  it("refuses what is no delegation", async () => {
    const code = async (changes: Record<string, unknown>) => (await grant(changes)).body.code;
    expect(await code({ until: "2026-01-01" })).to.equal("DELEGATION_PAST");
    for (const change of [
      { until: "2099-02-30" },
      { powers: [] },
      { powers: ["delegate"] },
      { delegate: "" },
      { more: 1 },
    ])
      expect(await code(change)).to.equal("INVALID_PARAMETER");
    expect((await grant({}, "enterprise", "x")).body.code).to.equal("SUBJECT_INVALID");
  });
});
