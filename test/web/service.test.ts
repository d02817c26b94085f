import { expect } from "chai";
import type { Receipt } from "@quanlian/proof";
import type { Browser } from "playwright-core";
import type { RecordAnswer, RecordReference } from "../../backend/src/records/records.schemas.ts";
import { eventually, startWorld, type World } from "../service/harness.ts";
import { penalty } from "../service/records.ts";
import { bring, buildPage, launchBrowser, noBrowser, openPage } from "./browser.ts";
import { withField } from "./real-ledger.ts";

describe(`the verify page as the service serves it${noBrowser ? ` (skipped: ${noBrowser})` : ""}`, () => {
  let world: World;
  let browser: Browser;
  const cleanUps: (() => Promise<void>)[] = [];
  let url: string;
  let receipt: Receipt;

  before(async function () {
    if (noBrowser) this.skip();
    this.timeout(180_000);
    const built = await buildPage();
    cleanUps.push(built.remove);
    browser = await launchBrowser();
    cleanUps.push(() => browser.close());
    world = await startWorld({ WEB_DIR: built.folder });
    cleanUps.push(() => world.stop());
    await world.app.listen(0, "127.0.0.1");
    url = `${await world.app.getUrl()}/`;
    const taken = await world.post<RecordReference>("/api/v1/records", penalty("京海市监罚〔2026〕9号"));
    const record = `/api/v1/records/${taken.body.id}`;
    await eventually(
      () => world.get<RecordAnswer>(record),
      ({ body }) => body.status === "final",
    );
    receipt = (await world.get<Receipt>(`${record}/receipt`)).body;
  });

  after(async () => {
    for (const cleanUp of cleanUps.toReversed()) await cleanUp();
  });

  it("finds a receipt of the service valid, by the service's trust list and through its chain address", async () => {
    const { page, complaints, close } = await openPage(browser, url);
    await bring(page, receipt);
    expect(await page.locator(".verdict").innerText()).to.include("记录真实有效");
    expect(await page.locator(".steps > li:not([data-outcome=passed])").count()).to.equal(0);
    expect(complaints).to.deep.equal([]);
    await close();
  });

  it("names the field of a receipt of the service that somebody altered", async () => {
    const { page, close } = await openPage(browser, url, { language: "en" });
    await bring(page, withField(receipt, "fineFen", 5_000));
    expect(await page.locator(".verdict").innerText())
      .to.include("did not pass")
      .and.to.include("“Fine” was altered");
    await close();
  });
});
