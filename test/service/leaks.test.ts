import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { type RunningService, startService } from "../../scripts/launcher/service.ts";
import { type Asker, CLIENTS, ENTERPRISE, startWorld, type World } from "./harness.ts";
import { inspection, penalty } from "./records.ts";

/** A person who is not, with a code whose check digit is right. */
const NAME = "欧阳示例";
const NUMBER = "11010519491231002X";
const PERSON = {
  行政相对人名称: NAME,
  行政相对人类别: "自然人",
  统一社会信用代码: "",
  法定代表人: "",
  证件类型: "身份证",
  证件号码: NUMBER,
};

describe("what logs, errors, metrics and addresses hold after everything has been asked", function () {
  this.timeout(120_000);
  let world: World;
  let service: RunningService;
  let logFile: string;
  /** Everything that came out but the bodies of answers which the asker may read. */
  let refusals = "";
  let metrics: string;
  const tokens: string[] = [];

  before(async () => {
    world = await startWorld({}, false);
    await world.app.close();
    logFile = join(world.folder, "service.log");
    const env = { PATH: process.env["PATH"], ...world.environment, PORT: "0", LOG_LEVEL: "debug", ROLE: "all" };
    service = await startService({ env, logFile, folder: world.folder });
    await askEverything();
    await service.stop();
  });
  after(async () => {
    await world.restart({}, false);
    await world.stop();
  });

  async function ask(asker: Asker | null, method: string, path: string, body?: unknown): Promise<string> {
    const token = asker === null ? undefined : (await world.bearer(asker)).authorization;
    if (token !== undefined) tokens.push(token.replace("Bearer ", ""));
    const answer = await fetch(`${service.url}${path}`, {
      method,
      headers: { "content-type": "application/json", ...(token !== undefined && { authorization: token }) },
      ...(body !== undefined && { body: typeof body === "string" ? body : JSON.stringify(body) }),
    });
    const text = await answer.text();
    if (!answer.ok) refusals += `${answer.status} ${text}\n`;
    for (const [name, value] of answer.headers) refusals += `${name}: ${value}\n`;
    return text;
  }

  async function askEverything(): Promise<void> {
    const person = penalty("京市监罚〔2026〕901号", PERSON);
    const taken = await ask("department-system", "POST", "/api/v1/records", person);
    expect(taken).to.include("recordHash");
    // Personal values where they do not belong, and in everything that can be refused.
    await ask("department-system", "POST", "/api/v1/records", penalty(NUMBER, { 统一社会信用代码: NUMBER }));
    await ask(
      "department-system",
      "POST",
      "/api/v1/records",
      penalty("京2", { 未知列: NUMBER, 处罚决定日期: NUMBER, 处罚类别: NAME }),
    );
    await ask("department-system", "POST", "/api/v1/records", { ...inspection("检1"), type: NAME });
    await ask("department-system", "POST", "/api/v1/records", `{"type":"${NAME}","x":${NUMBER}`);
    await ask("enterprise", "POST", "/api/v1/certificates", {
      purpose: "history",
      subject: { type: "uscc", id: NUMBER },
    });
    const { id } = JSON.parse(taken) as { id: string };
    const paths = [
      ...[`/api/v1/records/${id}`, `/api/v1/records/${id}/receipt`, `/api/v1/records/${NUMBER}`, "/metrics"],
      ...[`/api/v1/records?name=${encodeURIComponent(NAME)}`, `/api/v1/records?number=${NUMBER}`, `/${NUMBER}`],
      ...[`/api/v1/subjects/${NUMBER}/history`, `/api/v1/subjects/${ENTERPRISE}/history?cursor=${NUMBER}`],
      ...[`/api/v1/subjects/${NUMBER}/access-log`, `/api/v1/records/%zz${NUMBER}`, `/api/v1/webhooks/${NUMBER}`],
    ];
    for (const asker of [null, ...(Object.keys(CLIENTS) as Asker[])])
      for (const path of paths) await ask(asker, "GET", path);
    await ask("operator", "POST", "/api/v1/webhooks", {
      for: { owner: "operator" },
      url: `http://${NUMBER}/`,
      events: [],
    });
    await fetch(`${service.url}/api/v1/trust`, { headers: { authorization: `Bearer ${tokens[0]}x` } });
    // The database refuses while it holds personal values in its hands.
    await world.sql("alter table record rename to record_away");
    await ask("department-system", "POST", "/api/v1/records", penalty("京市监罚〔2026〕902号", PERSON));
    await ask("department-system", "GET", `/api/v1/records/${id}`);
    await world.sql("alter table record_away rename to record");
    metrics = await ask("operator", "GET", "/metrics");
  }

  const secretsOf = () => {
    const { masterKey, vrfSecret } = JSON.parse(readFileSync(world.environment["KEY_FILE"]!, "utf8")) as Record<
      "masterKey" | "vrfSecret",
      string
    >;
    const password = new URL(world.environment["DATABASE_URL"]!).password;
    const hex = [masterKey, vrfSecret, world.environment["RELAYER_KEY"]!].map((text) => text.slice(2));
    return [...hex, ...tokens.map((token) => token.split(".")[2]!), ...(password ? [password] : [])];
  };

  it("is no person's name or number", () => {
    const log = readFileSync(logFile, "utf8");
    expect(log.split("\n").length, "the log was written").to.be.above(50);
    for (const text of [log, metrics]) for (const value of [NAME, NUMBER]) expect(text).to.not.include(value);
    for (const line of refusals.split("\n")) for (const value of [NAME, NUMBER]) expect(line).to.not.include(value);
  });

  it("is no key, password or token", () => {
    const log = readFileSync(logFile, "utf8");
    expect(secretsOf().length).to.be.above(5);
    for (const text of [log, refusals, metrics]) for (const value of secretsOf()) expect(text).to.not.include(value);
    expect(log).to.not.match(/authorization|Bearer |whsec_/i);
  });

  it("is no address that was asked for, in logs and metrics", () => {
    for (const text of [readFileSync(logFile, "utf8"), metrics])
      expect(text).to.not.match(/(subjects|records)\/[\w%-]*\d/);
  });
});
