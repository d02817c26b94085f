/// <reference lib="dom" />
import { createServer, type Server } from "node:http";
import { rm, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { expect } from "chai";
import type { Browser, Page } from "playwright-core";
import { CITY, ENTERPRISE, eventually, startWorld, type World } from "../service/harness.ts";
import { inspection, licence, objection, penalty } from "../service/records.ts";
import { World as Elsewhere } from "../../proof/testing/world.ts";
import { accessibilityFaults, buildPage, launchBrowser, noBrowser, type Opened, openPage } from "./browser.ts";
import { myWordsIn } from "../../web/src/me/words.ts";

const PHONE = { viewport: { width: 360, height: 740 }, isMobile: true, hasTouch: true };
const SHOTS = process.env["SCREENSHOTS"];

describe(`the page of whoever has logged in, in a real browser${noBrowser ? ` (skipped: ${noBrowser})` : ""}`, function () {
  this.timeout(60_000);
  let world: World;
  let browser: Browser;
  const cleanUps: (() => Promise<void>)[] = [];
  let opened: Opened[] = [];

  before(async function () {
    if (noBrowser) this.skip();
    this.timeout(240_000);
    const built = await buildPage();
    cleanUps.push(built.remove);
    browser = await launchBrowser();
    cleanUps.push(() => browser.close());
    const elsewhere = new Elsewhere("elsewhere", { chainId: 4242, region: { zh: "示例省", en: "Example Province" } });
    const fined = elsewhere.issue(elsewhere.addDepartment(CITY, [4]), { number: "示罚〔2026〕7号" });
    elsewhere.anchor([fined], 4);
    const trust = join(built.folder, "..", `${basename(built.folder)}-trust.json`);
    await writeFile(trust, JSON.stringify(elsewhere.trust));
    cleanUps.push(() => rm(trust));
    world = await startWorld({ WEB_DIR: built.folder, TRUST_FILE: trust });
    cleanUps.push(() => world.stop());
    await world.app.listen(Number(new URL(world.url).port), "127.0.0.1");
    for (const record of [
      licence("京许〔2026〕401号"),
      penalty("京市监罚〔2026〕402号"),
      { ...inspection("检2026-403"), department: CITY },
    ]) {
      const { id } = (await world.post<{ id: string }>("/api/v1/records", record)).body;
      await eventually(
        () => world.get<{ status: string }>(`/api/v1/records/${id}`),
        ({ body }) => body.status === "final",
      );
    }
    await world.as("enterprise").post(`/api/v1/subjects/${ENTERPRISE}/foreign-records`, elsewhere.receipt(fined));
    await world.post("/api/v1/records", objection("异2026-1", "京市监罚〔2026〕402号"));
    await world.as("regulator").get(`/api/v1/subjects/${ENTERPRISE}/history`);
  });
  after(async () => {
    for (const cleanUp of cleanUps.toReversed()) await cleanUp();
  });
  afterEach(async () => {
    await Promise.all(opened.map((page) => page.close()));
    opened = [];
  });

  async function open(preferences = {}, options = {}): Promise<Opened> {
    const page = await openPage(browser, `${world.url}/`, preferences, options);
    opened.push(page);
    return page;
  }

  /** From the first page through the provider's form and back, as a person does it. */
  async function logIn(person: string, options = {}, language: "zh" | "en" = "zh"): Promise<Opened> {
    const one = await open({ language }, options);
    const { page } = one;
    await page.getByRole("link", { name: language === "zh" ? "登录 · 我的" : "Log in · My page" }).click();
    await page.getByRole("link", { name: myWordsIn[language].login, exact: true }).click();
    await page.getByLabel("账号").fill(person);
    await page.getByLabel("密码").fill(`password of ${person}`);
    await page.getByRole("button", { name: "登录" }).click();
    await page.waitForURL(`${world.url}/me.html`);
    await page.getByText(myWordsIn[language].thisOne, { exact: true }).waitFor();
    return one;
  }

  const section = (page: Page, name: string) => page.getByRole("region", { name });
  const settled = (page: Page) => page.waitForLoadState("networkidle");
  const fits = (page: Page) => page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth);
  const shoot = async (page: Page, name: string) => {
    if (SHOTS) await page.screenshot({ path: `${SHOTS}/${name}.png`, fullPage: true });
  };

  it("lets an enterprise's person in, and shows its five stages, who looked, and where it is logged in", async () => {
    const { page, complaints } = await logIn("enterprise");
    expect(await section(page, "我的").first().innerText())
      .to.include("enterprise")
      .and.include(ENTERPRISE);
    const stages = section(page, `全链条记录 ${ENTERPRISE}`);
    await stages.getByText("京许〔2026〕401号").waitFor();
    const counts = await stages.locator("h3").allInnerTexts();
    expect(counts).to.deep.equal(["审批 1 条", "服务 0 条", "监管 1 条", "执法 2 条", "信用 1 条"]);
    const entry = (number: string) => stages.getByRole("listitem").filter({ hasText: number }).last();
    expect(await entry("京市监罚〔2026〕402号").innerText()).to.include("异议待处理");
    expect(await entry("示罚〔2026〕7号").innerText())
      .to.include("来自示例省的记录，凭回执附上")
      .and.to.include("回执暂未能核验")
      .and.not.include("下载回执");
    const download = page.waitForEvent("download");
    await stages.getByRole("link", { name: "下载回执 京市监罚〔2026〕402号" }).click();
    expect((await download).suggestedFilename()).to.match(/^receipt-.*\.json$/);
    expect(await section(page, "谁查过我").innerText())
      .to.include("监管人员")
      .and.include("查看全链条记录");
    expect(complaints).to.deep.equal([]);
  });

  it("keeps the session in a cookie that no script reads, over http on this machine", async () => {
    const { page } = await logIn("enterprise");
    const cookie = (await page.context().cookies()).find(({ name }) => name === "__Host-quanlian")!;
    expect(cookie).to.include({ httpOnly: true, secure: true, sameSite: "Strict", path: "/" });
    expect(await page.evaluate(() => document.cookie)).to.equal("");
  });

  it("lets others act for the enterprise, and takes that back", async () => {
    const { page } = await logIn("enterprise");
    const delegations = section(page, "授权他人代办");
    await delegations.getByLabel("对方账号").fill("agent");
    await delegations.getByLabel("有效期至（含当日）").fill("2099-12-31");
    await delegations.getByRole("button", { name: "授权" }).click();
    await delegations.getByRole("cell", { name: "agent", exact: true }).waitFor();
    await shoot(page, "enterprise");
    const { page: theirs } = await logIn("agent");
    await theirs.getByRole("region", { name: /代办$/ }).getByText("京许〔2026〕401号").waitFor();
    await shoot(theirs, "agent");
    await delegations.getByRole("button", { name: "撤回 agent" }).click();
    await delegations.getByText("已撤回").waitFor();
    await theirs.reload();
    await theirs.getByText("本次登录").waitFor();
    expect(await theirs.getByText("代办").count()).to.equal(0);
  });

  it("shows a reviewer what waits, and takes the decision", async () => {
    await world.as("second-reviewer").send("PUT", `/api/v1/departments/${CITY}/review`, { required: true });
    for (const number of ["京市监罚〔2026〕404号", "京市监罚〔2026〕405号"])
      await world.as("department-officer").post("/api/v1/records", penalty(number));
    const { page, complaints } = await logIn("department-reviewer");
    const waiting = section(page, "待复核的提交");
    await waiting.getByText("京市监罚〔2026〕404号").waitFor();
    await shoot(page, "reviewer");
    expect(await accessibilityFaults(page)).to.deep.equal([]);
    await waiting.getByRole("button", { name: "复核通过" }).first().click();
    await waiting.getByText("已复核通过。").waitFor();
    await waiting.getByText("京市监罚〔2026〕404号").waitFor({ state: "detached" });
    await waiting.getByLabel("不予通过的理由").fill("与决定书不一致");
    await waiting.getByRole("button", { name: "不予通过" }).click();
    await waiting.getByText("没有待复核的提交。").waitFor();
    await world.as("second-reviewer").send("PUT", `/api/v1/departments/${CITY}/review`, { required: false });
    const states = await world.sql<{ state: string }>("select state from submission order by submitted_at");
    expect(states.map(({ state }) => state)).to.deep.equal(["approved", "refused"]);
    expect(complaints).to.deep.equal([]);
  });

  it("logs out, here and at the provider", async () => {
    const { page } = await logIn("enterprise");
    await page.getByRole("button", { name: "退出登录" }).click();
    await page.waitForURL("**/session/end**");
    await page.getByRole("button", { name: /^退出/ }).click();
    await page.waitForURL(`${world.url}/`);
    await page.goto(`${world.url}/me.html`);
    await page.getByRole("link", { name: "登录", exact: true }).waitFor();
    await page.getByRole("link", { name: "登录", exact: true }).click();
    await page.getByLabel("密码").waitFor();
  });

  for (const language of ["zh", "en"] as const)
    for (const [device, options] of [
      ["desktop", {}],
      ["phone", PHONE],
    ] as const)
      it(`is accessible and fits: ${language}, ${device}`, async () => {
        const { page } = await logIn("enterprise", options, language);
        await settled(page);
        expect(await accessibilityFaults(page)).to.deep.equal([]);
        expect(await fits(page)).to.equal(true);
        await shoot(page, `enterprise-${language}-${device}`);
        const before = (await open({ language }, options)).page;
        await before.goto(`${world.url}/me.html`);
        await before.getByRole("heading", { level: 1 }).waitFor();
        expect(await accessibilityFaults(before)).to.deep.equal([]);
        expect(await fits(before)).to.equal(true);
        await shoot(before, `welcome-${language}-${device}`);
      });

  it("works by the keyboard alone", async () => {
    const { page } = await logIn("enterprise");
    await section(page, "授权他人代办").getByLabel("对方账号").focus();
    await page.keyboard.type("agent");
    const names: string[] = [];
    for (let i = 0; i < 6; i++) {
      await page.keyboard.press("Tab");
      names.push(
        await page.evaluate(
          () => document.activeElement?.getAttribute("name") ?? document.activeElement?.tagName ?? "",
        ),
      );
    }
    expect(names).to.include.members(["powers", "until"]);
  });

  it("a page of another origin changes nothing with the person's session (CSRF)", async () => {
    const { page } = await logIn("department-officer");
    const foreign: Server = createServer((_request, response) => {
      response.setHeader("content-type", "text/html");
      response.end("<!doctype html><title>foreign</title>");
    }).listen(0, "127.0.0.1");
    await once(foreign, "listening");
    try {
      await page.goto(`http://127.0.0.1:${(foreign.address() as AddressInfo).port}/`);
      const body = JSON.stringify(penalty("京市监罚〔2026〕406号"));
      await page.evaluate(
        async ([url, text]) => {
          await fetch(`${url}/api/v1/records`, {
            method: "POST",
            mode: "no-cors",
            credentials: "include",
            body: text!,
          }).catch(() => undefined);
          const form = document.createElement("form");
          form.method = "post";
          form.action = `${url}/auth/logout-everywhere`;
          document.body.append(form);
          form.submit();
        },
        [world.url, body],
      );
      await page.waitForURL(`${world.url}/auth/logout-everywhere`);
      expect(await page.evaluate(() => document.body.innerText)).to.match(/UNSUPPORTED_MEDIA_TYPE|CROSS_SITE_REQUEST/);
    } finally {
      foreign.close();
    }
    expect(await world.sql("select from record where number = $1", ["京市监罚〔2026〕406号"])).to.deep.equal([]);
    await page.goto(`${world.url}/me.html`);
    await page.getByText("本次登录").waitFor();
  });
});
