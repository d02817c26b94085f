import { tmpdir } from "node:os";
import { pipeline, type Readable } from "node:stream";
import { createGunzip } from "node:zlib";
import { EncodingScan, type Encoding } from "./encoding.ts";
import { damaged, expandsTooFar, FileError, tooLarge } from "./file-error.ts";
import type { FileLimits } from "./limits.ts";
import { compoundDirectory, compoundError, headBytes, isGzip, recognise } from "./recognise.ts";
import { ScratchFile } from "./scratch-file.ts";

/** An upload on disk, without its gzip layer: a zip archive, or text in a known encoding. */
export interface Spool {
  readonly file: ScratchFile;
  readonly content: "zip" | Encoding;
}

/**
 * Takes the upload in, so that it can be read twice and at any place, and settles everything that can be settled about
 * the file as a whole before its first row is handed out. The caller closes the file.
 * @throws FileError; errors of the upload stream and of the disk as they come
 */
export async function spoolUpload(input: Readable, limits: FileLimits, directory = tmpdir()): Promise<Spool> {
  const file = await ScratchFile.open(directory);
  try {
    const [head, upload] = await withHead(atMost(input, limits.uploadBytes));
    const [start, content] = isGzip(head) ? await withHead(gunzipped(upload, limits)) : [head, upload];
    const kind = recognise(start);
    const scan = new EncodingScan(limits.lineBytes);
    await writeAll(file, content, kind === "text" ? (chunk) => scan.push(chunk) : ignore);
    if (kind === "compound") throw await compoundFileError(file);
    return { file, content: kind === "zip" ? "zip" : scan.finish() };
  } catch (error) {
    await file.close();
    input.destroy();
    throw error;
  }
}

const ignore = () => undefined;

/** The first bytes, and all bytes including them. */
async function withHead(chunks: AsyncIterator<Buffer>): Promise<[head: Buffer, all: AsyncGenerator<Buffer>]> {
  let head = Buffer.alloc(0);
  while (head.length < headBytes) {
    const next = await chunks.next();
    if (next.done) break;
    head = Buffer.concat([head, next.value]);
  }
  return [head.subarray(0, headBytes), resumed(head, chunks)];
}

async function* resumed(head: Buffer, rest: AsyncIterator<Buffer>): AsyncGenerator<Buffer> {
  try {
    yield head;
    for (let next = await rest.next(); !next.done; next = await rest.next()) yield next.value;
  } finally {
    await rest.return?.();
  }
}

async function* atMost(chunks: AsyncIterable<Buffer>, limit: number): AsyncGenerator<Buffer> {
  let bytes = 0;
  for await (const chunk of chunks) {
    bytes += chunk.length;
    if (bytes > limit) throw tooLarge(`文件超过${limit}字节`, `The file has more than ${limit} bytes`);
    yield chunk;
  }
}

async function* gunzipped(packed: AsyncIterable<Buffer>, limits: FileLimits): AsyncGenerator<Buffer> {
  let taken = 0;
  const counted = async function* (): AsyncGenerator<Buffer> {
    for await (const chunk of packed) {
      taken += chunk.length;
      yield chunk;
    }
  };
  let given = 0;
  try {
    for await (const chunk of pipeline(counted, createGunzip(), ignore) as AsyncIterable<Buffer>) {
      given += chunk.length;
      checkExpansion(given, taken, limits);
      yield chunk;
    }
  } catch (error) {
    throw isZlibError(error) ? damaged("gzip 压缩包不完整", "The gzip archive is incomplete") : error;
  }
}

/** Refuses content that grows out of proportion while it is decompressed. */
export function checkExpansion(given: number, taken: number, limits: FileLimits): void {
  const free = given <= limits.ratioFreeBytes;
  if (given > limits.contentBytes || (!free && given > taken * limits.ratio)) throw expandsTooFar();
}

export function isZlibError(error: unknown): boolean {
  return error instanceof Error && "code" in error && String(error.code).startsWith("Z_");
}

async function writeAll(
  file: ScratchFile,
  chunks: AsyncIterable<Buffer>,
  seen: (chunk: Buffer) => void,
): Promise<void> {
  for await (const chunk of chunks) {
    seen(chunk);
    await file.append(chunk);
  }
}

async function compoundFileError(file: ScratchFile): Promise<FileError> {
  const header = await padded(file, 0, 512);
  return compoundError(await padded(file, compoundDirectory(header), 4096));
}

/** Zeros stand for what a file that was cut off lacks. */
async function padded(file: ScratchFile, position: number, length: number): Promise<Buffer> {
  return Buffer.concat([await file.read(position, length)], length);
}

/**
 * The content as text, without a byte order mark. NUL, which no database keeps, becomes the sign of broken text, so that
 * the value is refused by its column.
 */
export async function* decoded({ file, content }: Spool): AsyncGenerator<string> {
  const decoder = new TextDecoder(content === "zip" ? "utf-8" : content, { fatal: true });
  let first = true;
  for await (const chunk of file.stream()) {
    const text = decoder.decode(chunk as Buffer, { stream: true }).replaceAll("\0", "\uFFFD");
    yield first && text.startsWith("\uFEFF") ? text.slice(1) : text;
    first = false;
  }
  yield decoder.decode();
}
