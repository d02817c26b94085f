const NEWLINE = 0x0a;
/** Of one line, in bytes: as of a body with one record. */
const LONGEST = 1024 * 1024;

/** One line of a body: its number from 1, and its text, or why it has none. */
export type Line =
  | { readonly line: number; readonly text: string; readonly code?: undefined }
  | { readonly line: number; readonly code: "NOT_UTF8" | "TOO_LARGE" };

/**
 * The lines that each piece of a body completes. Blank ones are counted and passed over. Memory is bounded by the longest
 * line allowed; what is longer is a line without text, and reading goes on behind it.
 */
export async function* readLines(body: AsyncIterable<Buffer>): AsyncGenerator<Line[]> {
  const reader = new LineReader();
  for await (const piece of body) {
    const lines = reader.take(piece);
    if (lines.length > 0) yield lines;
  }
  const last = reader.take(Buffer.of(NEWLINE));
  if (last.length > 0) yield last;
}

class LineReader {
  /** The beginning of the line that is not complete yet. */
  #rest: Buffer[] = [];
  #length = 0;
  #line = 0;

  take(piece: Buffer): Line[] {
    const lines: Line[] = [];
    let from = 0;
    for (let end = piece.indexOf(NEWLINE); end >= 0; end = piece.indexOf(NEWLINE, from)) {
      this.#keep(piece.subarray(from, end));
      lines.push(...this.#complete());
      from = end + 1;
    }
    this.#keep(piece.subarray(from));
    return lines;
  }

  /** Of a line that is too long only the length is kept. */
  #keep(part: Buffer): void {
    this.#length += part.length;
    if (this.#length > LONGEST) this.#rest = [];
    else if (part.length > 0) this.#rest.push(part);
  }

  #complete(): Line[] {
    const [parts, length, line] = [this.#rest, this.#length, ++this.#line];
    [this.#rest, this.#length] = [[], 0];
    if (length > LONGEST) return [{ line, code: "TOO_LARGE" }];
    const text = decoded(parts.length === 1 ? parts[0]! : Buffer.concat(parts));
    if (text === null) return [{ line, code: "NOT_UTF8" }];
    return text.trim() === "" ? [] : [{ line, text }];
  }
}

const decoder = new TextDecoder("utf-8", { fatal: true });

function decoded(bytes: Uint8Array): string | null {
  try {
    return decoder.decode(bytes);
  } catch {
    return null;
  }
}
