// The command line on many receipts at once: npm run bench -- receipts [--count 100000] [--batch 1000] [--json]
// They are real ones (27 fields, ES256, a path of ten hashes) of a ledger that nobody can ask, and the last one is altered: every
// run must find it and end with exit code 1.
import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { createWriteStream } from "node:fs";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { bundleReceipts, issueStatement, merkleTree, type Receipt } from "@quanlian/proof";
import { MUNICIPAL, World } from "../../proof/testing/world.ts";
import { draft, signer } from "./proof.ts";

interface Row {
  readonly what: string;
  readonly seconds: number;
  /** Of one core, as far as the system tells. */
  readonly cpuSeconds: number | null;
  readonly perCpuSecond: number | null;
  /** Most memory that the process ever held, in MB; null where the system does not tell. */
  readonly peakMegabytes: number | null;
  readonly exitCode: number | null;
  /** The last line that the command printed. */
  readonly said: string;
}

const bin = fileURLToPath(new URL("../../proof/bin/quanlian.mjs", import.meta.url));
const MEGABYTE = 1024 * 1024;
/** Below the 64 MiB that a document may have. */
const BUNDLE_BYTES = 60 * MEGABYTE;

/** Batch after batch of receipts of one department. */
function* receipts(world: World, count: number, perBatch: number): Generator<Receipt> {
  const by = signer();
  const { chainId, genesisHash, ledger } = world.trusted;
  for (let sequence = 1; (sequence - 1) * perBatch < count; sequence++) {
    const size = Math.min(perBatch, count - (sequence - 1) * perBatch);
    const issued = Array.from({ length: size }, () => issueStatement(draft(), by, randomBytes));
    const { root, path } = merkleTree(issued.map(({ recordHash }) => recordHash));
    const reference = { chainId, genesisHash, ledger, blockNumber: sequence, blockHash: root, blockTime: world.now };
    for (const [i, { statement }] of issued.entries())
      yield spoiltIf(sequence * perBatch >= count && i === size - 1, {
        format: "quanlian-receipt/1",
        suite: "ES256-SHA256-KECCAK",
        statement,
        statementKey: by.publicJwk,
        batch: { department: MUNICIPAL, kind: 4, year: 2026, sequence, count: size, root },
        path: path(i),
        anchor: { ...reference, transactionHash: root, logIndex: 0 },
        finality: null,
      });
  }
}

/** One character of one field is another. */
function spoiltIf(last: boolean, receipt: Receipt): Receipt {
  if (!last) return receipt;
  const parts = receipt.statement.split("~").map((part, i) => (i === 0 ? part : spoilt(part)));
  return { ...receipt, statement: parts.join("~") };
}

function spoilt(disclosure: string): string {
  const text = Buffer.from(disclosure, "base64url").toString().replace("第7项", "第8项");
  return Buffer.from(text).toString("base64url");
}

/** Writes them thrice: into `files/`, `lines.ndjson` and `bundles/`. */
async function write(folder: string, all: Iterable<Receipt>): Promise<number> {
  await mkdir(join(folder, "files"));
  await mkdir(join(folder, "bundles"));
  const lines = createWriteStream(join(folder, "lines.ndjson"));
  let [bundle, bytes, bundles, number]: [Receipt[], number, number, number] = [[], 0, 0, 0];
  const flush = async () => {
    await writeFile(join(folder, "bundles", `${bundles++}.json`), JSON.stringify(bundleReceipts(bundle)));
    [bundle, bytes] = [[], 0];
  };
  for (const receipt of all) {
    const text = JSON.stringify(receipt);
    await writeFile(join(folder, "files", `${String(number++).padStart(7, "0")}.json`), text);
    if (!lines.write(`${text}\n`)) await new Promise<void>((resolve) => lines.once("drain", resolve));
    if (bytes + text.length > BUNDLE_BYTES) await flush();
    bundle.push(receipt);
    bytes += text.length;
  }
  await flush();
  await new Promise<void>((resolve) => lines.end(() => resolve()));
  return bundles;
}

async function measure(what: string, count: number, args: readonly string[]): Promise<Row> {
  const started = performance.now();
  const child = spawn(process.execPath, [bin, "verify", ...args], { stdio: ["ignore", "pipe", "inherit"] });
  let used: Usage | null = null;
  const watch = setInterval(() => void usageOf(child.pid!).then((usage) => (used = usage ?? used)), 50);
  let tail = "";
  child.stdout.on("data", (part: Buffer) => (tail = (tail + part.toString()).slice(-400)));
  const exitCode = await new Promise<number | null>((resolve) => child.once("close", resolve));
  clearInterval(watch);
  const { cpuSeconds, peakMegabytes } = (used as Usage | null) ?? { cpuSeconds: null, peakMegabytes: null };
  return {
    what,
    seconds: (performance.now() - started) / 1000,
    cpuSeconds,
    perCpuSecond: cpuSeconds && Math.round(count / cpuSeconds),
    peakMegabytes,
    exitCode,
    said: tail.trim().split("\n").at(-1) ?? "",
  };
}

interface Usage {
  readonly cpuSeconds: number;
  readonly peakMegabytes: number;
}

const TICKS_A_SECOND = 100;

/** From Linux's /proc: user and system time so far, and the high-water mark of memory. Null elsewhere, or when the process has ended. */
async function usageOf(pid: number): Promise<Usage | null> {
  const [status, times] = await Promise.all(
    ["status", "stat"].map((file) => readFile(`/proc/${pid}/${file}`, "utf8").catch(() => "")),
  );
  const kilobytes = /^VmHWM:\s+(\d+) kB/m.exec(status!)?.[1];
  const [user, system] = times!
    .slice(times!.lastIndexOf(")") + 2)
    .split(" ")
    .slice(11, 13)
    .map(Number);
  if (kilobytes === undefined || user === undefined || system === undefined) return null;
  return { cpuSeconds: (user + system) / TICKS_A_SECOND, peakMegabytes: Math.round(Number(kilobytes) / 1024) };
}

export async function run(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      json: { type: "boolean" },
      count: { type: "string", default: "100000" },
      batch: { type: "string", default: "1000" },
    },
  });
  const count = Number(values.count);
  const folder = await mkdtemp(join(tmpdir(), "quanlian-receipts-"));
  try {
    const world = new World("bench");
    await writeFile(join(folder, "trust.json"), JSON.stringify(world.trust));
    const bundles = await write(folder, receipts(world, count, Number(values.batch)));
    const options = ["--trust", join(folder, "trust.json"), "--offline", "--lang", "en"];
    const rows = [
      await measure(`${count} separate files`, count, [join(folder, "files"), ...options]),
      await measure(`one file of ${count} lines`, count, [join(folder, "lines.ndjson"), ...options]),
      await measure(`${bundles} bundles`, count, [join(folder, "bundles"), ...options]),
    ];
    if (values.json) console.log(JSON.stringify({ rows }));
    else for (const row of rows) console.log(line(row));
  } finally {
    await rm(folder, { recursive: true });
  }
}

function line({ what, seconds, cpuSeconds, perCpuSecond, peakMegabytes, exitCode, said }: Row): string {
  const cpu = `${cpuSeconds?.toFixed(1)} s of one core (${perCpuSecond?.toLocaleString("en")}/s)`;
  return `${what.padEnd(28)}${seconds.toFixed(1)} s, ${cpu}  ${peakMegabytes} MB  exit ${exitCode}  ${said}`;
}
