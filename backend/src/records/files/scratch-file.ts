import { createCipheriv, randomBytes, randomUUID } from "node:crypto";
import { appendFileSync, readSync } from "node:fs";
import { type FileHandle, open, rm } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";

const CIPHER = "aes-256-ctr";
/** What the cipher's counter counts, in bytes. */
const BLOCK = 16;
/** Bytes that a stream reads at a time. */
const PIECE = 256 * 1024;

/**
 * A file for what does not fit into memory while an upload is read. It has no name on disk from the start and is encrypted
 * under a key that exists only in this object: nothing of it stays behind whatever happens to the process, and what the disk
 * keeps of its blocks opens for nobody. AES-256 in counter mode is read at any place; every byte is written once, so no part
 * of the key stream ever serves twice. Nobody but this process can write to it, so nothing is authenticated.
 */
export class ScratchFile {
  readonly #handle: FileHandle;
  readonly #key = randomBytes(32);
  readonly #cipher = createCipheriv(CIPHER, this.#key, Buffer.alloc(BLOCK));
  #size = 0;

  private constructor(handle: FileHandle) {
    this.#handle = handle;
  }

  /** @throws errors of the disk */
  static async open(directory: string): Promise<ScratchFile> {
    const path = join(directory, `quanlian-${randomUUID()}`);
    const handle = await open(path, "wx+", 0o600);
    await rm(path);
    return new ScratchFile(handle);
  }

  /** In bytes. */
  get size(): number {
    return this.#size;
  }

  async append(bytes: Uint8Array): Promise<void> {
    await this.#handle.appendFile(this.#sealed(bytes));
  }

  appendSync(bytes: Uint8Array): void {
    appendFileSync(this.#handle.fd, this.#sealed(bytes));
  }

  /** Fewer bytes than `length` at the end of the file only. */
  async read(position: number, length: number): Promise<Buffer> {
    const { buffer, bytesRead } = await this.#handle.read(Buffer.alloc(length), 0, length, position);
    return this.#opened(buffer.subarray(0, bytesRead), position);
  }

  readSync(position: number, length: number): Buffer {
    const buffer = Buffer.alloc(length);
    return this.#opened(buffer.subarray(0, readSync(this.#handle.fd, buffer, 0, length, position)), position);
  }

  /** @param end the place after the last byte */
  stream(start = 0, end = this.#size): Readable {
    return Readable.from(this.#pieces(start, end), { objectMode: false });
  }

  async close(): Promise<void> {
    await this.#handle.close();
  }

  async *#pieces(start: number, end: number): AsyncGenerator<Buffer> {
    for (let at = start; at < end;) {
      const piece = await this.read(at, Math.min(PIECE, end - at));
      if (piece.length === 0) return;
      yield piece;
      at += piece.length;
    }
  }

  #sealed(bytes: Uint8Array): Buffer {
    this.#size += bytes.length;
    return this.#cipher.update(bytes);
  }

  #opened(bytes: Buffer, position: number): Buffer {
    const skipped = position % BLOCK;
    const counter = Buffer.alloc(BLOCK);
    counter.writeBigUInt64BE(BigInt((position - skipped) / BLOCK), BLOCK - 8);
    const cipher = createCipheriv(CIPHER, this.#key, counter);
    cipher.update(Buffer.alloc(skipped));
    return cipher.update(bytes);
  }
}
