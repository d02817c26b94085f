/// <reference lib="dom" />
/// <reference lib="dom.iterable" />
import { expect } from "chai";
import { buildCertificate, bundleReceipts, type Receipt } from "@quanlian/proof";
import type { Browser, Page } from "playwright-core";
import { accessibilityFaults, bring, buildPage, launchBrowser, noBrowser, openPage } from "./browser.ts";
import type { Opened, Preferences } from "./browser.ts";
import { ENTERPRISE, RealLedger, receiptOf, sm2Signer, withField } from "./real-ledger.ts";
import { correctedPenalty, inspection, licence, penalty } from "./records.ts";
import { serveSite, type Site } from "./site.ts";

const LANGUAGES = ["zh", "en"] as const;

describe(`the verify page in a real browser, on a real ledger${noBrowser ? ` (skipped: ${noBrowser})` : ""}`, () => {
  let ledger: RealLedger;
  let site: Site;
  let browser: Browser;
  const cleanUps: (() => Promise<void>)[] = [];
  let opened: Opened[] = [];
  let receipt: Receipt;
  let superseded: Receipt;
  let guomi: Receipt;
  let others: Receipt[];
  let certificate: unknown;
  let cleanRecord: unknown;

  before(async function () {
    if (noBrowser) this.skip();
    const built = await buildPage();
    cleanUps.push(built.remove);
    browser = await launchBrowser();
    cleanUps.push(() => browser.close());
    ledger = await RealLedger.start();
    cleanUps.push(ledger.stop);
    site = await serveSite(built.folder, ledger.rpcUrl, ledger.trust);
    cleanUps.push(site.close);
    const [standing, wrong] = await ledger.anchor([
      penalty,
      { ...penalty, fields: { ...penalty.fields, number: "京海市监罚〔2026〕128号" } },
    ]);
    const [inspected] = await ledger.anchor([inspection]);
    const [right] = await ledger.anchor([correctedPenalty]);
    const [licensed] = await ledger.anchor([licence]);
    const [signedBySm2] = await ledger.anchor([penalty], sm2Signer);
    await ledger.supersede(wrong!, right!, 1);
    guomi = receiptOf(signedBySm2!);
    receipt = receiptOf(standing!);
    superseded = receiptOf(wrong!);
    others = [inspected!, licensed!].map((record) => receiptOf(record));
    const draft = { subject: ENTERPRISE, scope: null, issuedAt: receipt.anchor.blockTime };
    const year = { from: "2026-01-01", to: "2026-03-31" };
    certificate = await buildCertificate({ ...draft, purpose: "history", kinds: [3, 4], period: year }, [
      await ledger.source([standing!, wrong!, inspected!, right!]),
    ]);
    const earlier = { from: "2025-01-01", to: "2025-12-31" };
    cleanRecord = await buildCertificate({ ...draft, purpose: "clean-record", kinds: [4, 5], period: earlier }, [
      await ledger.source([]),
    ]);
  });

  after(async () => {
    for (const cleanUp of cleanUps.toReversed()) await cleanUp();
  });

  beforeEach(() => {
    site.trust = ledger.trust;
    site.nodeUp = true;
    site.sent.length = 0;
  });

  afterEach(async () => {
    await Promise.all(opened.map((page) => page.close()));
    opened = [];
  });

  async function open(preferences: Partial<Preferences> = {}, options = {}): Promise<Opened> {
    const page = await openPage(browser, site.url, preferences, options);
    opened.push(page);
    return page;
  }

  async function verdictOf(
    document: unknown,
    preferences: Partial<Preferences> = {},
  ): Promise<Opened & { banner: string }> {
    const page = await open(preferences);
    await bring(page.page, document);
    return { ...page, banner: await page.page.locator(".verdict").innerText() };
  }

  const outcomes = (page: Page): Promise<string[]> =>
    page
      .locator(".steps > li")
      .evaluateAll((steps) => steps.map((step) => (step as HTMLElement).dataset["outcome"] ?? ""));

  const row = (page: Page, label: string) =>
    page.getByRole("row").filter({ has: page.getByRole("rowheader", { name: label, exact: true }) });

  describe("verdicts", () => {
    it("says in Chinese that a genuine receipt stands, since when, and what it says", async () => {
      const { page, banner, complaints } = await verdictOf(receipt);
      expect(banner)
        .to.include("记录真实有效")
        .and.to.match(/自 \d{4}年\d+月\d+日 上链以来，内容没有被改动/);
      expect(new Set(await outcomes(page))).to.deep.equal(new Set(["passed"]));
      expect(await row(page, "罚款金额").innerText()).to.include("12,000.00 元");
      expect(await row(page, "作出日期").innerText()).to.include("2026年3月2日");
      expect(await row(page, "处罚有效期").innerText()).to.include("长期");
      expect(await row(page, "行政相对人").innerText()).to.include(`统一社会信用代码 ${ENTERPRISE.id}`);
      expect(await row(page, "关联记录").innerText()).to.include("来源检查：京海市监检〔2026〕318号");
      expect(complaints).to.deep.equal([]);
    });

    it("says the same in English", async () => {
      const { page, banner, complaints } = await verdictOf(receipt, { language: "en" });
      expect(banner)
        .to.include("The record is genuine and stands")
        .and.to.match(/unchanged since it went on the chain on \d/);
      expect(await row(page, "Fine").innerText()).to.include("CNY 12,000.00");
      expect(await row(page, "Kinds of penalty").innerText()).to.include("警告 (Warning)");
      expect(await page.locator("td [lang='zh-CN']").count()).to.be.greaterThan(5);
      expect(complaints).to.deep.equal([]);
    });

    it("keeps the three clocks apart", async () => {
      const { page } = await verdictOf(receipt);
      const clocks = await page
        .locator(".clocks li")
        .evaluateAll((clocks) =>
          clocks.map((clock) => [clock.querySelector("h3")?.textContent, clock.querySelector("time")?.dateTime]),
        );
      expect(clocks.map(([name]) => name)).to.deep.equal(["作出决定", "部门签署", "上链"]);
      expect(clocks[0]![1]).to.equal("2026-03-02");
      expect(clocks[2]![1]).to.equal(new Date(receipt.anchor.blockTime * 1000).toISOString());
    });

    for (const [field, label] of [
      ["fineFen", "罚款金额"],
      ["penaltyContent", "处罚内容"],
      ["subjectName", "行政相对人名称"],
    ] as const)
      it(`names ${label} when somebody altered it`, async () => {
        const { page, banner, complaints } = await verdictOf(withField(receipt, field, "另一个值"));
        expect(banner).to.include("未通过核验").and.to.include(`「${label}」已被改动`);
        expect(await page.locator(".fields .altered").innerText())
          .to.include(label)
          .and.to.include("与部门签署的不一致");
        expect(await page.locator("[data-step=statement] .step-says").innerText()).to.include(label);
        expect(await page.locator("main").innerText()).not.to.include("另一个值");
        expect(complaints).to.deep.equal([]);
      });

    it("says that a corrected record is genuine but no longer stands, and since when", async () => {
      const { banner } = await verdictOf(superseded);
      expect(banner)
        .to.include("记录真实，但已不再有效")
        .and.to.match(/已更正（\d{4}年/);
    });

    it("refuses a receipt whose signature was made by another key", async () => {
      const [issuer, ...disclosures] = receipt.statement.split("~");
      const [header, payload, signature] = issuer!.split(".");
      const forged = [header, payload, signature!.replace(/^./, (first) => (first === "A" ? "B" : "A"))].join(".");
      const { page, banner } = await verdictOf({ ...receipt, statement: [forged, ...disclosures].join("~") });
      expect(banner).to.include("未通过核验");
      expect(await page.locator("[data-step=signature]").getAttribute("data-outcome")).to.equal("failed");
    });

    it("does not judge a record of a chain that is not on the trust list", async () => {
      const { page, banner } = await verdictOf({ ...receipt, anchor: { ...receipt.anchor, chainId: 4242 } });
      expect(banner).to.include("暂时不能得出结论").and.to.include("不在您的信任名单中");
      expect(await page.locator("details.trust").getAttribute("open")).to.not.equal(null);
    });

    it("says what a complete history and a clean record prove", async () => {
      const history = await verdictOf(certificate);
      expect(history.banner).to.include("证明真实有效").and.to.include("共有 5 条上链记录：出示 4 条，未出示 1 条");
      expect(await history.page.locator(".records > li").count()).to.equal(5);
      expect(await history.page.locator(".records .state").allInnerTexts()).to.deep.equal(["已不再有效"]);
      const clean = await verdictOf(cleanRecord, { language: "en" });
      expect(clean.banner).to.include("holds no enforcement or negative credit record that still stands");
    });

    it("verifies a bundle and points at the one receipt that was altered", async () => {
      const good = await verdictOf(bundleReceipts([receipt, ...others]));
      expect(good.banner).to.include("这组记录真实有效");
      const bad = await verdictOf(bundleReceipts([...others, withField(receipt, "fineFen", 1)]));
      expect(bad.banner).to.include("未通过核验").and.to.include("罚款金额");
      expect(await bad.page.locator(".records > li").nth(2).locator(".state").innerText()).to.equal("不通过");
    });

    it("verifies 国密 signatures as well", async () => {
      const { page, banner, complaints } = await verdictOf(guomi);
      expect(banner).to.include("记录真实有效");
      await page.locator("[data-step=signature] summary").click();
      expect(await page.locator("[data-step=signature] .evidence").innerText()).to.include("SM2-SM3");
      expect(complaints).to.deep.equal([]);
    });

    it("shows only the fields that the holder chose to show", async () => {
      const { page, banner } = await verdictOf({ ...receipt, statement: onlyFirstDisclosure(receipt.statement) });
      expect(banner).to.include("记录真实有效");
      expect(await page.locator(".fields tr").count()).to.equal(2);
    });
  });

  describe("when something is in the way", () => {
    const refused: readonly [what: string, document: unknown, says: string][] = [
      ["an empty file", "", "这个文件是空的"],
      ["a picture", Buffer.from([0x89, 0x50, 0x4e, 0x47, 0xff, 0xd8]), "这不是回执或证明文件"],
      ["something that is not JSON", "%PDF-1.7", "这不是完整的回执或证明文件"],
      ["JSON of somebody else", { hello: "world" }, "这不是全链的文件"],
      ["a file larger than 16 MB", Buffer.alloc(16 * 1024 * 1024 + 1, 32), "文件太大"],
    ];
    for (const [what, document, says] of refused)
      it(`${what}: one sentence, and no verdict`, async () => {
        const { page, complaints } = await open();
        await bring(page, document);
        expect(await page.locator(".verdict-title").innerText()).to.equal(says);
        expect(await page.locator(".verdict").count()).to.equal(0);
        expect(await page.locator(".notice").innerText()).to.include("没有对任何记录作出判定");
        expect(complaints).to.deep.equal([]);
      });

    it("a receipt that was cut off", async () => {
      const { page } = await open();
      await bring(page, JSON.stringify(receipt).slice(0, 900));
      expect(await page.locator(".notice").innerText()).to.include("被截断");
    });

    it("an unknown version", async () => {
      const { banner } = await verdictOf({ ...receipt, format: "quanlian-receipt/9" });
      expect(banner).to.include("暂时不能得出结论").and.to.include("不认识的文件形式或版本");
    });

    it("a duplicate member, which two readers could read in two ways", async () => {
      const { banner } = await verdictOf(JSON.stringify(receipt).replace("{", '{"suite":"none",'));
      expect(banner).to.include("未通过核验").and.to.include("文件格式不符合规范");
    });

    it("an unreachable chain: says what is established all the same, and succeeds at another attempt", async () => {
      site.nodeUp = false;
      const { page, banner } = await verdictOf(receipt);
      expect(banner)
        .to.include("无法从节点取得可用的回答")
        .and.to.match(/已核实：.*部门签名/);
      site.nodeUp = true;
      await page.getByRole("button", { name: "再试一次" }).click();
      await page.getByRole("heading", { name: "记录真实有效" }).waitFor();
    });

    it("no network after loading: the file itself is verified", async () => {
      const { page } = await open();
      await page.getByText("使用本站公布的").waitFor();
      await page.context().setOffline(true);
      await bring(page, receipt);
      expect(await page.locator(".verdict").innerText())
        .to.include("本身完好")
        .and.to.include("尚未查询");
      expect(await page.locator("[data-step=signature]").getAttribute("data-outcome")).to.equal("passed");
    });

    it("no trust list from the site: a list of one's own serves, another file does not", async () => {
      site.trust = null;
      const { page } = await open();
      await bring(page, receipt);
      expect(await page.locator(".notice").innerText()).to.include("拿不到信任名单");
      const chooser = page.locator(".trust input[type=file]");
      await chooser.setInputFiles({ name: "x.json", mimeType: "application/json", buffer: Buffer.from("{}") });
      await page.getByText("这份文件不是可用的信任名单").waitFor();
      const own = Buffer.from(JSON.stringify({ ...ledger.trust, name: "我的名单" }));
      await chooser.setInputFiles({ name: "trust.json", mimeType: "application/json", buffer: own });
      await page.getByRole("heading", { name: "记录真实有效" }).waitFor();
      expect(await page.locator(".trust").innerText()).to.include("使用你自己选用的「我的名单」");
    });

    it("a trust list dropped as if it were a receipt is not adopted", async () => {
      const { page } = await open();
      await bring(page, { ...ledger.trust, name: "来路不明的名单" });
      expect(await page.locator(".notice").innerText()).to.include("这是信任名单");
      expect(await page.locator(".trust").innerText()).not.to.include("来路不明的名单");
    });
  });

  describe("ways in", () => {
    it("a file dropped anywhere on the page", async () => {
      const { page } = await open();
      await page.evaluate((text) => {
        const dataTransfer = new DataTransfer();
        dataTransfer.items.add(new File([text], "回执.json"));
        window.dispatchEvent(new DragEvent("drop", { dataTransfer, cancelable: true }));
      }, JSON.stringify(receipt));
      await page.getByRole("heading", { name: "记录真实有效" }).waitFor();
      expect(await page.locator(".verdict").innerText()).to.include("文件：回执.json");
    });

    it("text pasted anywhere on the page", async () => {
      const { page } = await open();
      await page.evaluate((text) => {
        const clipboardData = new DataTransfer();
        clipboardData.setData("text/plain", text);
        window.dispatchEvent(new ClipboardEvent("paste", { clipboardData }));
      }, JSON.stringify(receipt));
      await page.getByRole("heading", { name: "记录真实有效" }).waitFor();
    });

    it("text typed or pasted into the box", async () => {
      const { page } = await open();
      await page.getByRole("button", { name: "粘贴内容" }).click();
      await page.getByLabel("把文件的全部内容粘贴在这里").fill(JSON.stringify(receipt));
      await page.getByRole("button", { name: "核验粘贴的内容" }).click();
      await page.getByRole("heading", { name: "记录真实有效" }).waitFor();
    });

    it("the keyboard alone: from the address bar to the evidence and back", async () => {
      const { page } = await open();
      const chooser = page.waitForEvent("filechooser");
      await tabTo(page, "选择文件");
      await page.keyboard.press("Enter");
      await (
        await chooser
      ).setFiles({
        name: "r.json",
        mimeType: "application/json",
        buffer: Buffer.from(JSON.stringify(receipt)),
      });
      await page.locator(".verdict").waitFor();
      expect(await focused(page)).to.equal("记录真实有效");
      await tabTo(page, "部门签名");
      await page.keyboard.press("Enter");
      expect(await page.locator("[data-step=signature] .evidence").isVisible()).to.equal(true);
      await page.keyboard.press("Tab");
      expect(await focused(page)).to.equal("复制");
      await page.keyboard.down("Shift");
      await tabTo(page, "核验另一份");
      await page.keyboard.up("Shift");
      await page.keyboard.press("Enter");
      await page.getByRole("heading", { name: "核验一份记录" }).waitFor();
    });
  });

  describe("privacy", () => {
    it("calls nobody but its own site, and tells it nothing that the file says", async () => {
      const { requests } = await verdictOf(receipt);
      expect(requests.filter((url) => !url.startsWith(site.url))).to.deep.equal([]);
      expect(site.sent).not.to.have.lengthOf(0);
      const secrets = [
        ENTERPRISE.id,
        "示例餐饮",
        "张示例",
        "127号",
        "1200000",
        ...receipt.statement.split("~").slice(1, -1),
      ];
      for (const body of site.sent) for (const secret of secrets) expect(body).not.to.include(secret);
      const hexOfSubject = Buffer.from(ENTERPRISE.id).toString("hex");
      expect(site.sent.join()).not.to.include(hexOfSubject);
    });

    it("keeps nothing but the reader's choices", async () => {
      const { page } = await verdictOf(receipt);
      const kept = await page.evaluate(() =>
        Object.keys(localStorage).concat(Object.keys(sessionStorage), document.cookie || []),
      );
      expect(kept).to.deep.equal(["quanlian.preferences"]);
    });
  });

  describe("for everybody", () => {
    const states = (): readonly [string, unknown][] => [
      ["valid", receipt],
      ["altered", withField(receipt, "fineFen", 1)],
      ["superseded", superseded],
      ["certificate", certificate],
      ["bundle", bundleReceipts([receipt, ...others])],
      ["unknown chain", { ...receipt, anchor: { ...receipt.anchor, chainId: 4242 } }],
      ["refused", "{"],
    ];
    for (const language of LANGUAGES)
      for (const elder of [false, true])
        it(`no WCAG 2.2 AA violation: ${language}${elder ? ", elder mode" : ""}`, async function () {
          this.timeout(240_000);
          const { page } = await open({ language, elder });
          expect(await accessibilityFaults(page)).to.deep.equal([]);
          await page.locator(".intake button[aria-expanded]").click();
          expect(await accessibilityFaults(page)).to.deep.equal([]);
          for (const [state, document] of states()) {
            await page.reload();
            await bring(page, document);
            await openEverything(page);
            expect(await accessibilityFaults(page), state).to.deep.equal([]);
          }
        });

    it("remembers language and elder mode, and tells assistive technology of both", async () => {
      const { page } = await open();
      expect(await page.locator("html").getAttribute("lang")).to.equal("zh-CN");
      await page.getByRole("button", { name: "长者版" }).click();
      await page.getByRole("button", { name: "English" }).click();
      await page.reload();
      expect(await page.locator("html").getAttribute("lang")).to.equal("en");
      const elder = page.getByRole("button", { name: "Large type" });
      expect(await elder.getAttribute("aria-pressed")).to.equal("true");
      expect((await elder.boundingBox())!.height).to.be.at.least(60);
      expect(await page.locator("body").evaluate((body) => parseFloat(getComputedStyle(body).fontSize))).to.be.at.least(
        18,
      );
    });

    it("changes the language of a verdict that is already there", async () => {
      const { page } = await verdictOf(receipt);
      await page.getByRole("button", { name: "English" }).click();
      expect(await page.locator(".verdict-title").innerText()).to.equal("The record is genuine and stands");
      expect(await page.title()).to.include("The record is genuine and stands");
    });

    it("announces the verdict", async () => {
      const { page } = await verdictOf(receipt);
      expect(await page.locator("main > [role=status]").textContent()).to.equal("记录真实有效");
    });

    it("says every outcome in words and by the shape of its sign, not by colour alone", async () => {
      const { page } = await verdictOf({ ...receipt, anchor: { ...receipt.anchor, chainId: 4242 } });
      const marks = await page
        .locator(".step-mark")
        .evaluateAll((marks) =>
          marks.map((mark) => `${mark.textContent} ${mark.querySelector("path")?.getAttribute("d")}`),
        );
      expect(new Set(marks).size).to.equal(2);
    });

    it("reads hashes by their two ends and copies them whole", async () => {
      const { page } = await open({}, { permissions: ["clipboard-read", "clipboard-write"] });
      await bring(page, receipt);
      const line = page.locator("[data-step=batch]");
      await line.locator("summary").click();
      expect(await line.locator(".hash > .unseen").first().textContent()).to.match(/开头 . . . .，结尾 . . . ./);
      await line.getByRole("button", { name: "复制" }).click();
      await line.getByRole("button", { name: "已复制" }).waitFor();
      expect(await page.evaluate(() => navigator.clipboard.readText())).to.equal(receipt.batch.root);
    });

    for (const [what, width, elder] of [
      ["a phone", 320, false],
      ["a phone in elder mode", 360, true],
      ["200 % zoom", 640, false],
    ] as const)
      it(`fits ${what} without sideways scrolling`, async () => {
        const { page } = await open({ elder }, { viewport: { width, height: 700 } });
        await bring(page, certificate);
        await openEverything(page);
        expect(await page.evaluate(() => document.documentElement.scrollWidth)).to.be.at.most(width);
      });

    it("does not ask the owner of a phone to drag a file", async () => {
      const { page } = await open({}, { hasTouch: true, isMobile: true, viewport: { width: 390, height: 800 } });
      expect(await page.locator(".intake-title").innerText()).to.equal("放入回执或证明");
    });

    it("prints the finding with all its evidence, and nothing to press", async () => {
      const { page } = await verdictOf(receipt);
      await page.emulateMedia({ media: "print" });
      expect(await page.locator("[data-step=batch] .evidence").innerText()).to.include("批次根哈希");
      expect(await page.getByText("核验地址：").isVisible()).to.equal(true);
      expect(await page.locator("button:visible").count()).to.equal(0);
    });

    it("keeps still for readers who asked for less motion", async () => {
      const { page } = await open({}, { reducedMotion: "reduce" });
      const moving = await page
        .locator("*")
        .evaluateAll((all) => all.filter((one) => parseFloat(getComputedStyle(one).transitionDuration) > 0).length);
      expect(moving).to.equal(0);
    });
  });

  describe("wording", () => {
    for (const language of LANGUAGES)
      it(`has a word for everything it shows: ${language}`, async () => {
        for (const document of [receipt, superseded, certificate, bundleReceipts([receipt, ...others])]) {
          const { page } = await verdictOf(document, { language });
          await openEverything(page);
          const terms = await page.locator("dt, th").allInnerTexts();
          expect(terms.filter((term) => /^[a-z]+([A-Z][a-z]*)*$/.test(term))).to.deep.equal([]);
          const text = await page.locator("body").innerText();
          expect(text).not.to.match(/undefined|\[object|null|NaN|Invalid Date/);
          if (language === "zh") expect(text).not.to.match(/[，。：；] |[a-z]{2,}( [a-z]{2,}){3,}/i);
        }
      });
  });
});

function onlyFirstDisclosure(statement: string): string {
  const [issuer, first] = statement.split("~");
  return `${issuer}~${first}~`;
}

const openEverything = (page: Page): Promise<void> =>
  page.evaluate(() => {
    for (const details of document.querySelectorAll("details")) details.open = true;
  });

const focused = (page: Page): Promise<string> =>
  page.evaluate(() => (document.activeElement as HTMLElement).innerText.trim().split("\n")[0]!);

/** Presses Tab until the focused element's text has a name in it. */
async function tabTo(page: Page, name: string): Promise<void> {
  for (let presses = 0; presses < 60; presses++) {
    await page.keyboard.press("Tab");
    if (await page.evaluate((wanted) => (document.activeElement as HTMLElement).innerText.includes(wanted), name))
      return;
  }
  throw new Error(`the Tab key does not reach 「${name}」`);
}
