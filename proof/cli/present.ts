import { writeFile } from "node:fs/promises";
import { presentStatement, readStatement, type Receipt, type Suite } from "@quanlian/proof";
import { read } from "./files.ts";
import { harmless } from "./print.ts";
import { suiteNamed } from "./suites.ts";
import { parse, UsageError } from "./usage.ts";

/** `quanlian present`: a receipt that shows only chosen fields. What it proves stays the same. */
export async function runPresent(args: string[]): Promise<number> {
  const { values, positionals } = parse(args, { show: { type: "string" }, out: { type: "string" } });
  if (positionals.length !== 1) throw new UsageError("present one receipt, or - for standard input");
  const receipt = parseReceipt(Buffer.from(await read(positionals[0]!)).toString("utf8"));
  const suite = await suiteNamed(receipt.suite);
  const fields = fieldsOf(receipt, suite);
  if (values.show === undefined) {
    for (const [name, value] of Object.entries(fields))
      process.stdout.write(`${name}  ${harmless(JSON.stringify(value))}\n`);
    return 0;
  }
  const names = values.show.split(",").filter((name) => name !== "");
  const missing = names.find((name) => !Object.hasOwn(fields, name));
  if (missing !== undefined) throw new UsageError(`the receipt does not disclose ${harmless(missing)}`);
  const shown = `${JSON.stringify({ ...receipt, statement: presentStatement(receipt.statement, names, suite) }, null, 2)}\n`;
  if (values.out === undefined) process.stdout.write(shown);
  else await writeFile(values.out, shown);
  return 0;
}

function parseReceipt(text: string): Receipt {
  try {
    const receipt = JSON.parse(text) as Receipt | null;
    if (receipt?.format === "quanlian-receipt/1" && typeof receipt.statement === "string") return receipt;
  } catch {
    // told below
  }
  throw new UsageError("the file is not a receipt");
}

function fieldsOf({ statement }: Receipt, suite: Suite) {
  const read = readStatement(statement, suite);
  if (!read.ok) throw new UsageError(`the receipt's statement is not sound (${read.code})`);
  return read.fields;
}
