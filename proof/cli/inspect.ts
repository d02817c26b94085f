import { readStatement, recordHash, type Json, type Suite } from "@quanlian/proof";
import { read } from "./files.ts";
import { harmless } from "./print.ts";
import { suiteNamed } from "./suites.ts";
import { parse, UsageError } from "./usage.ts";

/** `quanlian inspect`: the document with its statements taken apart, nothing verified. */
export async function runInspect(args: string[]): Promise<number> {
  const { positionals } = parse(args, {});
  if (positionals.length !== 1) throw new UsageError("inspect one file, or - for standard input");
  const text = Buffer.from(await read(positionals[0]!))
    .toString("utf8")
    .trim();
  const bare = text.includes("~") && !text.startsWith("{");
  const document = bare ? null : parsed(text, positionals[0]!);
  const suite = await suiteNamed((document as { suite?: unknown } | null)?.suite);
  process.stderr.write("未经核验 · not verified\n");
  process.stdout.write(
    `${escaped(JSON.stringify(bare ? statement(text, suite) : opened(document, suite), null, 2))}\n`,
  );
  return 0;
}

function parsed(text: string, name: string): Json {
  try {
    return JSON.parse(text) as Json;
  } catch {
    throw new UsageError(`${name} is neither JSON nor a statement`);
  }
}

/** Every `statement` member replaced by what it says. */
function opened(value: Json, suite: Suite): Json {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map((part) => opened(part, suite));
  return Object.fromEntries(
    Object.entries(value).map(([name, part]) => [
      name,
      name === "statement" && typeof part === "string" ? statement(part, suite) : opened(part, suite),
    ]),
  );
}

function statement(text: string, suite: Suite): Json {
  const read = readStatement(text, suite);
  if (!read.ok) return { problem: read.code, detail: read.problem, recordHash: recordHash(text, suite) };
  const { header, payload, type, fields, recordHash: hash, disclosures } = read;
  return JSON.parse(
    JSON.stringify({
      recordHash: hash,
      type,
      header,
      payload,
      fields,
      hidden: payload._sd.length - disclosures.length,
    }),
  ) as Json;
}

/** JSON keeps its own line breaks; everything else that could trick a terminal is escaped. */
function escaped(json: string): string {
  return json.split("\n").map(harmless).join("\n");
}
