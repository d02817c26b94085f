import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import type { QuanlianClient } from "@quanlian/client";
import { expect } from "chai";
import iconv from "iconv-lite";
import type { ImportAnswer } from "../../backend/src/imports/imports.schemas.ts";
import type { FileRow } from "../../backend/src/records/files/file-row.ts";
import { clientOf } from "./client.ts";
import { CITY, eventually, startWorld, upload, type World, UNREGISTERED } from "./harness.ts";
import { penalty } from "./records.ts";

type Fields = Record<string, string>;

/** The rows as the csv that a department exports. */
function csv(rows: readonly Fields[]): string {
  const headings = Object.keys(rows[0]!);
  const cell = (text = "") => (/[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
  return [headings, ...rows.map((row) => headings.map((heading) => row[heading]))]
    .map((cells) => cells.map(cell).join(","))
    .join("\r\n");
}

const row = (number: string, changes: Fields = {}) => penalty(number, changes).fields as Fields;

const WORKER = fileURLToPath(new URL("../../backend/dist/worker.js", import.meta.url));

/** The service's worker, as built, in a process of its own. */
function startWorker(world: World): ChildProcess {
  const env = { PATH: process.env.PATH, ...world.environment };
  return spawn(process.execPath, [WORKER], { env, stdio: ["ignore", "ignore", "inherit"] });
}

async function killed(worker: ChildProcess): Promise<void> {
  const ended = once(worker, "exit");
  worker.kill("SIGKILL");
  expect((await ended)[1]).to.equal("SIGKILL");
}

describe("imports: files become records", () => {
  let world: World;
  let client: QuanlianClient;
  before(async () => {
    world = await startWorld();
    client = clientOf(world);
  });
  after(() => world.stop());

  const look = async (id: string) => (await client.GET("/api/v1/imports/{id}", { params: { path: { id } } })).data!;
  const imported = async (content: string | Buffer, name = "penalties.csv", fields: Fields = {}, query = "") => {
    const form = { department: CITY, ...fields };
    const { status, body } = await upload<ImportAnswer>(world, content, name, form, query);
    expect(status, JSON.stringify(body)).to.equal(202);
    return eventually(
      () => look(body.id),
      ({ finishedAt }) => finishedAt !== null,
    );
  };

  const rejected = async (id: string) => {
    const { body } = await world.get<string>(`/api/v1/imports/${id}/errors?format=ndjson`);
    return body
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as FileRow);
  };

  it("keeps good rows, gives bad rows back, and finds everything there the second time", async () => {
    const file = csv([
      row("京市监罚〔2026〕101号"),
      row("京市监罚〔2026〕102号", { 处罚决定日期: "2026/2/30" }),
      row("京市监罚〔2026〕103号"),
    ]);
    const first = await imported(file);
    expect(first).to.include({ status: "done", rowsRead: 3, accepted: 2, duplicates: 0, rejected: 1, failure: null });
    const [error] = await rejected(first.id);
    expect(error!).to.include({ row: 3 });
    expect(error!.problems[0]).to.include({ column: "处罚决定日期", code: "DATE_IMPOSSIBLE" });
    const second = await imported(file);
    expect(second).to.include({ accepted: 0, duplicates: 2, rejected: 1 });
  });

  it("reads GB18030, gzip and NDJSON alike", async () => {
    const numbers = [111, 112, 113].map((n) => `京市监罚〔2026〕${n}号`) as [string, string, string];
    const gb = await imported(iconv.encode(csv([row(numbers[0])]), "gb18030"));
    expect(gb).to.include({ status: "done", accepted: 1 });
    const zipped = await imported(gzipSync(csv([row(numbers[1])])));
    expect(zipped).to.include({ status: "done", accepted: 1 });
    const ndjson = await imported(`${JSON.stringify(penalty(numbers[2]))}\n`, "penalties.ndjson");
    expect(ndjson).to.include({ status: "done", accepted: 1 });
  });

  it("rejects another content under a number on record, and names what is there", async () => {
    await imported(csv([row("京市监罚〔2026〕121号")]));
    const again = await imported(csv([row("京市监罚〔2026〕121号", { "罚款金额（万元）": "0.6" })]));
    expect(again).to.include({ accepted: 0, rejected: 1 });
    const [error] = await rejected(again.id);
    expect(error!.problems[0]).to.include({ code: "NUMBER_CONFLICT" });
  });

  it("says what is wrong with a file that it cannot read", async () => {
    expect(await imported("")).to.have.nested.property("failure.code", "FILE_EMPTY");
    const html = "<html><table><tr><td>行政处罚决定书文号</td></tr></table></html>";
    expect(await imported(html, "penalties.xlsx")).to.have.property("status", "failed");
  });

  it("keeps the rows before the place where a file breaks off", async () => {
    const cut = await imported(`${csv([row("京市监罚〔2026〕151号"), row("京市监罚〔2026〕152号")])}\r\n"never closed`);
    expect(cut).to.include({ status: "failed", accepted: 2 });
    expect(cut.failure).to.include({ code: "QUOTE_NOT_CLOSED" });
  });

  it("gives the errors as a workbook that can be corrected", async () => {
    const done = await imported(csv([row("京市监罚〔2026〕131号", { 处罚类别: "没有这一类" })]));
    const report = await world.app.inject({
      url: `/api/v1/imports/${done.id}/errors`,
      headers: await world.bearer(),
    });
    expect(report.rawPayload.subarray(0, 2).toString()).to.equal("PK");
    expect(report.headers["content-disposition"]).to.include("penalties-errors.xlsx");
  });

  it("shows how far it is while it runs", async () => {
    const many = Array.from({ length: 1_000 }, (_, i) =>
      row(`京市监罚〔2024〕${i + 1}号`, { 处罚决定日期: i === 700 ? "2024/02/30" : "2024/03/02" }),
    );
    // The first rejected row waits, and with it the second chunk.
    await world.sql("begin; lock table import_rejection in exclusive mode");
    const { body } = await upload<ImportAnswer>(world, csv(many), "many.csv", { department: CITY });
    const job = () => look(body.id);
    try {
      const under = await eventually(job, ({ rowsRead }) => rowsRead > 0);
      expect(under).to.include({ status: "running", rowsRead: 500, accepted: 500, rejected: 0, finishedAt: null });
    } finally {
      await world.sql("commit");
    }
    const done = await eventually(job, ({ finishedAt }) => finishedAt !== null);
    expect(done).to.include({ status: "done", rowsRead: 1_000, accepted: 999, rejected: 1 });
  });

  it("goes on where a stopped service left off", async () => {
    const many = Array.from({ length: 2_300 }, (_, i) =>
      row(`京市监罚〔2025〕${i + 1}号`, { 处罚决定日期: "2025/03/02" }),
    );
    const { body } = await upload<ImportAnswer>(world, csv(many), "many.csv", { department: CITY });
    const job = () => look(body.id);
    await eventually(job, ({ rowsRead }) => rowsRead > 0);
    await world.restart();
    const done = await eventually(job, ({ finishedAt }) => finishedAt !== null);
    expect(done).to.include({ rowsRead: 2_300, accepted: 2_300, duplicates: 0, rejected: 0 });
  });

  describe("a dry run", () => {
    const dry = (content: string) => imported(content, "penalties.csv", {}, "?dryRun=true");
    const written = () =>
      world.sql<{ n: number }>(
        `select (select count(*) from record) + (select count(*) from finding) + (select count(*) from stream)
           + (select count(*) from import_preview) as n`,
      );

    it("says what an import would do, and writes nothing", async () => {
      await imported(csv([row("京市监罚〔2026〕201号"), row("京市监罚〔2026〕202号")]));
      const before = await written();
      const file = csv([
        row("京市监罚〔2026〕201号"),
        row("京市监罚〔2026〕202号", { "罚款金额（万元）": "0.6" }),
        row("京市监罚〔2026〕203号"),
        row("京市监罚〔2026〕204号", { 处罚决定日期: "2026/2/30" }),
      ]);
      const preview = await dry(file);
      expect(preview).to.include({ dryRun: true, rowsRead: 4, accepted: 1, duplicates: 1, rejected: 2 });
      expect((await rejected(preview.id)).map(({ row, problems }) => [row, problems[0]!.code])).to.deep.equal([
        [3, "NUMBER_CONFLICT"],
        [5, "DATE_IMPOSSIBLE"],
      ]);
      expect(await written()).to.deep.equal(before);
      const real = await imported(file);
      expect(real).to.include({ dryRun: false, accepted: 1, duplicates: 1, rejected: 2 });
    });

    it("finds what a file says twice, however far apart, as the import itself does", async () => {
      const many = Array.from({ length: 700 }, (_, i) =>
        row(`京市监罚〔2022〕${i + 1}号`, { 处罚决定日期: "2022/03/02" }),
      );
      const file = csv([...many, many[0]!, { ...many[1]!, "罚款金额（万元）": "0.7" }, many[699]!]);
      const preview = await dry(file);
      expect(preview).to.include({ accepted: 700, duplicates: 2, rejected: 1 });
      const [conflict] = await rejected(preview.id);
      expect(conflict!.row).to.equal(703);
      expect(conflict!.problems[0]!.hint.en).to.include("Row 3 ");
      expect(await imported(file)).to.include({ accepted: 700, duplicates: 2, rejected: 1 });
    });
  });

  describe("a saved column mapping", () => {
    const put = async (path: string, body: unknown) =>
      world.app.inject({
        method: "PUT",
        url: `/api/v1/departments/${CITY}/mappings/${path}`,
        headers: await world.bearer(),
        payload: body as object,
      });
    const own = { 决定书编号: "行政处罚决定书文号", 当事人: "行政相对人名称", 罚了多少: "CF_NR_FK" };
    const official = new Map(Object.entries(own).map(([ours, meaning]) => [meaning, ours]));
    official.set("罚款金额（万元）", "罚了多少");
    const exported = (number: string) =>
      csv([Object.fromEntries(Object.entries(row(number)).map(([name, cell]) => [official.get(name) ?? name, cell]))]);

    it("reads the department's own export", async () => {
      const saved = await put("%E6%A1%88%E4%BB%B6%E7%B3%BB%E7%BB%9F", { type: "enforcement.penalty/1", columns: own });
      expect(saved.statusCode, saved.body).to.equal(200);
      expect(await imported(exported("京市监罚〔2026〕301号"))).to.have.nested.property("failure.code");
      const done = await imported(exported("京市监罚〔2026〕301号"), "export.csv", { mapping: "案件系统" });
      expect(done).to.include({ status: "done", accepted: 1, rejected: 0, type: "enforcement.penalty/1" });
      const again = await imported(csv([row("京市监罚〔2026〕301号")]));
      expect(again).to.include({ duplicates: 1 });
    });

    it("is listed, forgotten, and refused where it cannot mean anything", async () => {
      const list = () => world.get<{ name: string }[]>(`/api/v1/departments/${CITY}/mappings`);
      expect((await list()).body.map(({ name }) => name)).to.include("案件系统");
      const wrong = await put("x", { type: "enforcement.penalty/1", columns: { 甲: "没有这一列" } });
      expect(wrong.json()).to.deep.include({ code: "COLUMN_UNKNOWN" });
      expect((await put("x", { type: "no.such/1", columns: {} })).json()).to.deep.include({ code: "TYPE_UNKNOWN" });
      const url = `/api/v1/departments/${CITY}/mappings/${encodeURIComponent("案件系统")}`;
      const headers = await world.bearer();
      expect((await world.app.inject({ method: "DELETE", url, headers })).statusCode).to.equal(204);
      expect((await world.app.inject({ method: "DELETE", url, headers })).json()).to.deep.include({
        code: "MAPPING_NOT_FOUND",
      });
      const gone = await upload<{ code: string }>(world, "x", "x.csv", { department: CITY, mapping: "案件系统" });
      expect(gone.body.code).to.equal("MAPPING_NOT_FOUND");
    });
  });

  it("goes on where a killed worker left off", async function () {
    this.timeout(300_000);
    const isWrong = (i: number) => i % 100 === 0;
    const many = Array.from({ length: 3_000 }, (_, i) =>
      row(`京市监罚〔2023〕${i + 1}号`, { 处罚决定日期: isWrong(i) ? "2023/02/30" : "2023/03/02" }),
    );
    await world.restart({}, false);
    const { body } = await upload<ImportAnswer>(world, csv(many), "many.csv", { department: CITY });
    const job = () => look(body.id);
    const stored = () =>
      world.sql<{ number: string }>(`select number from record where import = $1 order by number`, [body.id]);
    let reached = 0;
    for (let kills = 0; kills < 2; kills++) {
      const worker = startWorker(world);
      await eventually(job, ({ rowsRead }) => rowsRead > reached, 120_000);
      await killed(worker);
      const left = await job();
      expect(left).to.include({ finishedAt: null, duplicates: 0 });
      expect(left.rowsRead).to.be.greaterThan(reached).and.lessThan(many.length);
      expect(left.accepted + left.rejected).to.equal(left.rowsRead);
      expect(await stored()).to.have.length(left.accepted);
      expect(await rejected(body.id)).to.have.length(left.rejected);
      reached = left.rowsRead;
    }
    await world.restart();
    const done = await eventually(job, ({ finishedAt }) => finishedAt !== null, 120_000);
    expect(done).to.include({ rowsRead: 3_000, accepted: 2_970, duplicates: 0, rejected: 30 });
    const expected = many.flatMap((fields, i) => (isWrong(i) ? [] : [fields["行政处罚决定书文号"]]));
    expect((await stored()).map(({ number }) => number)).to.have.members(expected);
    expect(await rejected(body.id)).to.have.length(30);
  });

  it("refuses uploads that are no import", async () => {
    const refused = async (fields: Fields, content: string | null = "x") => {
      const { status, body } = await upload<{ code: string }>(world, content, "x.csv", fields);
      return `${status} ${body.code}`;
    };
    expect(await refused({})).to.equal("400 FIELD_MISSING");
    expect(await refused({ department: CITY }, null)).to.equal("400 FILE_MISSING");
    expect(await refused({ department: UNREGISTERED })).to.equal("422 DEPARTMENT_UNKNOWN");
    expect(await refused({ department: CITY, type: "no.such/1" })).to.equal("422 TYPE_UNKNOWN");
    const json = await world.post<{ code: string }>("/api/v1/imports", {});
    expect(`${json.status} ${json.body.code}`).to.equal("415 UNSUPPORTED_MEDIA_TYPE");
    const torn = await world.post<{ code: string }>("/api/v1/imports", "--b\r\ncontent-", {
      "content-type": "multipart/form-data; boundary=b",
    });
    expect(`${torn.status} ${torn.body.code}`).to.equal("400 MALFORMED_REQUEST");
  });
});
