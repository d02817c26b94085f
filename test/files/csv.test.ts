import { expect } from "chai";
import { parse } from "csv-parse/sync";
import fc from "fast-check";
import { readCsv } from "../../backend/src/records/files/csv.ts";
import { FileError } from "../../backend/src/records/files/file-error.ts";
import type { RawRow } from "../../backend/src/records/files/file-row.ts";

async function rows(text: string, pieceLength = text.length): Promise<RawRow[]> {
  const read: RawRow[] = [];
  for await (const row of readCsv(piecesOf(text, pieceLength), { maxRecord: 1_000_000, isHeading })) read.push(row);
  return read;
}

const isHeading = (cell: string) => /^[甲乙丙丁戊]$/.test(cell);
const cells = async (text: string) => (await rows(text)).map(({ cells }) => cells);
const codes = ({ faults }: RawRow) => faults.map(({ column, fault }) => [column, fault.code]);

/** Cells with everything that CSV has to quote, and much that it has not. */
const cell = fc.oneof(
  fc.constant(""),
  fc.string({
    unit: fc.constantFrom("a", "甲", "𠮷", " ", ",", ";", "\t", '"', "\n", "\r", "'", "=", "“"),
    maxLength: 8,
  }),
);
const table = fc.array(fc.array(cell, { minLength: 2, maxLength: 5 }), { minLength: 1, maxLength: 6 });
const lineBreak = fc.constantFrom("\n", "\r\n", "\r");

function written(table: readonly (readonly string[])[], delimiter: string, lineBreak: string, last: boolean): string {
  const quoted = (cell: string) =>
    /["\r\n]/.test(cell) || cell.includes(delimiter) ? `"${cell.replaceAll('"', '""')}"` : cell;
  return table.map((row) => row.map(quoted).join(delimiter)).join(lineBreak) + (last ? lineBreak : "");
}

describe("files: csv", () => {
  it("gives back every table, in pieces of any length", async () => {
    await fc.assert(
      fc.asyncProperty(
        table,
        lineBreak,
        fc.boolean(),
        fc.integer({ min: 1, max: 9 }),
        async (table, lineBreak, last, pieceLength) => {
          // The first line settles the delimiter, so it must show it.
          const text = written([["甲", "乙", "丙", "丁", "戊"], ...table], ",", lineBreak, last);
          const read = await rows(text, Math.max(pieceLength, 9));
          expect(read.slice(1).map(({ cells }) => cells)).to.deep.equal(table);
          expect(read.map(({ row }) => row)).to.deep.equal(read.map((_, at) => at + 1));
          expect(read.flatMap(({ faults }) => faults)).to.deep.equal([]);
        },
      ),
    );
  });

  it("reads as csv-parse does", async () => {
    await fc.assert(
      fc.asyncProperty(table, lineBreak, fc.boolean(), async (table, lineBreak, last) => {
        const text = written([["甲", "乙", "丙", "丁", "戊"], ...table], ",", lineBreak, last);
        const theirs = parse(text, {
          record_delimiter: ["\r\n", "\n", "\r"],
          relax_column_count: true,
          skip_empty_lines: false,
        });
        expect(await cells(text)).to.deep.equal(theirs);
      }),
    );
  });

  it("finds the separator by the line that it divides into the most headings, else the most cells", async () => {
    expect(await cells("标题\n甲;乙;丙\n1,5;2;3")).to.deep.equal([["标题"], ["甲", "乙", "丙"], ["1,5", "2", "3"]]);
    expect(await cells("甲\t乙\n1,2\t3")).to.deep.equal([
      ["甲", "乙"],
      ["1,2", "3"],
    ]);
    expect(await cells("甲\n乙")).to.deep.equal([["甲"], ["乙"]]);
  });

  it("counts blank lines, so that the row is the one a spreadsheet shows", async () => {
    const read = await rows('a,b\n\n"1\n2",3\n4,5');
    expect(read.map(({ row, cells }) => [row, cells])).to.deep.equal([
      [1, ["a", "b"]],
      [2, [""]],
      [3, ["1\n2", "3"]],
      [4, ["4", "5"]],
    ]);
  });

  it("keeps quotes inside an unquoted value", async () => {
    expect(await cells('a,b\n5"管,"x""y"')).to.deep.equal([
      ["a", "b"],
      ['5"管', 'x"y'],
    ]);
  });

  it("gives a row whose quotes do not add up a fault, and reads on", async () => {
    const [, bad, good] = await rows('a,b\n"三无"产品,2\n3,4');
    expect([bad!.cells, codes(bad!)]).to.deep.equal([['"三无"产品', "2"], [[0, "QUOTE_MISPLACED"]]]);
    expect([good!.cells, codes(good!)]).to.deep.equal([["3", "4"], []]);
  });

  it("gives up where a quote is never closed, after the rows before it", async () => {
    for (const [text, maxRecord] of [
      ['a,b\n1,"2\n3,4\n', 1_000],
      [`a,b\n1,"2\n${"3,4\n".repeat(1_000)}`, 100],
    ] as const) {
      const read: RawRow[] = [];
      let error: unknown;
      try {
        for await (const row of readCsv(piecesOf(text, 50), { maxRecord, isHeading })) read.push(row);
      } catch (thrown) {
        error = thrown;
      }
      expect(error).to.be.instanceOf(FileError).that.includes({ code: "QUOTE_NOT_CLOSED", row: 2 });
      expect(read.map(({ cells }) => cells)).to.deep.equal([["a", "b"]]);
    }
  });
});

async function* piecesOf(text: string, length: number): AsyncGenerator<string> {
  for (let at = 0; at < text.length; at += length) yield text.slice(at, at + length);
}
