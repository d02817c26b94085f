import { readFileSync } from "node:fs";
import { Readable } from "node:stream";
import { FileError } from "../../backend/src/records/files/file-error.ts";
import type { FileNote, FileRow } from "../../backend/src/records/files/file-row.ts";
import { readFile, type ReadOptions } from "../../backend/src/records/files/read-file.ts";

/** Everything that reading a file gave: rows and notes, and the error that ended it. */
export interface Reading {
  readonly rows: FileRow[];
  readonly notes: FileNote[];
  readonly error: FileError | null;
}

/** Reads a whole file, in pieces of a given size. Errors other than FileError are not expected and get through. */
export async function read(
  content: Buffer | string,
  options: Partial<ReadOptions> = {},
  pieceBytes = 64 * 1024,
): Promise<Reading> {
  return readStream(Readable.from(pieces(Buffer.from(content as string), pieceBytes), { objectMode: false }), options);
}

export async function readStream(input: Readable, options: Partial<ReadOptions> = {}): Promise<Reading> {
  const reading = { rows: [] as FileRow[], notes: [] as FileNote[] };
  const tell = (note: FileNote) => reading.notes.push(note);
  try {
    for await (const row of readFile(input, { fileName: "upload", tell, ...options })) reading.rows.push(row);
    return { ...reading, error: null };
  } catch (error) {
    if (!(error instanceof FileError)) throw error;
    return { ...reading, error };
  }
}

function* pieces(content: Buffer, bytes: number): Generator<Buffer> {
  for (let at = 0; at < content.length; at += bytes) yield content.subarray(at, at + bytes);
}

const folder = new URL("../fixtures/files/", import.meta.url);

/** A file of the corpus. */
export function fixture(name: string): Buffer {
  return readFileSync(new URL(name, folder));
}
