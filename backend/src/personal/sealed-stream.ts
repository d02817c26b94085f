import type { KeyVault } from "../departments/key-vault.ts";

/** Plain bytes of one chunk. */
const CHUNK = 65_536;
/** What sealing adds to a chunk: nonce and tag of AES-256-GCM. */
const OVERHEAD = 28;

/**
 * Seals a stream chunk by chunk, in constant memory. Each chunk is bound to its place and to being the last or not (the STREAM
 * construction of Hoang, Reyhanitabar, Rogaway and Vizár, 2015), so none can be left out, repeated, moved or cut off at the end.
 */
export async function* sealStream(
  plain: AsyncIterable<Uint8Array>,
  vault: KeyVault,
  context: string,
): AsyncGenerator<Buffer> {
  for await (const { bytes, place, isLast } of pieces(plain, CHUNK))
    yield vault.seal(bytes, contextOf(context, place, isLast));
}

/** @throws when anything was altered, or another key or context sealed it; what came before is sound */
export async function* openStream(
  sealed: AsyncIterable<Uint8Array>,
  vault: KeyVault,
  context: string,
): AsyncGenerator<Buffer> {
  for await (const { bytes, place, isLast } of pieces(sealed, CHUNK + OVERHEAD))
    yield vault.open(bytes, contextOf(context, place, isLast));
}

interface Piece {
  readonly bytes: Buffer;
  readonly place: number;
  readonly isLast: boolean;
}

/** Pieces of `size` bytes, the last one shorter or as long; of an empty stream one empty piece. */
async function* pieces(chunks: AsyncIterable<Uint8Array>, size: number): AsyncGenerator<Piece> {
  let waiting: Uint8Array[] = [];
  let length = 0;
  let place = 0;
  for await (const chunk of chunks) {
    waiting.push(chunk);
    length += chunk.length;
    if (length <= size) continue;
    const all = Buffer.concat(waiting);
    let at = 0;
    for (; length - at > size; at += size) yield { bytes: all.subarray(at, at + size), place: place++, isLast: false };
    waiting = [all.subarray(at)];
    length -= at;
  }
  yield { bytes: Buffer.concat(waiting), place, isLast: true };
}

function contextOf(context: string, place: number, isLast: boolean): string {
  return `${context}/${place}${isLast ? "/last" : ""}`;
}
