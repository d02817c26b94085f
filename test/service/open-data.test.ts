import { createHash } from "node:crypto";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parse } from "csv-parse/sync";
import { expect } from "chai";
import type { Receipt, Verdict } from "@quanlian/proof";
import { OpenData } from "../../backend/src/open-data/open-data.ts";
import { todayInChina } from "../../backend/src/records/china-time.ts";
import { addMonths } from "../../backend/src/records/fields/dates.ts";
import type { RecordReference } from "../../backend/src/records/records.schemas.ts";
import { eventually, startWorld, type World } from "./harness.ts";
import { inspection, licence, penalty, repair } from "./records.ts";

interface Package {
  readonly version: string;
  readonly licenses: readonly { readonly name: string }[];
  readonly resources: readonly {
    readonly name: string;
    readonly path: string;
    readonly bytes: number;
    readonly hash: string;
    readonly schema?: { readonly fields: readonly { readonly name: string }[] };
  }[];
}

describe("open data (公共数据有序开放)", () => {
  const lastMonth = addMonths(todayInChina(), -1);
  const nextYear = addMonths(todayInChina(), 11);
  const decided = { 处罚决定日期: lastMonth, 处罚有效期: nextYear, 公示截止期: nextYear };
  const folder = mkdtempSync(join(tmpdir(), "quanlian-open-data-"));
  let world: World;
  let fined: RecordReference;

  before(async () => {
    world = await startWorld({ OPEN_DATA_DIR: folder, OPEN_DATA_LICENCE: "ODC-By-1.0" });
    await taken(penalty("京市监罚〔2026〕1号", { ...decided, 处罚内容: '=HYPERLINK("x"),罚款' }));
    fined = await taken(penalty("京市监罚〔2026〕2号", decided));
    await taken(penalty("京市监罚〔2026〕3号", { ...decided, ...business }));
    await taken(penalty("京市监罚〔2026〕4号", { ...decided, ...person }));
    await taken(penalty("京市监罚〔2026〕5号", { ...decided, 处罚类别: "警告", "罚款金额（万元）": "" }));
    await taken(licence("京海许〔2025〕6号", { 有效期至: "长期" }));
    await taken(inspection("检查2026-7"));
    const open =
      "select count(*)::int as open from record r left join batch b on b.id = r.batch where b.status is distinct from 'final'";
    await eventually(
      () => world.sql<{ open: number }>(open),
      ([row]) => row!.open === 0,
    );
  });
  after(async () => {
    await world.stop();
    rmSync(folder, { recursive: true });
  });

  const business = {
    行政相对人名称: "海淀区王示例面馆",
    行政相对人类别: "个体工商户",
    统一社会信用代码: "92110105MA9D0003X2",
  };
  const person = {
    ...{ 行政相对人名称: "赵示例", 行政相对人类别: "自然人", 统一社会信用代码: "", 法定代表人: "" },
    ...{ 证件类型: "身份证", 证件号码: "11010519491231002X" },
  };
  const taken = async (record: unknown) => {
    const { status, body } = await world.post<RecordReference>("/api/v1/records", record);
    expect(status, JSON.stringify(body)).to.equal(202);
    return body;
  };
  const make = (now = Date.now()) => world.app.get(OpenData).make(now);
  const get = (file: string) => world.as(null).get<string>(`/api/v1/open-data/${file}`);
  const descriptor = async () => (await world.as(null).get<Package>("/api/v1/open-data/datapackage.json")).body;
  const resource = async (name: string) => (await descriptor()).resources.find((one) => one.name === name)!;
  const rows = async (name: string) =>
    parse<Record<string, string>>((await get((await resource(name)).path)).body, { columns: true, bom: true });

  it("is there from its first snapshot on", async () => {
    await rm("open_data_snapshot");
    expect((await world.as(null).get("/api/v1/open-data/datapackage.json")).status).to.equal(404);
    expect(await make()).to.equal(4);
    expect((await descriptor()).version).to.equal(todayInChina());
  });

  it("is described by a data package with schema, licence, size and checksum of each file", async () => {
    const { resources, licenses } = await descriptor();
    expect(licenses[0]!.name).to.equal("ODC-By-1.0");
    for (const { path, bytes, hash, schema, name } of resources) {
      const { body } = await get(path);
      const content = Buffer.from(body);
      expect(content.length, path).to.equal(bytes);
      expect(`sha256:${createHash("sha256").update(content).digest("hex")}`, path).to.equal(hash);
      const heading = content.toString().split("\r\n")[0]!.replace("\uFEFF", "");
      if (schema) expect(heading, name).to.equal(schema.fields.map((field) => `"${field.name}"`).join(","));
    }
  });

  it("holds what the law publishes of organisations, and nobody's name beside theirs", async () => {
    const numbers = (await rows("enforcement.penalty-1")).map(({ number }) => number);
    expect(numbers).to.deep.equal(["京市监罚〔2026〕1号", "京市监罚〔2026〕2号"]);
    expect(await rows("approval.licence-1")).to.have.length(1);
    expect(await rows("supervision.inspection-1")).to.have.length(1);
    const everything = readdirSync(join(folder, todayInChina())).map((file) =>
      readFileSync(join(folder, todayInChina(), file), "utf8"),
    );
    const clear = everything.join("\n") + disclosures(everything);
    for (const secret of ["张示例", "王示例", "李示例", "赵示例", "11010519491231002X", "92110105MA9D0003X2"])
      expect(clear, secret).to.not.include(secret);
  });

  it("is harmless in a spreadsheet", async () => {
    expect((await get((await resource("enforcement.penalty-1")).path)).body).to.include(`"'=HYPERLINK(""x""),罚款"`);
  });

  it("proves each row by a receipt", async () => {
    const table = await rows("enforcement.penalty-1");
    const { body } = await get((await resource("enforcement.penalty-1.receipts")).path);
    const receipts = body
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line) as Receipt);
    expect(receipts).to.have.length(table.length);
    for (const [i, receipt] of receipts.entries()) {
      const { body: verdict } = await world
        .as(null)
        .post<Verdict & { fields: Record<string, unknown> }>("/api/v1/verify", receipt);
      expect(verdict.verdict).to.equal("valid");
      expect(JSON.stringify(verdict)).to.include(table[i]!.recordHash);
    }
  });

  it("drops a repaired record from the next snapshot, tells re-users to delete it, and does not say whose it was", async () => {
    await taken(repair("修复2026-8", { 修复对象文书号: "京市监罚〔2026〕2号" }));
    await eventually(
      () => world.as(null).get(`/api/v1/records/${fined.id}`),
      ({ status }) => status === 404,
    );
    const tomorrow = Date.now() + 86_400_000;
    expect(await make(tomorrow)).to.equal(3);
    expect((await rows("enforcement.penalty-1")).map(({ number }) => number)).to.deep.equal(["京市监罚〔2026〕1号"]);
    expect((await rows("withdrawn")).map(({ recordHash }) => recordHash)).to.deep.equal([fined.recordHash]);
    expect(Object.keys((await rows("withdrawn"))[0]!)).to.deep.equal(["recordHash", "lastMadeAt"]);
    expect(readdirSync(folder)).to.deep.equal([todayInChina(tomorrow)]);
  });

  it("begins anew where a snapshot was broken off", async () => {
    const before = await descriptor();
    await world.sql("alter table open_data_entry rename to away");
    const failure = await make(Date.now() + 2 * 86_400_000).catch((error: unknown) => error);
    expect(failure).to.be.an("error");
    expect(await descriptor()).to.deep.equal(before);
    await world.sql("alter table away rename to open_data_entry");
    expect(await make(Date.now() + 2 * 86_400_000)).to.equal(3);
    expect(await rows("withdrawn")).to.have.length(1);
  });

  it("serves nothing but its own files", async () => {
    const paths = [
      "..%2f..%2fkeys.json",
      "%2e%2e/keys.json",
      "partial",
      ".hidden.json",
      "datapackage.json%00",
      "x".repeat(200),
    ];
    for (const path of paths) expect((await get(path)).status, path).to.be.oneOf([400, 404]);
    expect((await get("missing.csv")).status).to.equal(404);
  });

  const rm = (table: string) => world.sql(`delete from ${table}`);
  const disclosures = (texts: readonly string[]) =>
    texts
      .flatMap((text) => [...text.matchAll(/~([\w-]+)(?=~)/g)])
      .map(([, part]) => Buffer.from(part!, "base64url").toString())
      .join("\n");
});
