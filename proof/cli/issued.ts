import { createReadStream, existsSync } from "node:fs";
import { stat } from "node:fs/promises";
import type { Hex } from "@quanlian/proof";
import type { IssuedRecord } from "./agent.ts";
import { lines } from "./files.ts";

/** A statement that the department has made, as its file keeps it: one JSON line each. */
export interface IssuedLine extends IssuedRecord {
  readonly recordHash: Hex;
  /** SHA-256 of what was to be put on record, so that the same is not signed twice. */
  readonly draft: string;
  readonly statement: string;
}

/** The lines of the file from a byte on; one that is still being written is left out. */
export async function* issuedLines(file: string, from = 0): AsyncGenerator<{ line: IssuedLine; end: number }> {
  if (!existsSync(file)) return;
  const { size } = await stat(file);
  let end = from;
  for await (const bytes of lines(createReadStream(file, { start: from }))) {
    end += bytes.length + 1;
    if (end > size) return;
    yield { line: JSON.parse(Buffer.from(bytes).toString()) as IssuedLine, end };
  }
}

/** What the department has issued so far; grows as the file does, of which only the new part is read. */
export class IssuedLog {
  readonly #file: string;
  readonly #records = new Map<Hex, IssuedRecord>();
  #read = 0;

  constructor(file: string) {
    this.#file = file;
  }

  /** By record hash; null while the department has issued nothing here. */
  async records(): Promise<ReadonlyMap<Hex, IssuedRecord> | null> {
    if (!existsSync(this.#file)) return null;
    for await (const { line, end } of issuedLines(this.#file, this.#read)) {
      this.#records.set(line.recordHash, { supersedes: line.supersedes, reason: line.reason });
      this.#read = end;
    }
    return this.#records;
  }
}
