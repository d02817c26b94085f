import { existsSync } from "node:fs";
import { open, readFile } from "node:fs/promises";
import { createInterface } from "node:readline/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { hexToBytes } from "@noble/hashes/utils.js";
import type { Hex, Json } from "@quanlian/proof";
import {
  checkSealed,
  Refusal,
  signDigest,
  type AgentRules,
  type CheckedBatch,
  type SealedBatch,
  type SignedBefore,
} from "./agent.ts";
import { read } from "./files.ts";
import { addressOf } from "./keygen.ts";
import { harmless } from "./print.ts";
import { loadTrustList } from "./trust-list.ts";
import { parse, UsageError } from "./usage.ts";

interface Settings {
  readonly service: string;
  readonly rules: AgentRules;
  readonly secretKey: Uint8Array;
  readonly journal: string;
  readonly askFirst: boolean;
}

/** `quanlian sign`: 0 when all waiting batches are signed, 1 when one was refused, 2 when the service could not be reached. */
export async function runSign(args: string[]): Promise<number> {
  const { values } = parse(args, {
    service: { type: "string" },
    department: { type: "string" },
    key: { type: "string" },
    "statement-keys": { type: "string" },
    trust: { type: "string" },
    journal: { type: "string" },
    records: { type: "string" },
    yes: { type: "boolean" },
    every: { type: "string" },
  });
  const needed = (name: "service" | "department" | "key" | "statement-keys" | "journal") => {
    const value = values[name];
    if (value === undefined) throw new UsageError(`sign needs --${name}`);
    return value;
  };
  const settings: Settings = {
    service: serviceAddress(needed("service")),
    rules: {
      department: needed("department"),
      trust: await loadTrustList(values.trust),
      statementKeys: new Set(await hexLines(needed("statement-keys"))),
      expected: values.records === undefined ? null : new Set(await hexLines(values.records)),
    },
    secretKey: await loadSigner(needed("key")),
    journal: needed("journal"),
    askFirst: !values.yes,
  };
  if (values.every === undefined) return signWaiting(settings);
  const seconds = Number(values.every);
  if (!(seconds >= 1)) throw new UsageError("--every takes seconds");
  for (;;) {
    await signWaiting(settings);
    await sleep(seconds * 1000);
  }
}

function serviceAddress(text: string): string {
  if (!/^https?:\/\//.test(text) || !URL.canParse(text))
    throw new UsageError(`--service ${text} is not an http address`);
  return text.replace(/\/+$/, "");
}

async function hexLines(file: string): Promise<Hex[]> {
  const lines = Buffer.from(await read(file))
    .toString()
    .split(/\s+/)
    .filter((line) => line !== "");
  if (!lines.every((line) => /^0x[0-9a-f]{64}$/.test(line)))
    throw new UsageError(`${file} holds something else than 0x hashes`);
  return lines as Hex[];
}

async function loadSigner(file: string): Promise<Uint8Array> {
  const text = Buffer.from(await read(file)).toString();
  const match = /"secretKey":\s*"0x([0-9a-f]{64})"/.exec(text);
  if (!match) throw new UsageError(`${file} is not a signer key made by quanlian keygen signer`);
  return hexToBytes(match[1]!);
}

async function signWaiting(settings: Settings): Promise<number> {
  const batches = await waiting(settings).catch((error: unknown) => {
    say(`the service does not answer: ${(error as Error).message}`);
    return null;
  });
  if (!batches) return 2;
  let exitCode = 0;
  for (const batch of batches) exitCode = Math.max(exitCode, await signOne(batch, settings));
  return exitCode;
}

async function signOne(batch: SealedBatch, settings: Settings): Promise<number> {
  try {
    const checked = checkSealed(batch, settings.rules, await readJournal(settings.journal));
    show(batch, checked);
    if (settings.askFirst && !(await confirm())) return 1;
    await writeJournal(settings.journal, checked.signed);
    await hand(batch, checked, settings);
    say(`batch ${batch.sequence} signed by ${addressOf(settings.secretKey)}`);
    return 0;
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    say(`batch ${batch.sequence} NOT signed: ${error.message}`);
    return 1;
  }
}

function say(text: string): void {
  process.stdout.write(`${harmless(text)}\n`);
}

const MAX_SHOWN = 20;

function show({ sequence, kind, year }: SealedBatch, { records, signed }: CheckedBatch): void {
  say(`batch ${sequence}: kind ${kind}, year ${year}, ${records.length} records, entries hash ${signed.entriesHash}`);
  for (const { type, fields, recordHash } of records.slice(0, MAX_SHOWN))
    say(["", type, textOr(fields.number, recordHash), textOr(fields.subjectName, "")].join("  "));
  if (records.length > MAX_SHOWN) say(`  … and ${records.length - MAX_SHOWN} more`);
}

function textOr(value: Json | undefined, otherwise: string): string {
  return typeof value === "string" ? value : otherwise;
}

async function confirm(): Promise<boolean> {
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  const answer = await terminal.question("Sign this batch? [y/N] ");
  terminal.close();
  return /^y(es)?$/i.test(answer.trim());
}

/** Oldest first. A last line without its end was cut off by a crash and never followed by a signature. */
async function readJournal(file: string): Promise<SignedBefore[]> {
  if (!existsSync(file)) return [];
  const lines = (await readFile(file, "utf8")).split("\n").slice(0, -1);
  try {
    return lines.map((line) => JSON.parse(line) as SignedBefore);
  } catch {
    throw new Refusal(`the journal ${file} is damaged`);
  }
}

/** On the disk before the signature leaves the house. */
async function writeJournal(file: string, entry: SignedBefore): Promise<void> {
  const handle = await open(file, "a+", 0o600);
  const text = await handle.readFile("utf8");
  await handle.truncate(Buffer.byteLength(text.slice(0, text.lastIndexOf("\n") + 1)));
  await handle.write(`${JSON.stringify(entry)}\n`);
  await handle.sync();
  await handle.close();
}

function headers(): Record<string, string> {
  const token = process.env.QUANLIAN_TOKEN;
  return { "content-type": "application/json", ...(token && { authorization: `Bearer ${token}` }) };
}

const TIMEOUT = 30_000;

async function waiting({ service, rules }: Settings): Promise<SealedBatch[]> {
  const url = `${service}/api/v1/agent/batches?department=${encodeURIComponent(rules.department)}`;
  const response = await fetch(url, { headers: headers(), signal: AbortSignal.timeout(TIMEOUT) });
  if (!response.ok) throw new Error(`HTTP ${response.status}`);
  const { batches } = (await response.json()) as { batches?: SealedBatch[] };
  if (!Array.isArray(batches)) throw new Error("the answer has no batches");
  return batches;
}

async function hand(batch: SealedBatch, { signed, digest }: CheckedBatch, settings: Settings): Promise<void> {
  const { department, kind, year, sequence } = batch;
  const signature = signDigest(digest, settings.secretKey);
  const response = await fetch(`${settings.service}/api/v1/agent/batches/${sequence}/signature`, {
    method: "POST",
    headers: headers(),
    body: JSON.stringify({ department, kind, year, entriesHash: signed.entriesHash, signature }),
    signal: AbortSignal.timeout(TIMEOUT),
  });
  if (!response.ok) throw new Refusal(`the service did not take the signature (HTTP ${response.status})`);
}
