import { expect } from "chai";
import { AccessLog } from "../../backend/src/access/access-log.ts";
import { LogKeeping } from "../../backend/src/access/log-keeping.ts";
import { todayInChina } from "../../backend/src/records/china-time.ts";
import { addMonths } from "../../backend/src/records/fields/dates.ts";
import { CITY, ENTERPRISE, eventually, startWorld, type World } from "./harness.ts";
import { penalty } from "./records.ts";

interface Log {
  readonly entries: readonly {
    readonly role: string;
    readonly actingFor: string;
    readonly actor?: string;
    readonly action: string;
    readonly resource: string | null;
    readonly purpose: string | null;
    readonly terms: string | null;
  }[];
  readonly next: number | null;
}

interface Check {
  readonly entries: number;
  readonly broken: number | null;
  readonly anchored: { readonly entries: number; readonly day: string } | null;
}

describe("the access log (谁查过我)", () => {
  const LOG = `/api/v1/subjects/${ENTERPRISE}/access-log`;
  const HISTORY = `/api/v1/subjects/${ENTERPRISE}/history`;
  let world: World;
  let record: string;

  before(async () => {
    world = await startWorld({ LOG_DEPARTMENT: CITY });
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

  it("tells each enterprise that it was among those found or exported, and hides what was looked for", async () => {
    const search = (number: number) =>
      world.as("regulator").get(`/api/v1/records?number=${encodeURIComponent(`京市监罚〔2026〕${number}号`)}`);
    await search(1);
    await search(1);
    await search(2);
    await world.as("department-system").get("/api/v1/exports/records");
    const { body } = await world.as("enterprise").get<Log>(LOG);
    expect(body.entries.slice(1, 4)).to.have.deep.members([
      { ...body.entries[1], role: "department-system", action: "record.export", actingFor: CITY, resource: null },
      ...[2, 3].map((i) => ({ ...body.entries[i], role: "regulator", action: "record.search", resource: null })),
    ]);
    const looked = "select terms from access_log where action = 'record.search' and subject is null order by position";
    const terms = (await world.sql<{ terms: string }>(looked)).map((row) => row.terms);
    expect(terms[0])
      .to.match(/^[0-9a-f]{64}$/)
      .and.to.equal(terms[1]);
    expect(terms[2]).to.not.equal(terms[0]);
    expect(JSON.stringify(await world.sql("select * from access_log"))).to.not.include("京市监罚");
  });

  it("goes with the enterprise as a file", async () => {
    const { body } = await world.as("enterprise").get<string>(`${LOG}/export`);
    const lines = body.trimEnd().split("\n");
    const { body: page } = await world.as("enterprise").get<Log>(`${LOG}?limit=200`);
    const [readingTheFile, ...rest] = page.entries.slice(1);
    expect(readingTheFile).to.include({ action: "access-log.read", role: "enterprise" });
    expect(lines.slice(1).map((line) => JSON.parse(line) as unknown)).to.deep.equal(rest.slice(0, lines.length - 1));
    expect((await world.as("other-enterprise").get(`${LOG}/export`)).status).to.equal(403);
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

  it("goes on the ledger a day at a time, and is held fast by it", async () => {
    const keeping = world.app.get(LogKeeping);
    const tomorrow = Date.now() + 26 * 3_600_000;
    await Promise.all([keeping.keep(tomorrow), keeping.keep(tomorrow)]);
    await keeping.keep(tomorrow);
    const anchored = await eventually(check, (answer) => (answer as Check).anchored !== null);
    const { entries, anchored: head } = anchored as Check;
    expect(head).to.deep.include({ entries, day: todayInChina(tomorrow - 25 * 3_600_000) });
    const records = await world.sql("select id from record where type = 'service.access-log/1'");
    expect(records).to.have.length(1);

    await world.sql("create table kept as select * from access_log");
    await world.sql("delete from access_log where position > $1", [entries - 1]);
    expect(await check()).to.include({ broken: entries });
    await world.sql("delete from access_log");
    expect(await check()).to.include({ broken: 1 });
    await world.sql("insert into access_log select * from kept");
    expect(await check()).to.include({ broken: null });
  });

  it("is kept as long as the rule says, and from then on checked from a head on the ledger", async () => {
    await world.as("regulator").get(HISTORY);
    const keeping = world.app.get(LogKeeping);
    const inYears = (months: number) => Date.parse(`${addMonths(todayInChina(), months)}T12:00:00+08:00`);
    await keeping.keep(inYears(35));
    const first = async () => (await world.sql<{ min: string }>("select min(position) from access_log"))[0]!.min;
    expect(await first()).to.equal("1");
    const { anchored } = (await check()) as Check;
    await world.sql("create table whole as select * from access_log");
    await world.sql("delete from access_log where position <= $1", [anchored!.entries]);
    expect(await check()).to.include({ broken: anchored!.entries });
    await world.sql("insert into access_log select * from whole where position <= $1", [anchored!.entries]);

    await keeping.keep(inYears(38));
    expect(await first()).to.equal(String(anchored!.entries + 1));
    const later = await world.app.get(AccessLog).check(inYears(38));
    expect(later).to.include({ from: anchored!.entries + 1, broken: null });
    await world.sql("insert into access_log select * from whole where position <= $1", [anchored!.entries]);
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
