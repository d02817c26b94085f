import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { gzipSync } from "node:zlib";
import { expect } from "chai";
import { parse } from "csv-parse/sync";
import { defaultLimits } from "../../backend/src/records/files/limits.ts";
import { readFile } from "../../backend/src/records/files/read-file.ts";
import { fixture, read, readStream, type Reading } from "./read.ts";
import { rawWorkbook, sheetData, type RawWorkbook } from "./raw-workbook.ts";
import { storedZip } from "./stored-zip.ts";

const code = ({ error }: Reading) => error?.code ?? null;
const csv = fixture("licences.utf8.csv");
const table = [["行政许可决定文书号"], ["1"]];

function sheet(xml: string, change?: RawWorkbook["change"]): Buffer {
  return rawWorkbook({ sheets: [{ name: "一", xml }], ...(change ? { change } : {}) });
}

/** The part that holds the sheet, deflated, whatever its content. */
const deflated: NonNullable<RawWorkbook["change"]> = (parts) => parts.map((part) => ({ ...part, deflated: true }));

/** Pieces of text without end, and how many bytes of them were taken. */
function endless(start: string, piece: string): { input: Readable; taken: () => number } {
  let taken = 0;
  function* pieces(): Generator<Buffer> {
    yield Buffer.from(start);
    for (;;) {
      taken += piece.length;
      yield Buffer.from(piece);
    }
  }
  return { input: Readable.from(pieces(), { objectMode: false }), taken: () => taken };
}

describe("files: hostile input", () => {
  describe("size", () => {
    it("refuses a line without end at the limit, long before all of it has come", async () => {
      const { input, taken } = endless("行政许可决定文书号,", "x".repeat(65_536));
      expect(code(await readStream(input))).to.equal("LINE_TOO_LONG");
      expect(taken()).to.be.below(4 * defaultLimits.lineBytes);
    });

    it("refuses a gigabyte without a line break behind gzip", async () => {
      const { input, taken } = endless("", "甲".repeat(20_000));
      const packed = Readable.from(gzipped(input), { objectMode: false });
      expect(code(await readStream(packed))).to.equal("LINE_TOO_LONG");
      expect(taken()).to.be.below(64 * 1024 ** 2);
    });

    it("refuses an upload above the limit without taking it in", async () => {
      const { input, taken } = endless("a,b\n", "1,2\n".repeat(10_000));
      expect(code(await readStream(input, { limits: { ...defaultLimits, uploadBytes: 1_000_000 } }))).to.equal(
        "TOO_LARGE",
      );
      expect(taken()).to.be.below(2_000_000);
    });

    it("refuses a hundred thousand columns before it compares them with any type", async () => {
      expect(code(await read("备注,".repeat(100_000)))).to.equal("TOO_LARGE");
      const members = Array.from({ length: 20_000 }, (_, at) => `"m${at}":1`);
      const [line] = (await read(`{${members.join(",")}}\n`)).rows;
      expect([line!.problems[0]!.code, line!.cells]).to.deep.equal(["TOO_LARGE", {}]);
    });

    it("repeats of the file in its answers no more than a sentence holds", async () => {
      const long = "甲".repeat(30_000);
      const named = rawWorkbook({ sheets: [long, `${long}乙`].map((name) => ({ name, xml: sheetData(table) })) });
      const answers = [
        await read(named),
        await read(sheet(`<sheetData><row r="${long}"/></sheetData>`)),
        await read(sheet(`<cols><col min="9e999" max="x" hidden="1"/></cols>${sheetData([[long], ["1"]])}`)),
      ];
      for (const { error } of answers) expect(error!.hint.zh.length, error!.code).to.be.below(300);
    });

    it("refuses more rows than the limit", async () => {
      const limits = { ...defaultLimits, rows: 1 };
      const reading = await read(csv, { limits });
      expect(code(reading)).to.equal("TOO_LARGE");
      expect(reading.rows).to.have.length(1);
    });
  });

  describe("bombs", () => {
    it("refuses a sheet that expands a thousandfold", async () => {
      const bomb = sheet(`<sheetData>${"<row/>".repeat(8 * 1024 ** 2)}</sheetData>`, deflated);
      expect(bomb.length).to.be.below(200_000);
      expect(code(await read(bomb))).to.equal("FILE_EXPANDS_TOO_FAR");
    });

    it("refuses shared strings that expand a thousandfold", async () => {
      const change: RawWorkbook["change"] = (parts) =>
        parts.map((part) => (part.name === "xl/sharedStrings.xml" ? { ...part, deflated: true } : part));
      const strings = "<si><t>a</t></si>".repeat(4 * 1024 ** 2);
      const bomb = rawWorkbook({ sheets: [{ name: "一", xml: sheetData(table) }], sharedStrings: strings, change });
      expect(code(await read(bomb))).to.equal("FILE_EXPANDS_TOO_FAR");
    });

    it("refuses styles larger than any honest ones", async () => {
      const limits = { ...defaultLimits, smallPartBytes: 10_000 };
      const bomb = rawWorkbook({ sheets: [{ name: "一", xml: sheetData(table) }], styles: "<xf/>".repeat(10_000) });
      expect(code(await read(bomb, { limits }))).to.equal("FILE_EXPANDS_TOO_FAR");
    });

    it("refuses a gzip that expands a thousandfold, and gzip in gzip", async () => {
      expect(code(await read(gzipSync("1,2,3\n".repeat(8 * 1024 ** 2))))).to.equal("FILE_EXPANDS_TOO_FAR");
      expect(code(await read(gzipSync(gzipSync(csv))))).to.equal("FILE_NOT_A_TABLE");
    });

    it("does not believe what the archive says about sizes", async () => {
      const lying: RawWorkbook["change"] = (parts) =>
        parts.map((part) => (part.name.includes("sheet1") ? { ...part, deflated: true, claimedSize: 10 } : part));
      expect(code(await read(sheet(sheetData(table), lying)))).to.equal("FILE_DAMAGED");
      const boasting: RawWorkbook["change"] = (parts) =>
        parts.map((part) =>
          part.name.includes("sheet1") ? { ...part, deflated: true, claimedSize: 2 ** 32 - 2 } : part,
        );
      expect(code(await read(sheet(sheetData(table), boasting)))).to.equal("FILE_DAMAGED");
    });

    it("refuses an archive of ten thousand parts", async () => {
      const parts = Array.from({ length: 10_000 }, (_, at) => ({ name: `part${at}`, data: "" }));
      expect(code(await read(storedZip(parts)))).to.equal("TOO_LARGE");
    });
  });

  describe("XML", () => {
    const named: Record<string, [xml: string, code: string]> = {
      "elements nested ten thousand deep": [`<sheetData>${"<a>".repeat(10_000)}`, "FILE_DAMAGED"],
      "an attribute of two megabytes": [`<sheetData a="${"x".repeat(2 * 1024 ** 2)}"/>`, "TOO_LARGE"],
      "a text of two megabytes": [
        `<sheetData><row><c><v>${"1".repeat(2 * 1024 ** 2)}</v></c></row></sheetData>`,
        "TOO_LARGE",
      ],
      "a cell of more than 32,767 characters": [sheetData([["甲".repeat(32_768)]]), "TOO_LARGE"],
      "a row of two megabytes in small cells": [
        sheetData([new Array<string>(100).fill("x".repeat(20_000))]),
        "TOO_LARGE",
      ],
      "rows that go back": [
        '<sheetData><row r="2"><c><v>1</v></c></row><row r="1"><c><v>1</v></c></row></sheetData>',
        "FILE_DAMAGED",
      ],
      "cells that go back": [
        '<sheetData><row><c r="B1"><v>1</v></c><c r="A1"><v>1</v></c></row></sheetData>',
        "FILE_DAMAGED",
      ],
      "a column beyond XFD": ['<sheetData><row><c r="ZZZZZ1"><v>1</v></c></row></sheetData>', "FILE_DAMAGED"],
      "a row beyond the last one": ['<sheetData><row r="9999999"><c><v>1</v></c></row></sheetData>', "FILE_DAMAGED"],
      "a shared string that does not exist": [
        '<sheetData><row><c t="s"><v>7</v></c></row></sheetData>',
        "FILE_DAMAGED",
      ],
      "a number that is none": ["<sheetData><row><c><v>zwölf</v></c></row></sheetData>", "FILE_DAMAGED"],
      "an unknown entity": ["<sheetData><row><c><v>&xxe;</v></c></row></sheetData>", "FILE_DAMAGED"],
      "a sheet that ends early": ["<sheetData><row>", "FILE_DAMAGED"],
      "a hundred thousand merged ranges": [
        `${sheetData(table)}<mergeCells>${'<mergeCell ref="A5:B6"/>'.repeat(100_001)}</mergeCells>`,
        "TOO_LARGE",
      ],
    };
    for (const [name, [xml, expected]] of Object.entries(named)) {
      it(`refuses ${name}`, async () => {
        expect(code(await read(sheet(xml)))).to.equal(expected);
      });
    }

    it("refuses bytes that are not UTF-8", async () => {
      const change: RawWorkbook["change"] = (parts) =>
        parts.map((part) =>
          part.name.includes("sheet1") ? { ...part, data: Buffer.from([0x3c, 0x61, 0xff, 0x3e]) } : part,
        );
      expect(code(await read(sheet("", change)))).to.equal("FILE_DAMAGED");
    });

    it("takes a path that climbs out of the folder for a name and nothing else", async () => {
      const change: RawWorkbook["change"] = (parts) => [...parts, { name: "../../../../etc/passwd", data: "x" }];
      expect(code(await read(sheet(sheetData(table), change)))).to.equal("HEADINGS_NOT_FOUND");
    });
  });

  it("marks NUL and unpaired surrogates, which no database keeps, as broken text", async () => {
    const [headings, first] = parse(csv);
    const table = [headings!, ...new Array<string[]>(30).fill(first!), first!.map((cell) => `${cell}\0`)];
    const text = await read(
      table.map((cells) => cells.map((cell) => `"${cell.replaceAll('"', '""')}"`).join(",")).join("\n"),
    );
    expect(text.rows.at(-1)!.cells.法定代表人).to.equal("张𠮷\uFFFD");
    const broken = sheetData([headings!, first!.map((cell) => `${cell}_x0000__xD800_`)]);
    const reading = await read(sheet(broken));
    expect(reading.rows[0]!.cells.法定代表人).to.equal("张𠮷\uFFFD\uFFFD");
  });

  describe("what stays behind", () => {
    let directory: string;
    beforeEach(async () => (directory = await mkdtemp(join(tmpdir(), "quanlian-test-"))));
    afterEach(() => rm(directory, { recursive: true }));

    const descriptors = async () => (await readdir("/proc/self/fd")).length;
    const workbook = fixture("licences.xlsxwriter.xlsx");

    it("nothing, whether the file is read, refused, or left half read", async () => {
      const before = await descriptors();
      const refused = ["cut.xlsx", "empty.csv", "password.xlsx", "mixed-utf8-then-gb18030.csv"].map(fixture);
      for (const content of [workbook, csv, gzipSync(csv), ...refused]) await read(content, { directory });
      for (const content of [workbook, csv, gzipSync(csv)]) {
        const input = Readable.from([content], { objectMode: false });
        for await (const row of readFile(input, { fileName: "", directory })) {
          expect(row.type).to.equal("approval.licence/1");
          expect(await readdir(directory)).to.deep.equal([]);
          break;
        }
      }
      expect(await readdir(directory)).to.deep.equal([]);
      expect(await descriptors()).to.be.at.most(before);
    });

    it("nothing when the upload breaks off, whose own error gets through", async () => {
      const broken = async function* (): AsyncGenerator<Buffer> {
        yield csv.subarray(0, 100);
        throw new Error("connection lost");
      };
      const before = await descriptors();
      const lost = await readStream(Readable.from(broken(), { objectMode: false }), { directory }).catch(
        (error: unknown) => error,
      );
      expect(lost).to.be.instanceOf(Error).with.property("message", "connection lost");
      expect(await descriptors()).to.be.at.most(before);
    });
  });
});

/** Gzip as it goes, of stored blocks, so that the ratio is not what is refused. */
async function* gzipped(input: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  yield Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255]);
  for await (const chunk of input) {
    for (let at = 0; at < chunk.length; at += 60_000) {
      const block = chunk.subarray(at, at + 60_000);
      const head = Buffer.from([0, 0, 0, 0, 0]);
      head.writeUInt16LE(block.length, 1);
      head.writeUInt16LE(block.length ^ 0xffff, 3);
      yield Buffer.concat([head, block]);
    }
  }
}
