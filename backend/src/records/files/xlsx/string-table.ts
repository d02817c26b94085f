import type { ScratchFile } from "../scratch-file.ts";

const blockBytes = 64 * 1024;
const pageLength = 64 * 1024;
const cachedBlocks = 256;
const cachedStrings = 32 * 1024;
/** Longer strings are not kept decoded, which bounds the cache to some 20 MB. */
const cachedStringBytes = 256;

/**
 * The shared strings of a workbook, on disk: the table of a large sheet is larger than a service's memory. In memory
 * are four bytes a string, 16 MB of blocks, and the strings used last. Excel numbers strings in the order of their
 * first use, so reading the rows in order walks through the file in order.
 */
export class StringTable {
  readonly #file: ScratchFile;
  /** End of each string in the file, in pages so that growing copies nothing. */
  readonly #ends: Uint32Array[] = [];
  #count = 0;
  readonly #pending = Buffer.alloc(blockBytes);
  #flushed = 0;
  #filled = 0;
  readonly #blocks: ({ readonly index: number; readonly bytes: Buffer } | undefined)[] = [];
  readonly #keys = new Int32Array(cachedStrings).fill(-1);
  readonly #values: string[] = new Array<string>(cachedStrings).fill("");

  /** The table owns the file's content, not the file. */
  constructor(file: ScratchFile) {
    this.#file = file;
  }

  get count(): number {
    return this.#count;
  }

  add(text: string): void {
    const bytes = Buffer.from(text, "utf8");
    for (let at = 0; at < bytes.length;) {
      const taken = bytes.copy(this.#pending, this.#filled, at);
      at += taken;
      this.#filled += taken;
      if (this.#filled === blockBytes) this.#flush();
    }
    if (this.#count % pageLength === 0) this.#ends.push(new Uint32Array(pageLength));
    this.#ends.at(-1)![this.#count++ % pageLength] = this.#flushed + this.#filled;
  }

  /** The string of this index, which must be below `count`. */
  get(index: number): string {
    const slot = index % cachedStrings;
    if (this.#keys[slot] === index) return this.#values[slot]!;
    const start = index === 0 ? 0 : this.#end(index - 1);
    const end = this.#end(index);
    const text = this.#read(start, end);
    if (end - start <= cachedStringBytes) {
      this.#keys[slot] = index;
      this.#values[slot] = text;
    }
    return text;
  }

  #end(index: number): number {
    return this.#ends[Math.floor(index / pageLength)]![index % pageLength]!;
  }

  #flush(): void {
    this.#file.appendSync(this.#pending.subarray(0, this.#filled));
    this.#flushed += this.#filled;
    this.#filled = 0;
  }

  #read(start: number, end: number): string {
    const first = Math.floor(start / blockBytes);
    const from = start - first * blockBytes;
    if (end <= (first + 1) * blockBytes) return this.#block(first).toString("utf8", from, from + end - start);
    const parts = [this.#block(first).subarray(from)];
    for (let at = first + 1; at * blockBytes < end; at++) parts.push(this.#block(at));
    return Buffer.concat(parts).toString("utf8", 0, end - start);
  }

  /** Blocks are written whole, so the one not yet written is the pending one. */
  #block(index: number): Buffer {
    if (index * blockBytes >= this.#flushed) return this.#pending;
    const slot = index % cachedBlocks;
    const cached = this.#blocks[slot];
    if (cached?.index === index) return cached.bytes;
    const bytes = this.#file.readSync(index * blockBytes, blockBytes);
    this.#blocks[slot] = { index, bytes };
    return bytes;
  }
}
