import { once } from "node:events";
import { type ClientRequest, type IncomingMessage, request } from "node:http";
import { createInterface } from "node:readline";
import { expect } from "chai";
import fc from "fast-check";
import { bytesArray, textArray } from "../../backend/src/database/arrays.ts";
import { DepartmentsService } from "../../backend/src/departments/departments.service.ts";
import { LONGEST_YIELD_MS, Monitor } from "../../backend/src/integrity/monitor.ts";
import type { LineAnswer, RecordReference } from "../../backend/src/records/records.schemas.ts";
import { type Asker, DISTRICT, eventually, startWorld, type World } from "./harness.ts";
import { penalty } from "./records.ts";

const NDJSON = "application/x-ndjson";
const PATH = "/api/v1/records/lines";

describe("records by line", () => {
  let world: World;
  let n = 0;
  before(async () => {
    world = await startWorld({}, false);
    await world.app.listen(0, "127.0.0.1");
  });
  after(() => world.stop());

  const fresh = () => `京市监罚〔2026〕${++n}号`;
  const send = async (lines: readonly string[], asker: Asker = "everything") => {
    const answer = await world.as(asker).post<string>(PATH, `${lines.join("\n")}\n`, { "content-type": NDJSON });
    expect(answer.status).to.equal(200);
    expect(answer.headers["content-type"]).to.equal(NDJSON);
    expect(answer.body.endsWith("\n")).to.equal(true);
    return answer.body
      .split("\n")
      .slice(0, -1)
      .map((line) => JSON.parse(line) as LineAnswer);
  };
  const said = (answer: LineAnswer) => {
    if ("problem" in answer) return `${answer.line} ${answer.problem.code}`;
    return `${answer.line} ${"created" in answer && answer.created ? "new" : "known"}`;
  };
  /** A request whose body is still being written. */
  const open = async (): Promise<ClientRequest> => {
    const headers = { ...(await world.bearer()), "content-type": NDJSON };
    return request(`${await world.app.getUrl()}${PATH}`, { method: "POST", headers });
  };
  const stored = async (number: string) => (await world.sql(`select 1 from record where number = $1`, [number])).length;

  it("gives arrays to PostgreSQL as they are", async () => {
    const texts = fc.array(fc.string({ unit: "binary" }).filter((text) => !text.includes("\0")));
    const bytes = fc.array(fc.option(fc.uint8Array().map((some) => Buffer.from(some))));
    await fc.assert(
      fc.asyncProperty(texts, bytes, async (t, b) => {
        const [row] = await world.sql("select $1::text[] as t, $2::bytea[] as b", [textArray(t), bytesArray(b)]);
        expect(row).to.deep.equal({ t, b });
      }),
      { numRuns: 200 },
    );
  });

  it("answers each line in its place: new, known, refused and why; the good ones are kept", async () => {
    const number = fresh();
    const good = JSON.stringify(penalty(number));
    const answers = await send([
      good,
      "",
      good,
      JSON.stringify(penalty(number, { "罚款金额（万元）": "0.9" })),
      "{",
      "[]",
      '{"type":"enforcement.penalty/1","type":"x","fields":{}}',
      JSON.stringify({ type: "no.such/1", fields: {} }),
      JSON.stringify(penalty(fresh(), { 处罚决定日期: "2026-13-40" })),
      JSON.stringify(penalty(fresh())),
    ]);
    expect(answers.map(said)).to.deep.equal([
      ...["1 new", "3 known", "4 NUMBER_CONFLICT", "5 MALFORMED_JSON", "6 INVALID_PARAMETER", "7 DUPLICATE_KEY"],
      ...["8 TYPE_UNKNOWN", "9 RECORD_INVALID", "10 new"],
    ]);
    const { body } = await world.post<RecordReference>("/api/v1/records", penalty(number));
    const reference = { id: body.id, recordHash: body.recordHash, status: "received" };
    expect(answers[0]).to.deep.equal({ line: 1, created: true, ...reference });
    expect(answers[1]).to.deep.equal({ line: 3, created: false, ...reference });
  });

  it("answers while more may still be coming", async () => {
    const asked = await open();
    asked.write(`${JSON.stringify(penalty(fresh()))}\n`);
    const [response] = (await once(asked, "response")) as [IncomingMessage];
    const answers = createInterface(response)[Symbol.asyncIterator]();
    expect(said(JSON.parse((await answers.next()).value as string) as LineAnswer)).to.equal("1 new");
    asked.end(JSON.stringify(penalty(fresh())));
    expect(said(JSON.parse((await answers.next()).value as string) as LineAnswer)).to.equal("2 new");
    expect((await answers.next()).done).to.equal(true);
  });

  it("takes every line but no half of one from a client that goes away, and all of them again", async () => {
    const [whole, half] = [fresh(), fresh()];
    const lines = [JSON.stringify(penalty(whole)), JSON.stringify(penalty(half))];
    const asked = await open();
    asked.on("error", () => undefined);
    asked.write(`${lines[0]}\n${lines[1]!.slice(0, -1)}`);
    await eventually(
      () => stored(whole),
      (rows) => rows === 1,
    );
    asked.destroy();
    expect((await send(lines)).map(said)).to.deep.equal(["1 known", "2 new"]);
    expect([await stored(whole), await stored(half)]).to.deep.equal([1, 1]);
  });

  it("takes thousands in one request, each once", async () => {
    const numbers = Array.from({ length: 1_200 }, fresh);
    const answers = await send(numbers.map((number) => JSON.stringify(penalty(number))));
    expect(answers.map(said)).to.deep.equal(numbers.map((_, i) => `${i + 1} new`));
    const rows = await world.sql<{ number: string }>(`select number from record where number = any($1)`, [numbers]);
    expect(new Set(rows.map(({ number }) => number))).to.deep.equal(new Set(numbers));
    expect(rows).to.have.length(numbers.length);
  });

  it("signs nothing for lines that are sent again", async () => {
    const departments = world.app.get(DepartmentsService);
    const signer = departments.statementSigner.bind(departments);
    let asked = 0;
    departments.statementSigner = (department) => (asked++, signer(department));
    const lines = Array.from({ length: 5 }, () => JSON.stringify(penalty(fresh())));
    expect((await send(lines)).map(said)).to.deep.equal([1, 2, 3, 4, 5].map((line) => `${line} new`));
    expect(asked).to.equal(5);
    expect((await send(lines)).map(said)).to.deep.equal([1, 2, 3, 4, 5].map((line) => `${line} known`));
    expect(asked).to.equal(5);
    departments.statementSigner = signer;
  });

  it("has the integrity monitor wait while they wait to be sealed, but no longer than a minute", async () => {
    const monitor = world.app.get(Monitor);
    const rounds = async () => (await world.sql(`select 1 from integrity_run where purpose = 'monitor'`)).length;
    for (const ms of [0, LONGEST_YIELD_MS - 1]) {
      expect(await monitor.advance(new Date(ms))).to.be.above(0);
      expect(await rounds(), `after ${ms} ms`).to.equal(0);
    }
    await monitor.advance(new Date(LONGEST_YIELD_MS));
    expect(await rounds()).to.equal(1);
  });

  it("refuses lines of other departments, and whoever may submit nothing, as for a single record", async () => {
    const lines = [
      JSON.stringify(penalty(fresh())),
      JSON.stringify(penalty(fresh(), { 处罚机关统一社会信用代码: DISTRICT })),
    ];
    expect((await send(lines, "department-system")).map(said)).to.deep.equal(["1 new", "2 FORBIDDEN"]);
    const ask = (asker: Asker | null) => world.as(asker).post(PATH, "{}\n", { "content-type": NDJSON });
    expect([(await ask(null)).status, (await ask("enterprise")).status]).to.deep.equal([401, 403]);
  });

  it("knows bodies by their type", async () => {
    const record = penalty(fresh());
    const asLine = await world.post("/api/v1/records", `${JSON.stringify(record)}\n`, { "content-type": NDJSON });
    expect([(await world.post(PATH, record)).status, asLine.status]).to.deep.equal([415, 415]);
  });
});
