import { verify, type Language, type Verdict, type VerifyOptions } from "@quanlian/proof";
import { documents, type Document } from "./files.ts";
import { nodeChooser } from "./nodes.ts";
import { printHeadline, printVerdict } from "./print.ts";
import { suitesFor } from "./suites.ts";
import { loadTrustList } from "./trust-list.ts";
import { parse, UsageError } from "./usage.ts";

export const EXIT_CODES = { valid: 0, invalid: 1, undecided: 2 } as const;

/** `quanlian verify`: 0 when every document is valid, 1 when one is not, else 2. */
export async function runVerify(args: string[]): Promise<number> {
  const { values, positionals } = parse(args, {
    trust: { type: "string" },
    rpc: { type: "string", multiple: true },
    offline: { type: "boolean" },
    json: { type: "boolean" },
    lines: { type: "boolean" },
    lang: { type: "string" },
  });
  if (positionals.length === 0) throw new UsageError("verify what? Name a file, or - for standard input");
  const language = chooseLanguage(values.lang);
  const options: VerifyOptions = {
    trust: await loadTrustList(values.trust),
    chain: values.offline ? undefined : nodeChooser(values.rpc ?? []),
    now: Math.floor(Date.now() / 1000),
    ...(isOne(positionals, values.lines)
      ? {}
      : { recoverKey: (await import("@quanlian/proof/libsecp256k1")).recoverKey }),
  };
  const report = values.json ? reportAsJson() : reportToPeople(language);
  for await (const document of documents(positionals, values.lines)) {
    const suites = await suitesFor(document.content);
    report.add(document, await verify(document.content, { ...options, suites }));
  }
  return report.end();
}

/** Loading the faster way to recover keys takes longer than the seals of one paper do. */
function isOne(names: readonly string[], asLines = false): boolean {
  return names.length === 1 && names[0]!.endsWith(".json") && !asLines;
}

export function chooseLanguage(named: string | undefined): Language {
  if (named !== undefined && named !== "zh" && named !== "en") throw new UsageError("--lang is zh or en");
  const locale = process.env.LC_ALL || process.env.LANG || "";
  return named ?? (locale.startsWith("en") ? "en" : "zh");
}

interface Report {
  add(document: Document, verdict: Verdict): void;
  end(): number;
}

/** One line of JSON a document: `{"file", …verdict}`. */
function reportAsJson(): Report {
  let exitCode = 0;
  return {
    add: ({ name }, verdict) => {
      exitCode = worse(exitCode, verdict);
      process.stdout.write(`${JSON.stringify({ file: name, ...verdict })}\n`);
    },
    end: () => exitCode,
  };
}

function worse(exitCode: number, { verdict }: Verdict): number {
  if (exitCode === 1 || verdict === "invalid") return 1;
  return Math.max(exitCode, EXIT_CODES[verdict]);
}

const PROGRESS_EVERY = 500;

/** Most documents of one verdict that are shown in full, and not by a line each. */
const IN_FULL = 20;

/** One document in full; of many, those that are not valid, and the sum. */
function reportToPeople(language: Language): Report {
  const count = { valid: 0, invalid: 0, undecided: 0 };
  let exitCode = 0;
  let first: string | null = null;
  let total = 0;
  const showFirst = () => {
    if (first !== null) process.stdout.write(`${first}\n`);
    first = null;
  };
  return {
    add: ({ name }, verdict) => {
      exitCode = worse(exitCode, verdict);
      count[verdict.verdict]++;
      total++;
      if (total === 1) first = printVerdict(name, verdict, language);
      else if (verdict.verdict !== "valid") {
        showFirst();
        const print = count[verdict.verdict] > IN_FULL ? printHeadline : printVerdict;
        process.stdout.write(`${print(name, verdict, language)}\n`);
      }
      if (total % PROGRESS_EVERY === 0 && process.stderr.isTTY) process.stderr.write(`\r${total} …`);
    },
    end: () => {
      if (total > PROGRESS_EVERY && process.stderr.isTTY) process.stderr.write("\r");
      if (total === 1 || exitCode !== 0) showFirst();
      if (total !== 1) process.stdout.write(`${sum(count, total, language)}\n`);
      return total === 0 ? 2 : exitCode;
    },
  };
}

function sum(count: Readonly<Record<Verdict["verdict"], number>>, total: number, language: Language): string {
  const { valid, invalid, undecided } = count;
  return language === "zh"
    ? `共 ${total} 份：${valid} 份真实有效，${invalid} 份未通过，${undecided} 份未能得出结论。`
    : `${total} documents: ${valid} valid, ${invalid} not valid, ${undecided} undecided.`;
}
