import { gzipSync } from "node:zlib";
import { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { expect } from "chai";
import fc from "fast-check";
import iconv from "iconv-lite";
import writeXlsxFile from "write-excel-file/node";
import type { FileRow } from "../../backend/src/records/files/file-row.ts";
import { workbookBytes } from "../../backend/src/records/files/xlsx/write-workbook.ts";
import { recordTypes } from "../../backend/src/records/types/record-types.ts";
import { fixture, read } from "./read.ts";

/** A table of a type's official headings with free text in its cells, as the files of a department might hold. */
interface Table {
  readonly type: string;
  readonly headings: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

const text = fc.string({
  unit: fc.oneof(
    fc.integer({ min: 0x4e00, max: 0x9fa5 }).map((code) => String.fromCodePoint(code)),
    fc.constantFrom(
      "a",
      "Z",
      "0",
      "9",
      " ",
      ",",
      ";",
      "\t",
      '"',
      "'",
      "\n",
      "<",
      "&",
      ">",
      "=",
      "@",
      "〔",
      "（",
      "𠮷",
      "é",
    ),
  ),
  maxLength: 12,
});
// A first cell that no footer begins with, so that every row is one of data.
const row = (columns: number) =>
  fc.tuple(fc.constant("甲"), fc.array(text, { minLength: columns - 1, maxLength: columns - 1 }));
const tables: fc.Arbitrary<Table> = fc.constantFrom(...recordTypes.values()).chain(({ type, fields }) =>
  fc.record({
    type: fc.constant(type),
    headings: fc.shuffledSubarray(
      fields.map(({ heading }) => heading),
      { minLength: fields.length },
    ),
    rows: fc
      .array(row(fields.length), { minLength: 1, maxLength: 5 })
      .map((rows) => rows.map(([first, rest]) => [first, ...rest])),
  }),
);

function expected({ type, headings, rows }: Table, firstRow: number): FileRow[] {
  return rows.map((cells, at) => {
    const filled = headings
      .map((heading, column) => [heading, cells[column]!] as const)
      .filter(([, cell]) => cell.trim() !== "");
    return { row: firstRow + at, type, cells: Object.fromEntries(filled), problems: [] };
  });
}

function csv({ headings, rows }: Table, delimiter: string): string {
  return [headings, ...rows]
    .map((cells) => cells.map((cell) => `"${cell.replaceAll('"', '""')}"`).join(delimiter))
    .join("\r\n");
}

const writers: Record<string, (table: Table) => Buffer | Promise<Buffer>> = {
  "csv in UTF-8": (table) => Buffer.from(csv(table, ",")),
  "csv in GB18030": (table) => iconv.encode(csv(table, ","), "gb18030"),
  "tab-separated, gzipped": (table) => gzipSync(csv(table, "\t")),
  "xlsx by write-excel-file": ({ headings, rows }) => {
    const cells = [headings, ...rows].map((cells) =>
      cells.map((value) => (value === "" ? null : { value, type: String })),
    );
    return writeXlsxFile(cells).toBuffer();
  },
  "xlsx by our own writer": ({ headings, rows }) => {
    const written = [headings, ...rows].map((cells) => ({ cells, style: "value" as const }));
    return buffer(
      Readable.from(workbookBytes({ name: "一", widths: [], frozenRows: 1, rows: written }), { objectMode: false }),
    );
  },
};

describe("files: round trip", () => {
  for (const [name, write] of Object.entries(writers)) {
    it(`gives back any table of any type written as ${name}`, async () => {
      await fc.assert(
        fc.asyncProperty(tables, fc.integer({ min: 1, max: 100_000 }), async (table, pieceBytes) => {
          const { rows, error } = await read(await write(table), {}, pieceBytes);
          expect(error).to.equal(null);
          expect(rows).to.deep.equal(expected(table, 2));
        }),
        { numRuns: 60 },
      );
    });
  }

  it("gives back any table of any type written as NDJSON", async () => {
    await fc.assert(
      fc.asyncProperty(tables, fc.integer({ min: 1, max: 1_000 }), async (table, pieceBytes) => {
        const rows = expected(table, 1);
        const lines = rows.map(({ type, cells }) => JSON.stringify({ type, fields: cells }));
        expect((await read(lines.join("\n"), {}, pieceBytes)).rows).to.deep.equal(rows);
      }),
      { numRuns: 60 },
    );
  });
});

describe("files: damage", () => {
  const originals = [
    "licences.utf8-bom.csv",
    "licences.gb18030.csv",
    "licences.report-form.xlsx",
    "licences.xlsxwriter.xlsx",
    "licences.rich-text.xlsx",
    "licences.exceljs-stream.xlsx",
    "password.xlsx",
    "old-excel.xls",
    "cases.ndjson",
    "bad-lines.ndjson",
  ];
  const contents = new Map(originals.map((name) => [name, fixture(name)]));
  contents.set("licences.csv.gz", gzipSync(fixture("licences.utf8.csv")));
  const anyFile = fc.constantFrom(...contents.keys());

  it("truncation anywhere gives rows or a FileError, nothing else", async () => {
    await fc.assert(
      fc.asyncProperty(anyFile, fc.double({ min: 0, max: 1, noNaN: true }), async (name, part) => {
        const content = contents.get(name)!;
        await read(content.subarray(0, Math.floor(content.length * part)));
      }),
      { numRuns: 500 },
    );
  });

  it("a cut workbook never gives a row", async () => {
    const workbook = contents.get("licences.xlsxwriter.xlsx")!;
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: workbook.length - 1 }), async (bytes) => {
        const { rows, error } = await read(workbook.subarray(0, bytes));
        expect(rows).to.deep.equal([]);
        expect(error).not.to.equal(null);
      }),
    );
  });

  it("flipped bits anywhere give rows or a FileError, nothing else", async () => {
    const flips = fc.array(
      fc.tuple(fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }), fc.integer({ min: 0, max: 7 })),
      { minLength: 1, maxLength: 4 },
    );
    await fc.assert(
      fc.asyncProperty(anyFile, flips, async (name, flips) => {
        const content = Buffer.from(contents.get(name)!);
        for (const [part, bit] of flips) content[Math.floor(content.length * part)]! ^= 1 << bit;
        await read(content, {}, 1_000);
      }),
      { numRuns: 300 },
    );
  });

  it("a flipped bit in a workbook never changes a row: it is the same, or refused", async () => {
    const workbook = contents.get("licences.xlsxwriter.xlsx")!;
    const { rows } = await read(workbook);
    await fc.assert(
      fc.asyncProperty(fc.nat({ max: workbook.length - 1 }), fc.nat({ max: 7 }), async (at, bit) => {
        const content = Buffer.from(workbook);
        content[at]! ^= 1 << bit;
        const reading = await read(content);
        expect(reading.error ? [] : rows).to.deep.equal(reading.rows);
      }),
      { numRuns: 300 },
    );
  });

  it("random bytes behind any signature give a FileError or rows, nothing else", async () => {
    const signatures = [
      "",
      "PK\x03\x04",
      "\x1f\x8b\x08\x00",
      "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
      "{",
      '{"type":',
      "\xef\xbb\xbf",
      "\t\x08\x10\x00",
    ];
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...signatures),
        fc.uint8Array({ maxLength: 2_000 }),
        async (signature, bytes) => {
          await read(Buffer.concat([Buffer.from(signature, "latin1"), bytes]));
        },
      ),
      { numRuns: 500 },
    );
  });
});
