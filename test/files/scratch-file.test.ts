import { mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { gzipSync } from "node:zlib";
import { expect } from "chai";
import fc from "fast-check";
import type { FileRow } from "../../backend/src/records/files/file-row.ts";
import { readFile } from "../../backend/src/records/files/read-file.ts";
import { ScratchFile } from "../../backend/src/records/files/scratch-file.ts";
import { csv, ndjson, sharedStringsWorkbook } from "../../scripts/bench/large-files.ts";

describe("scratch files: encrypted under a key that only this process has, and without a name", () => {
  let folder: string;
  before(() => (folder = mkdtempSync(join(tmpdir(), "quanlian-scratch-"))));
  after(() => rmSync(folder, { recursive: true }));

  const collected = async (stream: Readable) => Buffer.concat((await stream.toArray()) as Buffer[]);

  it("give back every range of what was appended, in whatever pieces", async () => {
    const pieces = fc.array(fc.uint8Array({ minLength: 1, maxLength: 100 }), { minLength: 1, maxLength: 10 });
    await fc.assert(
      fc.asyncProperty(pieces, fc.nat(1000), fc.nat(1000), async (given, position, length) => {
        const file = await ScratchFile.open(folder);
        try {
          for (const [i, piece] of given.entries())
            if (i % 2 === 0) await file.append(piece);
            else file.appendSync(piece);
          const whole = Buffer.concat(given);
          expect(file.size).to.equal(whole.length);
          const expected = whole.subarray(position, position + length);
          expect(await file.read(position, length)).to.deep.equal(expected);
          expect(file.readSync(position, length)).to.deep.equal(expected);
          expect(await collected(file.stream(position, position + length))).to.deep.equal(expected);
          expect(await collected(file.stream())).to.deep.equal(whole);
        } finally {
          await file.close();
        }
      }),
    );
  });

  /** What the files without a name below the folder hold at this moment, as whoever images the disk sees it. */
  const onDisk = () =>
    readdirSync("/proc/self/fd").flatMap((fd) => {
      try {
        return readlinkSync(`/proc/self/fd/${fd}`).startsWith(folder) ? [readFileSync(`/proc/self/fd/${fd}`)] : [];
      } catch {
        return []; // the descriptor by which the folder itself was listed
      }
    });

  const contents: Record<string, () => Promise<Buffer>> = {
    "a csv file": async () => Buffer.from([...csv(2_000)].join("")),
    "a gzipped ndjson file": async () => gzipSync([...ndjson(2_000)].join("")),
    "a workbook with its table of texts": () => collected(Readable.from(sharedStringsWorkbook(2_000))),
  };
  for (const [name, content] of Object.entries(contents))
    it(`hold nothing in clear of ${name} while it is read`, async function () {
      if (process.platform !== "linux") return this.skip();
      const upload = await content();
      const rows = readFile(Readable.from([upload]), { fileName: "upload", directory: folder });
      const first = (await rows.next()).value as FileRow;
      const held = onDisk();
      await rows.return(undefined);
      expect(readdirSync(folder), "no file has a name").to.deep.equal([]);
      expect(held.reduce((bytes, { length }) => bytes + length, 0)).to.be.greaterThan(30_000);
      // The longest value of the row, and what tells workbooks and their parts.
      const cells = Object.values(first.cells).map(String);
      const longest = cells.reduce((one, other) => (other.length > one.length ? other : one));
      for (const bytes of held)
        for (const text of [longest, "xl/worksheets", "sharedStrings"])
          expect(bytes.includes(text), `${text} of ${first.row}`).to.equal(false);
      expect(onDisk()).to.deep.equal([]);
    });
});
