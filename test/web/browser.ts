// A real browser and the freshly built page.
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { AxeBuilder } from "@axe-core/playwright";
import { chromium, type Browser, type BrowserContextOptions, type Page } from "playwright-core";

const EXECUTABLE = process.env["CHROMIUM_BIN"] ?? "/usr/bin/chromium";

/** Why there is no browser to test with, or null. */
export const noBrowser = existsSync(EXECUTABLE)
  ? null
  : `no browser at ${EXECUTABLE}; set CHROMIUM_BIN to run these tests`;

export const launchBrowser = (): Promise<Browser> =>
  chromium.launch({
    executablePath: EXECUTABLE,
    args: [
      ...["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"],
      ...["--disable-background-networking", "--disable-component-update", "--disable-sync"],
    ],
  });

/** Builds the page into a folder of its own, so that no earlier build can pass for this one. */
export async function buildPage(): Promise<{ folder: string; remove: () => Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), "quanlian-page-"));
  const cwd = fileURLToPath(new URL("../../web", import.meta.url));
  await promisify(execFile)("npm", ["run", "build", "--", "--outDir", folder, "--emptyOutDir"], { cwd });
  return { folder, remove: () => rm(folder, { recursive: true }) };
}

export interface Preferences {
  readonly language: "zh" | "en";
  readonly elder: boolean;
}

/** A page in a context of its own, with what it complained about and whom it called. */
export interface Opened {
  readonly page: Page;
  readonly complaints: string[];
  readonly requests: string[];
  readonly close: () => Promise<void>;
}

export async function openPage(
  browser: Browser,
  url: string,
  preferences: Partial<Preferences> = {},
  options: BrowserContextOptions = {},
): Promise<Opened> {
  const context = await browser.newContext(options);
  if (Object.keys(preferences).length > 0)
    await context.addInitScript(
      (remembered) => localStorage.setItem("quanlian.preferences", remembered),
      JSON.stringify(preferences),
    );
  const page = await context.newPage();
  const opened = { page, complaints: [] as string[], requests: [] as string[], close: () => context.close() };
  page.on("console", (message) => {
    if (["error", "warning"].includes(message.type())) opened.complaints.push(message.text());
  });
  page.on("pageerror", (error) => opened.complaints.push(error.message));
  page.on("request", (request) => opened.requests.push(request.url()));
  await page.goto(url);
  await page.getByRole("heading", { level: 1 }).waitFor();
  return opened;
}

/** Hands the page a file as its file chooser does, and waits for what it says. */
export async function bring(page: Page, document: unknown, name = "receipt.json"): Promise<void> {
  const buffer = Buffer.isBuffer(document)
    ? document
    : Buffer.from(typeof document === "string" ? document : JSON.stringify(document));
  await page.locator(".intake input[type=file]").setInputFiles({ name, mimeType: "application/json", buffer });
  await page.locator(".verdict-title").waitFor();
}

/** WCAG 2.2 AA as far as a machine can tell: rule and element of each violation. */
export async function accessibilityFaults(page: Page): Promise<string[]> {
  const tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"];
  const { violations } = await new AxeBuilder({ page }).withTags(tags).analyze();
  return violations.flatMap(({ id, nodes }) => nodes.map(({ target }) => `${id}: ${target.join(" ")}`));
}
