import { tmpdir } from "node:os";
import { expect } from "chai";
import fc from "fast-check";
import { ScratchFile } from "../../backend/src/records/files/scratch-file.ts";
import { columnLetters, columnOf } from "../../backend/src/records/files/xlsx/cell-reference.ts";
import { isDateFormat } from "../../backend/src/records/files/xlsx/date-formats.ts";
import { readMergedRanges } from "../../backend/src/records/files/xlsx/merged-ranges.ts";
import { unescaped } from "../../backend/src/records/files/xlsx/rich-text.ts";
import { serialText } from "../../backend/src/records/files/xlsx/serial.ts";
import { StringTable } from "../../backend/src/records/files/xlsx/string-table.ts";

describe("files: parts of a workbook", () => {
  describe("date serials", () => {
    it("are the days and times that Excel shows", () => {
      const shown: [serial: number, text: string][] = [
        [1, "1900-01-01"],
        [59, "1900-02-28"],
        [61, "1900-03-01"],
        [25_569, "1970-01-01"],
        [46_083, "2026-03-02"],
        [46_083.5, "2026-03-02 12:00:00"],
        [46_083.395_833_333_336, "2026-03-02 09:30:00"],
        [46_083.999_999_9, "2026-03-03"],
        [0.5, "12:00:00"],
        [2_958_465, "9999-12-31"],
      ];
      for (const [serial, text] of shown) expect(serialText(serial, false), String(serial)).to.equal(text);
    });

    it("count from 1904 where the workbook says so", () => {
      expect(serialText(0, true)).to.equal("1904-01-01");
      expect(serialText(44_621, true)).to.equal("2026-03-02");
    });

    it("are refused where there is no such day", () => {
      for (const serial of [60, 60.5, -1, 2_958_466, NaN, Infinity]) expect(serialText(serial, false)).to.equal(null);
    });

    it("keep their order and distance", () => {
      fc.assert(
        fc.property(fc.integer({ min: 61, max: 2_958_464 }), fc.boolean(), (serial, date1904) => {
          fc.pre(!date1904 || serial < 2_950_000);
          const [day, next] = [serial, serial + 1].map((value) =>
            Date.parse(`${serialText(value, date1904)}T00:00:00Z`),
          );
          expect(next! - day!).to.equal(86_400_000);
        }),
      );
    });
  });

  it("knows number formats that show a date from those that do not", () => {
    const dates = [
      "yyyy/m/d",
      'yyyy"年"m"月"d"日"',
      "[$-804]yyyy/m/d dddd;@",
      '上午/下午h"时"mm"分"',
      "[h]:mm:ss",
      "mmm-yy",
      '[DBNum1][$-804]m"月"d"日";@',
    ];
    const numbers = [
      "General",
      "0.00",
      "#,##0.00_ ",
      "0.00E+00",
      "@",
      '"第"0"号"',
      "[Red]0.00",
      "0\\d",
      "¥#,##0;[红色]¥-#,##0",
      "[$¥-804]0.00",
      '"my"0',
    ];
    for (const code of dates) expect(isDateFormat(code), code).to.equal(true);
    for (const code of numbers) expect(isDateFormat(code), code).to.equal(false);
  });

  it("names columns as spreadsheets do", () => {
    expect([0, 25, 26, 27, 701, 702, 16_383].map(columnLetters)).to.deep.equal([
      "A",
      "Z",
      "AA",
      "AB",
      "ZZ",
      "AAA",
      "XFD",
    ]);
    fc.assert(fc.property(fc.nat({ max: 16_383 }), (column) => columnOf(`${columnLetters(column)}7`) === column));
  });

  it("writes back characters that XML cannot hold", () => {
    expect(unescaped("a_x000D_\nb_x005F_x0041__x4e2d_")).to.equal("a\nb_x0041_中");
    expect(unescaped("a_x0000_b_xD800_c")).to.equal("a\uFFFDb\uFFFDc");
    expect(unescaped("_x00_ _xZZZZ_")).to.equal("_x00_ _xZZZZ_");
  });

  describe("the table of shared strings", () => {
    it("gives back every string, in any order, from disk and from memory", async () => {
      const lengths = fc.array(fc.integer({ min: 0, max: 30_000 }), { minLength: 1, maxLength: 40 });
      await fc.assert(
        fc.asyncProperty(lengths, fc.integer(), async (lengths, seed) => {
          const strings = lengths.map((length, at) => `${"虚a𠮷".repeat(length % 3_000).slice(0, length)}${at}`);
          const file = await ScratchFile.open(tmpdir());
          try {
            const table = new StringTable(file);
            for (const text of strings) table.add(text);
            expect(table.count).to.equal(strings.length);
            for (let turn = 0; turn < 2 * strings.length; turn++) {
              const at = Math.abs(seed + turn * 7) % strings.length;
              expect(table.get(at)).to.equal(Buffer.from(strings[at]!).toString());
            }
          } finally {
            await file.close();
          }
        }),
        { numRuns: 50 },
      );
    });
  });

  describe("merged ranges", () => {
    const ranges = [
      { left: 0, top: 1, right: 2, bottom: 1 },
      { left: 13, top: 7, right: 13, bottom: 9 },
    ];
    const rows = '<sheetData><row r="1"><c r="A1" t="str"><v>x</v></c></row></sheetData>';
    const merge = '<mergeCells count="2"><mergeCell ref="N7:N9"/><mergeCell ref="A1:C1"/></mergeCells>';

    async function found(xml: string, pieceBytes: number): Promise<unknown> {
      async function* pieces(): AsyncGenerator<Buffer> {
        const bytes = Buffer.from(xml);
        for (let at = 0; at < bytes.length; at += pieceBytes) yield bytes.subarray(at, at + pieceBytes);
      }
      return readMergedRanges(pieces(), 100);
    }

    it("are found after the rows, wherever the bytes are divided", async () => {
      for (let pieceBytes = 1; pieceBytes < 200; pieceBytes += 3) {
        expect(await found(`<worksheet>${rows}${merge}</worksheet>`, pieceBytes)).to.deep.equal(ranges);
      }
    });

    it("are found in every spelling", async () => {
      const prefixed = `<x:worksheet>${rows}${merge}</x:worksheet>`.replace(/<(\/?)(sheetData|mergeCell)/g, "<$1x:$2");
      expect(await found(prefixed, 1_000)).to.deep.equal(ranges);
      expect(
        await found(`<worksheet>${rows}${merge.replaceAll('"', "'").replaceAll("ref", " id='1'\n ref ")}`, 1_000),
      ).to.deep.equal(ranges);
    });

    it("are none where there are none", async () => {
      expect(await found(`<worksheet>${rows}</worksheet>`, 10)).to.deep.equal([]);
      expect(await found("<worksheet><sheetData/></worksheet>", 10)).to.deep.equal([]);
    });
  });
});
