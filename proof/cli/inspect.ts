import { readStatement, recordHash, type Json } from "@quanlian/proof";
import { read } from "./files.ts";
import { harmless } from "./print.ts";
import { parse, UsageError } from "./usage.ts";

/** `quanlian inspect`: the document with its statements taken apart, nothing verified. */
export async function runInspect(args: string[]): Promise<number> {
  const { positionals } = parse(args, {});
  if (positionals.length !== 1) throw new UsageError("inspect one file, or - for standard input");
  const text = Buffer.from(await read(positionals[0]!))
    .toString("utf8")
    .trim();
  const document = text.includes("~") && !text.startsWith("{") ? statement(text) : parsed(text, positionals[0]!);
  process.stderr.write("未经核验 · not verified\n");
  process.stdout.write(`${escaped(JSON.stringify(opened(document), null, 2))}\n`);
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
function opened(value: Json): Json {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map(opened);
  return Object.fromEntries(
    Object.entries(value).map(([name, part]) => [
      name,
      name === "statement" && typeof part === "string" ? statement(part) : opened(part),
    ]),
  );
}

function statement(text: string): Json {
  const read = readStatement(text);
  if (!read.ok) return { problem: read.code, detail: read.problem, recordHash: recordHash(text) };
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
