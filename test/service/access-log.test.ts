import { expect } from "chai";
import { CITY, ENTERPRISE, startWorld, type World } from "./harness.ts";
import { penalty } from "./records.ts";

interface Log {
  readonly entries: readonly {
    readonly role: string;
    readonly actingFor: string;
    readonly actor?: string;
    readonly action: string;
    readonly resource: string | null;
    readonly purpose: string | null;
  }[];
  readonly next: number | null;
}

describe("the access log (谁查过我)", () => {
  const LOG = `/api/v1/subjects/${ENTERPRISE}/access-log`;
  const HISTORY = `/api/v1/subjects/${ENTERPRISE}/history`;
  let world: World;
  let record: string;

  before(async () => {
    world = await startWorld({}, false);
    record = (await world.post<{ id: string }>("/api/v1/records", penalty("京市监罚〔2026〕1号"))).body.id;
  });
  after(() => world.stop());

  const check = async () => (await world.as("auditor").get("/api/v1/access-log/check")).body;

  it("tells the enterprise who read what about it, in which role and what for", async () => {
    await world.as("regulator").get(HISTORY);
    await world.as("department-system").get(`/api/v1/records/${record}`);
    const { body } = await world.as("enterprise").get<Log>(LOG);
    const [own, one, many] = body.entries;
    expect(own).to.include({ role: "enterprise", action: "access-log.read" });
    expect(one).to.include({ role: "department-system", action: "record.read", resource: record, actingFor: CITY });
    expect(many).to.include({ role: "regulator", action: "history.read", resource: null, actingFor: "110000" });
    for (const entry of body.entries) expect(entry).to.not.have.property("actor");
  });

  it("names the reader to the auditor", async () => {
    const { body } = await world.as("auditor").get<Log>(LOG);
    expect(body.entries.map(({ actor }) => actor)).to.include.members(["regulator", "department-system"]);
  });

  it("does not hold what anybody may read, nor what was refused", async () => {
    const before = (await check()) as { entries: number };
    await world.as(null).get(HISTORY);
    await world.as("other-regulator").get(`/api/v1/records/${record}`);
    await world.as("operator").get(`/api/v1/records/${record}`);
    expect(await check()).to.deep.equal(before);
  });

  it("comes in pages that neither lose nor repeat an entry", async () => {
    const whole = (await world.as("enterprise").get<Log>(LOG)).body.entries.length;
    const pages = [];
    for (let next: number | null = 1_000_000; next !== null;) {
      const { body }: { body: Log } = await world.as("auditor").get<Log>(`${LOG}?limit=1&before=${next}`);
      pages.push(...body.entries);
      next = body.next !== null && pages.length < whole ? body.next : null;
    }
    expect(pages).to.have.length(whole);
  });

  it("keeps its order when many read at once", async () => {
    await Promise.all(Array.from({ length: 40 }, () => world.as("regulator").get(HISTORY)));
    expect(await check()).to.include({ broken: null });
  });

  it("shows where an entry was altered or taken out", async () => {
    await world.sql("update access_log set role = 'auditor' where position = 2");
    expect(await check()).to.deep.include({ broken: 2 });
    await world.sql("update access_log set role = 'department-system' where position = 2");
    const [{ role }] = (await world.sql<{ role: string }>("select role from access_log where position = 2")) as [
      { role: string },
    ];
    expect(role).to.equal("department-system");
    await world.sql("delete from access_log where position = 3");
    expect(await check()).to.deep.include({ broken: 3 });
  });

  it("gives no data where it cannot be written", async () => {
    await world.sql("alter table access_log rename to access_log_away");
    const { status, body } = await world.as("regulator").get(HISTORY);
    expect(status).to.be.at.least(500);
    expect(JSON.stringify(body)).to.not.include("京市监罚");
    expect((await world.as(null).get(HISTORY)).status).to.equal(200);
  });
});
