import { createInterface } from "node:readline/promises";
import { hexToBytes } from "@noble/hashes/utils.js";
import type { Hex, Json, SealedBatch } from "@quanlian/proof";
import type { CheckedBatch, IssuedRecord, JournalEntry } from "./agent.ts";
import { read } from "./files.ts";
import { Journal, JournalDamaged } from "./journal.ts";
import { givenToken, Service, serviceAddress } from "./service.ts";
import { say, type SigningSettings, signWaiting } from "./signing.ts";
import { loadTrustList } from "./trust-list.ts";
import { parse, UsageError } from "./usage.ts";

/** `quanlian sign`, by hand: 0 when all that waited is signed, 1 when one was refused, 2 when the service could not be reached. */
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
  });
  const needed = (name: "service" | "department" | "key" | "statement-keys" | "journal") => {
    const value = values[name];
    if (value === undefined) throw new UsageError(`sign needs --${name}`);
    return value;
  };
  const settings: SigningSettings = {
    service: new Service(serviceAddress(needed("service")), givenToken),
    rules: {
      department: needed("department"),
      trust: await loadTrustList(values.trust),
      statementKeys: new Set(await hexLines(needed("statement-keys"))),
      expected: values.records === undefined ? null : await hashesOnly(values.records),
    },
    secretKey: await loadSigner(needed("key")),
    journal: await openJournal(needed("journal")),
    confirm: async (batch, checked) => {
      show(batch, checked);
      return values.yes === true || confirm();
    },
  };
  return EXIT_CODES[await signWaiting(settings)];
}

export const EXIT_CODES = { signed: 0, refused: 1, unreachable: 2 } as const;

/** @throws UsageError when it is damaged */
export async function openJournal(file: string): Promise<Journal<JournalEntry>> {
  return Journal.open<JournalEntry>(file).catch((error: unknown) => {
    throw error instanceof JournalDamaged ? new UsageError(error.message) : error;
  });
}

async function hashesOnly(file: string): Promise<Map<Hex, IssuedRecord>> {
  return new Map((await hexLines(file)).map((hash) => [hash, { supersedes: [], reason: null }]));
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

/** The 32 bytes of a key that `quanlian keygen signer` has made. @throws UsageError */
export async function loadSigner(file: string): Promise<Uint8Array> {
  const text = Buffer.from(await read(file)).toString();
  const match = /"secretKey":\s*"0x([0-9a-f]{64})"/.exec(text);
  if (!match) throw new UsageError(`${file} is not a signer key made by quanlian keygen signer`);
  return hexToBytes(match[1]!);
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
