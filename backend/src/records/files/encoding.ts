import { isAscii, isUtf8 } from "node:buffer";
import { FileError, damaged } from "./file-error.ts";

export type Encoding = "utf-8" | "gb18030";

const newline = 0x0a;

/**
 * Decides the encoding of a text file from all of its bytes, line by line, as they pass: UTF-8 when every line is
 * valid UTF-8, GB18030 when some line is not but is valid GB18030 and no line is plainly UTF-8. Files put together
 * from two sources hold both; they are refused with the line where the encoding changes, for read either way they
 * would put wrong characters into the record. A line longer than the limit ends the reading when the limit is
 * reached, not when the line does.
 */
export class EncodingScan {
  #line = 0;
  #carried: Buffer[] = [];
  #carriedBytes = 0;
  #utf8Line: number | null = null;
  #gb18030Line: number | null = null;
  readonly #lineBytes: number;
  readonly #gb18030 = new TextDecoder("gb18030", { fatal: true });

  constructor(lineBytes: number) {
    this.#lineBytes = lineBytes;
  }

  /** @throws FileError LINE_TOO_LONG, FILE_ENCODING_MIXED, FILE_ENCODING_UNSUPPORTED */
  push(chunk: Buffer): void {
    const end = chunk.lastIndexOf(newline) + 1;
    if (end > 0) {
      this.#carry(chunk.subarray(0, chunk.indexOf(newline) + 1));
      const first = Buffer.concat(this.#carried);
      this.#carried = [];
      this.#carriedBytes = 0;
      this.#scan(Buffer.concat([first, chunk.subarray(chunk.indexOf(newline) + 1, end)]));
    }
    this.#carry(chunk.subarray(end));
  }

  /** @throws FileError as push, and FILE_DAMAGED when the file ends inside a character */
  finish(): Encoding {
    const last = Buffer.concat(this.#carried);
    if (this.#endsInsideCharacter(last)) {
      throw damaged(`文件在第${this.#line + 1}行中断`, `The file breaks off in line ${this.#line + 1}`, this.#line + 1);
    }
    this.#scan(last);
    return this.#gb18030Line === null ? "utf-8" : "gb18030";
  }

  #carry(part: Buffer): void {
    this.#carriedBytes += part.length;
    if (this.#carriedBytes > this.#lineBytes) throw lineTooLong(this.#line + 1, this.#lineBytes);
    if (part.length > 0) this.#carried.push(part);
  }

  /** A block of whole lines: at once where all of it is plain, else line by line. */
  #scan(block: Buffer): void {
    if (isAscii(block) || (this.#utf8Line !== null && isUtf8(block))) this.#line += count(block, newline);
    else for (const line of linesOf(block)) this.#classify(line);
  }

  #classify(line: Buffer): void {
    this.#line++;
    if (isAscii(line)) return;
    if (isUtf8(line)) {
      if (this.#utf8Line === null && (isPlainlyUtf8(line) || !this.#isGb18030(line))) this.#utf8Line = this.#line;
    } else if (this.#isGb18030(line)) this.#gb18030Line ??= this.#line;
    else throw unreadable(this.#line);
    if (this.#utf8Line !== null && this.#gb18030Line !== null) throw mixed(this.#line);
  }

  #isGb18030(bytes: Buffer): boolean {
    try {
      this.#gb18030.decode(bytes);
      return true;
    } catch {
      return false;
    }
  }

  /** Whether only the last character is broken: in both encodings one has up to four bytes. */
  #endsInsideCharacter(line: Buffer): boolean {
    const valid = (bytes: Buffer) =>
      isUtf8(bytes) || (this.#utf8Line === null && bytes.length > 0 && this.#isGb18030(bytes));
    return !valid(line) && [1, 2, 3].some((cut) => cut < line.length && valid(line.subarray(0, -cut)));
  }
}

/**
 * Short GB18030 texts can be valid UTF-8 by chance (联通 is the well-known one), but then they read as Latin, Greek or
 * Arabic letters; two ideographs and no such letters do not happen by chance. A byte order mark says it outright.
 */
function isPlainlyUtf8(line: Buffer): boolean {
  const text = line.toString("utf8");
  return (
    text.startsWith("\uFEFF") ||
    (/[\u4E00-\u9FFF].*[\u4E00-\u9FFF]/s.test(text) && !/[\u00A0-\u00B6\u00B8-\u00D6\u00D8-\u07FF]/.test(text))
  );
}

function* linesOf(block: Buffer): Generator<Buffer> {
  let start = 0;
  while (start < block.length) {
    const end = block.indexOf(newline, start) + 1 || block.length;
    yield block.subarray(start, end);
    start = end;
  }
}

function count(block: Buffer, byte: number): number {
  let found = 0;
  for (let at = block.indexOf(byte); at >= 0; at = block.indexOf(byte, at + 1)) found++;
  return found;
}

function lineTooLong(line: number, limit: number): FileError {
  return new FileError(
    "LINE_TOO_LONG",
    `第${line}行超过${limit}字节。请检查引号和换行`,
    `Line ${line} has more than ${limit} bytes. Check quotes and line breaks`,
    line,
  );
}

function mixed(line: number): FileError {
  return new FileError(
    "FILE_ENCODING_MIXED",
    `从第${line}行起编码与前面不同。请在 Excel 或 WPS 中检查后另存为“CSV UTF-8”或“.xlsx”`,
    `From line ${line} on the encoding differs. Check it in Excel or WPS and save it as CSV UTF-8 or .xlsx`,
    line,
  );
}

function unreadable(line: number): FileError {
  return new FileError(
    "FILE_ENCODING_UNSUPPORTED",
    `第${line}行既不是 UTF-8 也不是 GB18030。请另存为“CSV UTF-8”或“.xlsx”`,
    `Line ${line} is neither UTF-8 nor GB18030. Save it as CSV UTF-8 or .xlsx`,
    line,
  );
}
