import { expect } from "chai";
import fc from "fast-check";
import iconv from "iconv-lite";
import { EncodingScan, type Encoding } from "../../backend/src/records/files/encoding.ts";
import { FileError } from "../../backend/src/records/files/file-error.ts";

/** The encoding, or the code and line of the refusal, when the bytes come in pieces of this size. */
function scan(
  bytes: Buffer,
  pieceBytes: number,
  lineBytes = 1_000_000,
): Encoding | [code: string, line: number | null] {
  const scan = new EncodingScan(lineBytes);
  try {
    for (let at = 0; at < bytes.length; at += pieceBytes) scan.push(bytes.subarray(at, at + pieceBytes));
    return scan.finish();
  } catch (error) {
    if (error instanceof FileError) return [error.code, error.row];
    throw error;
  }
}

const gb18030 = (text: string) => iconv.encode(text, "gb18030");
const pieceBytes = fc.integer({ min: 1, max: 64 });
/** Lines of a real file: ideographs of the common range among ASCII. */
const ideographs = fc.string({
  unit: fc.integer({ min: 0x4e00, max: 0x9fa5 }).map((code) => String.fromCodePoint(code)),
  minLength: 4,
  maxLength: 12,
});
const line = fc
  .tuple(ideographs, fc.stringMatching(/^[ -~]{0,10}$/))
  .map(([chinese, ascii]) => `${chinese},${ascii}\n`);
const lines = fc.array(line, { minLength: 1, maxLength: 6 });

describe("files: encoding", () => {
  it("never names an encoding in which some byte cannot be read", () => {
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 40 }),
      lines.map((lines) => Buffer.from(lines.join(""))),
      lines.map((lines) => gb18030(lines.join(""))),
    );
    fc.assert(
      fc.property(fc.array(bytes, { maxLength: 3 }), pieceBytes, (parts, pieceBytes) => {
        const content = Buffer.concat(parts);
        const found = scan(content, pieceBytes);
        if (typeof found === "string") new TextDecoder(found, { fatal: true }).decode(content);
      }),
      { numRuns: 2_000 },
    );
  });

  it("knows UTF-8 from GB18030, wherever the bytes are divided", () => {
    fc.assert(
      fc.property(lines, pieceBytes, (lines, pieceBytes) => {
        expect(scan(Buffer.from(lines.join("")), pieceBytes)).to.equal("utf-8");
        expect(scan(gb18030(lines.join("")), pieceBytes)).to.equal("gb18030");
      }),
    );
  });

  it("names the line at which a file changes its encoding, either way", () => {
    fc.assert(
      fc.property(lines, lines, pieceBytes, (before, after, pieceBytes) => {
        const expected = ["FILE_ENCODING_MIXED", before.length + 1];
        const [utf8First, gb18030First] = [
          Buffer.concat([Buffer.from(before.join("")), gb18030(after.join(""))]),
          Buffer.concat([gb18030(before.join("")), Buffer.from(after.join(""))]),
        ];
        expect(scan(utf8First, pieceBytes)).to.deep.equal(expected);
        expect(scan(gb18030First, pieceBytes)).to.deep.equal(expected);
      }),
    );
  });

  it("reads characters of all four lengths in both encodings", () => {
    const text = "号,€,é,𠮷,㐂,ａ,〔2026〕\n虚构,李四\n";
    expect(scan(Buffer.from(text), 3)).to.equal("utf-8");
    expect(scan(gb18030(text), 3)).to.equal("gb18030");
  });

  it("is not misled by GB18030 words that are valid UTF-8 by chance", () => {
    const bytes = gb18030("联\n虚构行政许可\n联\n");
    expect(Buffer.from("联").equals(bytes.subarray(0, 2))).to.equal(false);
    expect(scan(bytes, 100)).to.equal("gb18030");
  });

  it("takes a line that is no GB18030 for UTF-8, even when it shows no ideograph", () => {
    const arrow = Buffer.from("→\n");
    expect(() => strictGb18030(arrow)).to.throw();
    expect(scan(Buffer.concat([arrow, gb18030("虚构行政许可\n")]), 100)).to.deep.equal(["FILE_ENCODING_MIXED", 2]);
  });

  it("takes plain ASCII, and no bytes at all, for UTF-8", () => {
    expect(scan(Buffer.from("a,b\r\n1,2\r\n"), 2)).to.equal("utf-8");
    expect(scan(Buffer.alloc(0), 1)).to.equal("utf-8");
  });

  it("refuses GB18030 after a byte order mark", () => {
    const bytes = Buffer.concat([Buffer.from("\uFEFFa\n"), gb18030("虚构行政许可\n")]);
    expect(scan(bytes, 100)).to.deep.equal(["FILE_ENCODING_MIXED", 2]);
  });

  it("names the line that is neither", () => {
    expect(scan(Buffer.from([0x61, 0x0a, 0xff, 0xff, 0x0a]), 1)).to.deep.equal(["FILE_ENCODING_UNSUPPORTED", 2]);
  });

  it("tells a file that ends inside a character from one that is wrong", () => {
    const [utf8, chinese] = [Buffer.from("虚构\n行政许可"), gb18030("虚构\n行政许可")];
    expect(scan(utf8.subarray(0, -1), 5)).to.deep.equal(["FILE_DAMAGED", 2]);
    expect(scan(chinese.subarray(0, -1), 5)).to.deep.equal(["FILE_DAMAGED", 2]);
  });

  it("refuses a line at the limit, wherever the bytes are divided", () => {
    for (const pieceBytes of [1, 7, 50]) {
      expect(scan(Buffer.from(`${"a".repeat(99)}\n${"b".repeat(99)}\n`), pieceBytes, 100)).to.equal("utf-8");
      expect(scan(Buffer.from(`a\n${"b".repeat(101)}\n`), pieceBytes, 100)).to.deep.equal(["LINE_TOO_LONG", 2]);
      expect(scan(Buffer.from(`a\n${"b".repeat(101)}`), pieceBytes, 100)).to.deep.equal(["LINE_TOO_LONG", 2]);
    }
  });
});

function strictGb18030(bytes: Buffer): string {
  return new TextDecoder("gb18030", { fatal: true }).decode(bytes);
}
