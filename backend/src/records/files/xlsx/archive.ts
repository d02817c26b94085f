import { pipeline, type Readable } from "node:stream";
import { crc32, createInflateRaw } from "node:zlib";
import { type Entry, fromRandomAccessReaderPromise, RandomAccessReader, type ZipFile } from "yauzl";
import { clipped, damaged, expandsTooFar, FileError, tooLarge } from "../file-error.ts";
import type { FileLimits } from "../limits.ts";
import { encrypted } from "../recognise.ts";
import type { ScratchFile } from "../scratch-file.ts";
import { checkExpansion, isZlibError, type Spool } from "../spool.ts";

const stored = 0;
const deflated = 8;

/** How yauzl reads a file that only its owner can decrypt. */
class ScratchReader extends RandomAccessReader {
  readonly #file: ScratchFile;

  constructor(file: ScratchFile) {
    super();
    this.#file = file;
  }

  override _readStreamForRange(start: number, end: number): Readable {
    return this.#file.stream(start, end);
  }
}

/** The parts of a workbook by lower-case path without a leading slash; nothing is ever written to a path. */
export class Archive {
  readonly #zip: ZipFile;
  readonly #parts: ReadonlyMap<string, Entry>;
  readonly #limits: FileLimits;

  private constructor(zip: ZipFile, parts: ReadonlyMap<string, Entry>, limits: FileLimits) {
    this.#zip = zip;
    this.#parts = parts;
    this.#limits = limits;
  }

  /** @throws FileError FILE_DAMAGED when the directory at the end of the archive is missing or wrong, TOO_LARGE */
  static async open({ file }: Spool, limits: FileLimits): Promise<Archive> {
    try {
      const options = { autoClose: false, decodeStrings: false };
      const zip = await fromRandomAccessReaderPromise(new ScratchReader(file), file.size, options);
      if (zip.entryCount > limits.zipEntries) throw tooLarge("压缩包中文件过多", "The archive holds too many parts");
      const parts = new Map<string, Entry>();
      for await (const entry of zip.eachEntry()) parts.set(partName(entry.fileNameRaw.toString("utf8")), entry);
      return new Archive(zip, parts, limits);
    } catch (error) {
      throw error instanceof FileError || isSystemError(error) ? error : cutOff();
    }
  }

  has(name: string): boolean {
    return this.#parts.has(partName(name));
  }

  /** A part that is small in every honest workbook, since what it lists is kept in memory. */
  readSmall(name: string): AsyncGenerator<Buffer> {
    return this.read(name, this.#limits.smallPartBytes);
  }

  /** Whether some part lies in this folder. */
  hasFolder(name: string): boolean {
    return [...this.#parts.keys()].some((part) => part.startsWith(`${name}/`));
  }

  /**
   * The bytes of a part, decompressed, bounded, and checked against their CRC-32 once all have passed.
   * @throws FileError FILE_DAMAGED, FILE_ENCRYPTED, FILE_EXPANDS_TOO_FAR
   */
  async *read(name: string, maxBytes = this.#limits.contentBytes): AsyncGenerator<Buffer> {
    const entry = this.#parts.get(partName(name));
    if (!entry) throw missingPart(name);
    if (entry.isEncrypted()) throw encrypted();
    if (entry.uncompressedSize > maxBytes) throw expandsTooFar();
    let bytes = 0;
    let checksum = 0;
    for await (const chunk of this.#decompressed(entry)) {
      bytes += chunk.length;
      if (bytes > entry.uncompressedSize) throw corrupt();
      checkExpansion(bytes, entry.compressedSize, this.#limits);
      checksum = crc32(chunk, checksum);
      yield chunk;
    }
    if (bytes !== entry.uncompressedSize || checksum !== entry.crc32) throw corrupt();
  }

  async *#decompressed(entry: Entry): AsyncGenerator<Buffer> {
    const raw = await this.#rawStream(entry);
    try {
      yield* entry.compressionMethod === stored ? raw : inflated(raw);
    } catch (error) {
      throw isZlibError(error) ? corrupt() : error;
    }
  }

  async #rawStream(entry: Entry): Promise<Readable> {
    if (entry.compressionMethod !== stored && entry.compressionMethod !== deflated) throw corrupt();
    try {
      return await this.#zip.openReadStreamPromise(entry, { decodeFileData: false });
    } catch (error) {
      throw isSystemError(error) ? error : cutOff();
    }
  }
}

/** A failing disk is nobody's file. */
function isSystemError(error: unknown): boolean {
  return error instanceof Error && "syscall" in error;
}

function inflated(raw: Readable): AsyncIterable<Buffer> {
  return pipeline(raw, createInflateRaw({ chunkSize: 128 * 1024 }), () => undefined);
}

/** Old writers use backslashes, a leading slash, or another case than the relationships do. */
function partName(path: string): string {
  return path.replaceAll("\\", "/").replace(/^\/+/, "").toLowerCase();
}

function missingPart(name: string): FileError {
  return damaged(`工作簿缺少部件 ${clipped(name)}`, `The workbook lacks its part ${clipped(name)}`);
}

function cutOff(): FileError {
  return damaged("文件不完整，可能传输中断", "The file is incomplete, perhaps cut off in transfer");
}

function corrupt(): FileError {
  return damaged("文件内容校验失败", "The content does not match its checksum");
}
