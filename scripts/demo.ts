// `npm run demo`: the whole main job in a throw-away folder, told step by step; `--json` prints one object instead.
// Everything that it says is computed from what the service, the chain and the verifier answer.
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { parseArgs } from "node:util";
import pg from "pg";
import type { Truth } from "./dataset/truth.ts";
import { anchoredSince, type Anchored } from "./demo/anchoring.ts";
import { certifyCleanRecord, type CleanRecord } from "./demo/clean-record.ts";
import { playForger } from "./demo/forger.ts";
import { importAll, type Imported } from "./demo/importing.ts";
import { collectReceipts, type Collected } from "./demo/receipts.ts";
import { playRogueAdministrator } from "./demo/rogue-administrator.ts";
import { ServiceClient, type HistoryRecord } from "./demo/service-client.ts";
import { Story } from "./demo/story.ts";
import type { Tampering } from "./demo/tampering.ts";
import { quanlianVerify } from "./demo/verify-command.ts";
import { StartError } from "./embedded/start-error.ts";
import { DemoTokens } from "./identity/demo-clients.ts";
import type { Platform } from "./launcher/platform.ts";
import { withThrowAwayPlatform } from "./launcher/throw-away.ts";

const FILES = join(import.meta.dirname, "../test/fixtures/demo");

interface Report {
  readonly import: Imported;
  readonly anchored: Anchored;
  readonly receipts: { readonly checked: number; readonly valid: number };
  readonly history: { readonly uscc: string; readonly records: readonly object[] };
  readonly cleanRecord: CleanRecord;
  readonly tampering: readonly Tampering[];
}

async function demonstrate(story: Story): Promise<Report> {
  story.step("Start PostgreSQL, an EVM node with the contracts, and the service, all on this machine");
  const say = (phrase: string) => story.line(phrase);
  return withThrowAwayPlatform(say, async (platform, folder) => {
    story.line(`up after ${story.seconds.toFixed(1)} s: ${platform.url}, ledger ${platform.deployment.ledger}`);
    const database = new pg.Client({ connectionString: platform.database.url });
    await database.connect();
    try {
      return await tell(story, platform, database, folder);
    } finally {
      await database.end();
    }
  });
}

async function tell(story: Story, platform: Platform, database: pg.Client, folder: string): Promise<Report> {
  const service = new ServiceClient(platform.url, new DemoTokens(platform.folder));
  const truth = JSON.parse(await readFile(join(FILES, "truth.json"), "utf8")) as Truth;

  story.step(`Import what ${new Set(truth.files.map(({ department }) => department)).size} departments deliver`);
  const began = performance.now();
  const imported = await importAll(service, FILES, truth, story);

  story.step("Anchor: signed batches, one transaction each, final once the chain is saved");
  const anchored = await anchoredSince(began, database, platform.chain.url);
  story.line(`${anchored.records} records in ${anchored.batches} batches, all final at block ${anchored.finalBlock}`);
  const perRecord = Math.round(anchored.gasUsed / anchored.records);
  story.line(`${anchored.seconds} s from the first upload; ${perRecord} gas a record, every bucket new or nearly so`);

  story.step("Hand out a receipt for every record, and verify all of them as anybody can: `quanlian verify`");
  const collected = await collectReceipts(database, service, folder, story);

  story.step(`Show the chain of one enterprise: ${truth.chain.name} ${truth.chain.uscc}`);
  const history = await service.history(truth.chain.uscc);
  for (const record of history) story.line(historyLine(record));

  story.step("Certify that its record of 2024 is clean, and verify the certificate with `quanlian verify`");
  const cleanRecord = await certifyCleanRecord(truth.chain.uscc, service, collected.trustFile, folder);
  story.line(cleanRecordLine(cleanRecord));

  story.step("Play a rogue administrator in the database, and ask the integrity run");
  const byAdministrator = await playRogueAdministrator(database, service);
  byAdministrator.forEach((line) => story.line(tableLine(line)));
  await tellOfReceipt(story, collected);

  story.step("Play a forger of receipts, and ask `quanlian verify`");
  const byForger = await playForger(collected, folder);
  byForger.forEach((line) => story.line(tableLine(line)));

  return {
    import: imported,
    anchored,
    receipts: { checked: collected.checked, valid: collected.valid },
    history: { uscc: truth.chain.uscc, records: history.map(historyEntry) },
    cleanRecord,
    tampering: [...byAdministrator, ...byForger],
  };
}

function cleanRecordLine({ uscc, period, streams, pairs, bytes, pdfBytes, verdict }: CleanRecord): string {
  const size = `${Math.ceil(bytes / 1024)} KiB, on paper ${Math.ceil(pdfBytes / 1024)} KiB`;
  const proof = `${streams} streams proven by ${pairs} pairs; ${size}`;
  return `${uscc}: no enforcement and no listing from ${period.from} to ${period.to}, ${verdict}; ${proof}`;
}

function historyEntry({ kind, type, number, links }: HistoryRecord): object {
  return {
    kind,
    type,
    number,
    links: links.map(({ rel, direction, cited, records }) => ({
      rel,
      direction,
      number: cited.number ?? null,
      answeredBy: records.map((record) => record.number),
    })),
  };
}

function historyLine({ eventTime, type, number, links }: HistoryRecord): string {
  const ends = links.map(({ rel, direction, cited, records }) => {
    const found = records.map((record) => record.number).join(", ");
    return `${direction === "cites" ? "→" : "←"} ${rel} ${found || `${cited.number} (nothing answers)`}`;
  });
  return [`${eventTime.slice(0, 10)}  ${type}  ${number}`, ...ends].join("\n        ");
}

function tableLine({ what, caught, code, field }: Tampering): string {
  return `${caught ? "caught" : "MISSED"}  ${[code, field].filter(Boolean).join(" · ") || "—"}  ⇐ ${what}`;
}

async function tellOfReceipt(story: Story, { fine, fineFile, trustFile }: Collected): Promise<void> {
  const [verdict] = await quanlianVerify([fineFile], trustFile, "online");
  const { department, sequence } = fine.batch;
  story.line(`A receipt handed out before (batch ${department}/${sequence}) is still ${verdict?.verdict}.`);
}

const { values } = parseArgs({ options: { json: { type: "boolean", default: false } } });
const story = new Story(values.json);
try {
  const report = await demonstrate(story);
  const { receipts, tampering } = report;
  const caught = tampering.filter((line) => line.caught).length;
  if (values.json) console.log(JSON.stringify(report, null, 2));
  story.step("Sum");
  story.line(
    `${receipts.valid} of ${receipts.checked} receipts valid, ${caught} of ${tampering.length} attempts caught`,
  );
  story.line(`${story.seconds.toFixed(1)} s altogether`);
  const isRight = receipts.valid === receipts.checked && report.cleanRecord.verdict === "valid";
  process.exitCode = isRight && caught === tampering.length ? 0 : 1;
} catch (error) {
  console.error(error instanceof StartError ? `quanlian: ${error.message}` : error);
  process.exitCode = 1;
}
