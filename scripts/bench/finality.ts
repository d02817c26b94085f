// What papers that prove their own finality cost to verify and to carry: npm run bench -- finality [--json]
// Milliseconds are processor time; the command line and the browser are timed by the clock.
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { arch, cpus, loadavg, platform, tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { gzipSync } from "node:zlib";
import {
  buildCertificate,
  type Certificate,
  type Receipt,
  type TrustList,
  verify,
  type VerifyOptions,
} from "@quanlian/proof";
import { recoverKey } from "@quanlian/proof/libsecp256k1";
import { assembleFinalityProof } from "../../proof/src/finality/assemble.ts";
import { verifyFinalityProof } from "../../proof/src/finality/finality-proof.ts";
import { qbftJudge, verifyQbftHeader } from "../../proof/src/finality/qbft.ts";
import { findByHost, findByMemory } from "../../proof/src/finality/seals.ts";
import { ENTERPRISE, MUNICIPAL, OTHER_ENTERPRISE, World } from "../../proof/testing/world.ts";
import { nodeEs256 } from "../../proof/cli/node-es256.ts";
import { besuTrust, header, network, typedReceipt } from "../../test/finality/besu.ts";
import { launchBrowser, noBrowser } from "../../test/web/browser.ts";
import { SealedWorld } from "../vectors/sealed-world.ts";

interface Row {
  readonly what: string;
  readonly value: number;
  readonly unit: "ms" | "bytes" | "s" | "/s";
}

const ROUNDS = 60;
/** Different blocks whose receipts are verified, four of them to warm up. */
const BLOCKS = 34;
const ROOT = join(import.meta.dirname, "../..");
const QUANLIAN = join(ROOT, "proof/bin/quanlian.mjs");

/** Milliseconds of processor time a round, after some that warm up. */
async function cost(work: (round: number) => unknown, rounds = ROUNDS): Promise<number> {
  const warming = Math.ceil(rounds / 10);
  for (let i = 0; i < warming; i++) await work(i);
  const before = process.cpuUsage();
  for (let i = 0; i < rounds; i++) await work(warming + i);
  const { user, system } = process.cpuUsage(before);
  return Number(((user + system) / 1000 / rounds).toFixed(3));
}

const size = (value: unknown) => JSON.stringify(value).length;
const packed = (value: unknown) => gzipSync(JSON.stringify(value)).length;

async function check(document: string, options: VerifyOptions): Promise<void> {
  const { verdict, steps } = await verify(document, options);
  if (verdict !== "valid") throw new Error(JSON.stringify(steps.filter(({ outcome }) => outcome !== "passed")));
}

interface Papers<Paper> {
  readonly options: VerifyOptions;
  readonly papers: readonly Paper[];
}

function optionsOf(sealed: SealedWorld): VerifyOptions {
  return {
    trust: { ...sealed.world.trust, chains: [sealed.trusted] },
    now: sealed.world.now,
    suites: [nodeEs256],
    recoverKey,
  };
}

/** The same list read anew, so that nothing is known of its validators. */
function unknowing({ trust, ...options }: VerifyOptions): VerifyOptions {
  return { ...options, trust: structuredClone(trust) };
}

/** One receipt a block. */
function receiptsOf(blocks: number): Papers<Receipt> {
  const world = new World("bench finality", { prefixBits: 8 });
  const municipal = world.addDepartment(MUNICIPAL, [4]);
  const records = Array.from({ length: blocks }, () => {
    const record = world.issue(municipal);
    world.anchor([record], 4);
    return record;
  });
  const sealed = new SealedWorld(world, "bench");
  return { options: optionsOf(sealed), papers: records.map((record) => sealed.receipt(record)) };
}

const TYPES = {
  1: "approval.licence/1",
  2: "service.case/1",
  3: "supervision.inspection/1",
  4: "enforcement.penalty/1",
  5: "credit.listing/1",
} as const;
const KINDS = [1, 2, 3, 4, 5] as const;
const YEARS = [2024, 2025, 2026] as const;
/** In each bucket; one of them is the enterprise's own, whose record is shown. */
const PAIRS = 100;

/** Three years of five kinds. */
async function largeCertificate(): Promise<Papers<Certificate>> {
  const world = new World("bench certificate", { prefixBits: 0 });
  const municipal = world.addDepartment(MUNICIPAL, KINDS);
  const years = KINDS.flatMap((kind) => YEARS.map((year) => ({ kind, year })));
  const own = years.map(({ kind, year }) => {
    const content = { type: TYPES[kind], eventTime: `${year}-03-02` };
    const others = { ...content, subject: OTHER_ENTERPRISE };
    const records = Array.from({ length: PAIRS }, (_, i) => world.issue(municipal, i === 0 ? content : others));
    world.anchor(records, kind);
    return records[0]!;
  });
  const sealed = new SealedWorld(world, "bench certificate");
  const streams = years.map(({ kind, year }) => ({ kind, year, streamKey: sealed.streamKey(ENTERPRISE, kind, year) }));
  const period = { from: "2024-01-01", to: "2026-09-20" };
  const said = { purpose: "history", subject: ENTERPRISE, kinds: KINDS, scope: null, period, issuedAt: 0 } as const;
  const source = world.source(own.map((record) => world.batched(record)));
  const block = world.blockNumber;
  const finality = sealed.partProof(block, streams, own);
  const certificate = await buildCertificate(said, [{ ...source, blockHash: sealed.block(block).hash, finality }]);
  return { options: optionsOf(sealed), papers: [certificate] };
}

/** Seconds from the start of `quanlian verify` to its end; the quickest of three. */
function commandSeconds(document: string, trust: TrustList): number {
  const folder = mkdtempSync(join(tmpdir(), "quanlian-bench-"));
  const [paper, list] = [join(folder, "paper.json"), join(folder, "trust.json")];
  writeFileSync(paper, document);
  writeFileSync(list, JSON.stringify(trust));
  const seconds = Array.from({ length: 3 }, () => {
    const began = performance.now();
    const run = spawnSync(process.execPath, [QUANLIAN, "verify", paper, "--trust", list, "--offline", "--json"]);
    if (run.status !== 0) throw new Error(`quanlian verify: ${String(run.stdout).slice(0, 500)}`);
    return (performance.now() - began) / 1000;
  });
  rmSync(folder, { recursive: true });
  return Number(Math.min(...seconds).toFixed(2));
}

const PAGE = `<!doctype html><script type="importmap">{"imports":{"@noble/":"/proof/node_modules/@noble/"}}</script>`;

/** Seconds of `verify` in Chromium, the first time that the page does it. */
async function browserSeconds(document: string, trust: TrustList): Promise<number> {
  const browser = await launchBrowser();
  try {
    const page = await browser.newPage();
    await page.route("http://localhost/**", (route) => {
      const { pathname } = new URL(route.request().url());
      return pathname === "/"
        ? route.fulfill({ contentType: "text/html", body: PAGE })
        : route.fulfill({ contentType: "text/javascript", path: join(ROOT, pathname) });
    });
    await page.goto("http://localhost/");
    const [verdict, seconds] = await page.evaluate<[string, number]>(`(async () => {
      const { verify } = await import("/proof/dist/index.js");
      const began = performance.now();
      const { verdict } = await verify(${JSON.stringify(document)}, { trust: ${JSON.stringify(trust)}, now: ${Math.floor(Date.now() / 1000)} });
      return [verdict, (performance.now() - began) / 1000];
    })()`);
    if (verdict !== "valid") throw new Error(`in the browser the certificate is ${verdict}`);
    return Number(seconds.toFixed(2));
  } finally {
    await browser.close();
  }
}

/** As the service does when a batch has become final: a node's answers in, a proof that holds out. */
function buildProof(): void {
  const { trust, ledger, rawHeader, rawReceipts } = typedReceipt;
  const answers = { header: rawHeader, rawReceipts, accounts: [] };
  const proof = assembleFinalityProof(answers, { transactions: [0], accounts: [] });
  if (!verifyFinalityProof(proof, qbftJudge(trust, recoverKey), ledger).ok) throw new Error("the proof does not hold");
}

const perSecond = (milliseconds: number) => Math.floor(1000 / milliseconds);

async function measure(): Promise<Row[]> {
  const { options, papers } = receiptsOf(BLOCKS);
  const receipts = papers.map((paper) => JSON.stringify(paper));
  const large = await largeCertificate();
  const certificate = JSON.stringify(large.papers[0]);
  const [memory, host] = [findByMemory(), findByHost(recoverKey)];
  const otherBlocks = await cost((i) => check(receipts[i]!, options), BLOCKS - 4);
  const sameBlock = await cost(() => check(receipts[0]!, options), 10 * ROUNDS);
  const [receipt] = papers;
  const rows: Row[] = [
    {
      what: "Besu header, 4 seals, keys unknown",
      value: await cost(() => verifyQbftHeader(header(1), besuTrust)),
      unit: "ms",
    },
    {
      what: "Besu header, 4 seals, keys known",
      value: await cost((i) => verifyQbftHeader(header(i % 3), besuTrust, memory)),
      unit: "ms",
    },
    {
      what: "Besu header, 4 seals, by libsecp256k1",
      value: await cost((i) => verifyQbftHeader(header(i % 3), besuTrust, host)),
      unit: "ms",
    },
    {
      what: "receipt, the first of its validators",
      value: await cost(() => check(receipts[0]!, unknowing(options))),
      unit: "ms",
    },
    { what: "receipt of another block each", value: otherBlocks, unit: "ms" },
    { what: "the same a core", value: perSecond(otherBlocks), unit: "/s" },
    { what: "receipt, its block's seals and proof known", value: sameBlock, unit: "ms" },
    { what: "the same a core", value: perSecond(sameBlock), unit: "/s" },
    {
      what: "building and checking the finality of a batch, a node's answers at hand",
      value: await cost(buildProof),
      unit: "ms",
    },
    {
      what: "certificate, 3 years × 5 kinds, 100 pairs a bucket, 15 records shown: JSON",
      value: certificate.length,
      unit: "bytes",
    },
    {
      what: "the same, validators unknown",
      value: await cost(() => check(certificate, unknowing(large.options)), 10),
      unit: "ms",
    },
    {
      what: "the same, quanlian verify from start to end",
      value: commandSeconds(certificate, large.options.trust),
      unit: "s",
    },
    { what: "Besu header", value: network.rawHeaders[1]!.length / 2 - 1, unit: "bytes" },
    { what: "finality of a receipt (a block of one transaction), JSON", value: size(receipt!.finality), unit: "bytes" },
    { what: "the same, gzip", value: packed(receipt!.finality), unit: "bytes" },
  ];
  if (noBrowser !== null) console.error(noBrowser);
  else
    rows.push({
      what: "that certificate in Chromium",
      value: await browserSeconds(certificate, large.options.trust),
      unit: "s",
    });
  return rows;
}

export async function run(args: string[]): Promise<void> {
  const { values } = parseArgs({ args, options: { json: { type: "boolean" } } });
  const rows = await measure();
  const load = loadavg()[0]!.toFixed(1);
  const machine = `${cpus()[0]?.model ?? arch()}, ${cpus().length} cores, ${platform()}, Node ${process.versions.node}, load ${load}`;
  if (values.json) return console.log(JSON.stringify({ machine, date: new Date().toISOString(), rows }, null, 2));
  console.log(`${machine}\n`);
  console.log("| what | |\n|---|---|");
  for (const { what, value, unit } of rows) console.log(`| ${what} | ${value.toLocaleString("en")} ${unit} |`);
}
