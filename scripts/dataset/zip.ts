import { once } from "node:events";
import { createWriteStream, type WriteStream } from "node:fs";
import { crc32, createDeflateRaw, type DeflateRaw } from "node:zlib";

interface Entry {
  readonly name: Buffer;
  readonly offset: number;
  crc: number;
  compressed: number;
  size: number;
}

/** 1980-01-01 00:00 in DOS form: archives of the same content are the same bytes. */
const dosDate = 0x0021;
/** Sizes follow the data (bit 3), names are UTF-8 (bit 11). */
const flags = 0x0808;

/**
 * A ZIP archive written from front to back (PKWARE APPNOTE 6.3, without ZIP64: entries and archive below 4 GiB).
 * Content comes in pieces, so an entry can be larger than memory. One entry is open at a time.
 */
export class ZipFile {
  readonly #out: WriteStream;
  readonly #entries: Entry[] = [];
  #offset = 0;
  #deflater: DeflateRaw | undefined;
  #copied: Promise<void> | undefined;

  constructor(path: string) {
    this.#out = createWriteStream(path);
  }

  async add(name: string, text: string): Promise<void> {
    await this.open(name);
    await this.write(text);
    await this.#finishEntry();
  }

  /** Begins an entry; what is written from now on is its content. */
  async open(name: string): Promise<void> {
    await this.#finishEntry();
    const entry = { name: Buffer.from(name), offset: this.#offset, crc: 0, compressed: 0, size: 0 };
    this.#entries.push(entry);
    await this.#put(localHeader(entry.name));
    this.#deflater = createDeflateRaw({ level: 6 });
    this.#copied = this.#copy(entry, this.#deflater);
  }

  async write(text: string): Promise<void> {
    const bytes = Buffer.from(text);
    const entry = this.#entries.at(-1)!;
    entry.crc = crc32(bytes, entry.crc);
    entry.size += bytes.length;
    if (!this.#deflater!.write(bytes)) await once(this.#deflater!, "drain");
  }

  async close(): Promise<void> {
    await this.#finishEntry();
    const directory = Buffer.concat(this.#entries.map(directoryEntry));
    this.#out.end(Buffer.concat([directory, endOfDirectory(this.#entries.length, directory.length, this.#offset)]));
    await once(this.#out, "close");
  }

  async #finishEntry(): Promise<void> {
    if (!this.#deflater) return;
    this.#deflater.end();
    await this.#copied;
    this.#deflater = undefined;
    await this.#put(descriptor(this.#entries.at(-1)!));
  }

  async #copy(entry: Entry, deflater: DeflateRaw): Promise<void> {
    for await (const bytes of deflater as AsyncIterable<Buffer>) {
      entry.compressed += bytes.length;
      await this.#put(bytes);
    }
  }

  async #put(bytes: Buffer): Promise<void> {
    this.#offset += bytes.length;
    if (!this.#out.write(bytes)) await once(this.#out, "drain");
  }
}

function localHeader(name: Buffer): Buffer {
  const header = Buffer.alloc(30);
  header.writeUInt32LE(0x04034b50, 0);
  header.writeUInt16LE(20, 4);
  header.writeUInt16LE(flags, 6);
  header.writeUInt16LE(8, 8);
  header.writeUInt16LE(dosDate, 12);
  header.writeUInt16LE(name.length, 26);
  return Buffer.concat([header, name]);
}

function descriptor({ crc, compressed, size }: Entry): Buffer {
  const bytes = Buffer.alloc(16);
  [0x08074b50, crc, compressed, size].forEach((value, index) => bytes.writeUInt32LE(value, index * 4));
  return bytes;
}

function directoryEntry({ name, crc, compressed, size, offset }: Entry): Buffer {
  const header = Buffer.alloc(46);
  header.writeUInt32LE(0x02014b50, 0);
  header.writeUInt16LE(20, 4);
  header.writeUInt16LE(20, 6);
  header.writeUInt16LE(flags, 8);
  header.writeUInt16LE(8, 10);
  header.writeUInt16LE(dosDate, 14);
  [crc, compressed, size].forEach((value, index) => header.writeUInt32LE(value, 16 + index * 4));
  header.writeUInt16LE(name.length, 28);
  header.writeUInt32LE(offset, 42);
  return Buffer.concat([header, name]);
}

function endOfDirectory(count: number, size: number, offset: number): Buffer {
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(count, 8);
  end.writeUInt16LE(count, 10);
  end.writeUInt32LE(size, 12);
  end.writeUInt32LE(offset, 16);
  return end;
}
