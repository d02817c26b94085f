import { createReadStream } from "node:fs";
import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { UsageError } from "./usage.ts";

/** A document with the name to call it by. */
export interface Document {
  readonly name: string;
  readonly content: Uint8Array;
}

/** One byte more than `verify` reads: enough for it to see that a document is too large. */
const LIMIT = 64 * 1024 * 1024 + 1;

/**
 * The documents of the named files in turn: one a file, or one a line of an `.ndjson` file. `-` is standard input, a folder
 * stands for the `.json` and `.ndjson` files in it.
 * @param asLines every file and standard input hold one document a line.
 */
export async function* documents(names: readonly string[], asLines = false): AsyncGenerator<Document> {
  for (const name of names)
    if (await isFolder(name)) yield* documents(await filesIn(name), asLines);
    else if (asLines || name.endsWith(".ndjson")) yield* documentsByLine(name);
    else yield { name, content: await read(name) };
}

async function* documentsByLine(name: string): AsyncGenerator<Document> {
  let number = 0;
  for await (const content of lines(bytesOf(name))) {
    number++;
    if (content.length > 0) yield { name: `${name}:${number}`, content };
  }
}

async function isFolder(name: string): Promise<boolean> {
  return (
    name !== "-" &&
    (await stat(name).then(
      (found) => found.isDirectory(),
      () => false,
    ))
  );
}

/** By name. A folder without any is a mistake of the caller's, not a set of good documents. */
async function filesIn(folder: string): Promise<string[]> {
  const names = (await readdir(folder).catch(refuse(folder))).filter((name) => /\.(nd)?json$/.test(name)).sort();
  if (names.length === 0) throw new UsageError(`${folder} holds no .json or .ndjson file`);
  return names.map((name) => join(folder, name));
}

/** A file, or standard input for `-`, up to the limit. */
export async function read(name: string): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  let length = 0;
  for await (const part of bytesOf(name)) {
    parts.push(part);
    length += part.length;
    if (length >= LIMIT) break;
  }
  return Buffer.concat(parts).subarray(0, LIMIT);
}

async function* bytesOf(name: string): AsyncGenerator<Uint8Array> {
  try {
    yield* name === "-" ? process.stdin : createReadStream(name);
  } catch (error) {
    refuse(name)(error);
  }
}

function refuse(name: string) {
  return (error: unknown): never => {
    const { code } = error as NodeJS.ErrnoException;
    const reason = { ENOENT: "does not exist", EACCES: "may not be read", EISDIR: "is a folder" }[code ?? ""] ?? code;
    throw new UsageError(`${name} ${reason}`);
  };
}

const LINE_FEED = 10;

/** Lines end with U+000A alone: Node's readline also breaks at U+2028, which JSON text may hold. Longer lines are cut at the limit. */
export async function* lines(stream: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let parts: Uint8Array[] = [];
  let length = 0;
  const add = (part: Uint8Array) => {
    if (length < LIMIT) parts.push(part);
    length += part.length;
  };
  const take = () => {
    const line = Buffer.concat(parts).subarray(0, LIMIT);
    parts = [];
    length = 0;
    return line;
  };
  for await (const chunk of stream) {
    let start = 0;
    for (let end = chunk.indexOf(LINE_FEED); end >= 0; end = chunk.indexOf(LINE_FEED, start)) {
      add(chunk.subarray(start, end));
      yield take();
      start = end + 1;
    }
    add(chunk.subarray(start));
  }
  if (length > 0) yield take();
}
