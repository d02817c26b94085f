import { pipeline } from "node:stream";
import { crc32, createDeflateRaw } from "node:zlib";

/** A part to be written, its content in pieces of UTF-8 text. */
export interface ZipPart {
  readonly name: string;
  readonly content: Iterable<string> | AsyncIterable<string>;
}

interface Written {
  readonly name: Buffer;
  readonly offset: number;
  readonly crc: number;
  readonly packed: number;
  readonly plain: number;
}

/** 1980-01-01, so that equal content gives equal bytes. */
const dosDate = 0x0021;
/** Bit 3: sizes follow the data; bit 11: names are UTF-8. */
const flags = 0x0808;
const pieceBytes = 64 * 1024;

/** Writes a zip archive as it goes (APPNOTE 4.3), up to 4 GiB: nothing is kept but the directory. */
export async function* zipBytes(parts: Iterable<ZipPart>): AsyncGenerator<Buffer> {
  const written: Written[] = [];
  let offset = 0;
  for (const part of parts) {
    const name = Buffer.from(part.name);
    yield record(0x04034b50, [20, flags, 8, 0, dosDate], [0, 0, 0], [name.length, 0], name);
    const entry = yield* deflated(part.content);
    yield record(0x08074b50, [], [entry.crc, entry.packed, entry.plain], [], Buffer.alloc(0));
    written.push({ name, offset, ...entry });
    offset += 30 + name.length + entry.packed + 16;
  }
  const directory = Buffer.concat(written.map(directoryEntry));
  yield directory;
  const counts = [0, 0, written.length, written.length];
  yield record(0x06054b50, counts, [directory.length, offset], [0], Buffer.alloc(0));
}

async function* deflated(content: ZipPart["content"]): AsyncGenerator<Buffer, Omit<Written, "name" | "offset">> {
  let [crc, plain, packed] = [0, 0, 0];
  const counted = async function* (): AsyncGenerator<Buffer> {
    for await (const piece of gathered(content)) {
      crc = crc32(piece, crc);
      plain += piece.length;
      yield piece;
    }
  };
  for await (const chunk of pipeline(counted, createDeflateRaw(), () => undefined) as AsyncIterable<Buffer>) {
    packed += chunk.length;
    yield chunk;
  }
  return { crc, plain, packed };
}

/** Few large pieces: each one costs a turn of the event loop. */
async function* gathered(content: ZipPart["content"]): AsyncGenerator<Buffer> {
  let text = "";
  for await (const piece of content) {
    text += piece;
    if (text.length < pieceBytes) continue;
    yield Buffer.from(text);
    text = "";
  }
  if (text !== "") yield Buffer.from(text);
}

function directoryEntry({ name, offset, crc, packed, plain }: Written): Buffer {
  const head = record(
    0x02014b50,
    [20, 20, flags, 8, 0, dosDate],
    [crc, packed, plain],
    [name.length, 0, 0, 0, 0],
    Buffer.alloc(0),
  );
  const tail = Buffer.alloc(8);
  tail.writeUInt32LE(offset, 4);
  return Buffer.concat([head, tail, name]);
}

/** A zip record: signature, 16-bit fields, 32-bit fields, 16-bit fields, bytes; all little-endian. */
function record(signature: number, first: number[], sizes: number[], second: number[], bytes: Buffer): Buffer {
  const words = (values: number[]) => Buffer.from(Uint16Array.from(values).buffer);
  const longs = (values: number[]) => Buffer.from(Uint32Array.from(values).buffer);
  return Buffer.concat([longs([signature]), words(first), longs(sizes), words(second), bytes]);
}
