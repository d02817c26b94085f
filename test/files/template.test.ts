import { buffer } from "node:stream/consumers";
import { Readable } from "node:stream";
import { expect } from "chai";
import { fromBufferPromise } from "yauzl";
import { writeTemplate } from "../../backend/src/records/files/template.ts";
import { workbookBytes } from "../../backend/src/records/files/xlsx/write-workbook.ts";
import type { RecordType } from "../../backend/src/records/types/record-type.ts";
import { recordTypes } from "../../backend/src/records/types/record-types.ts";
import { read } from "./read.ts";

describe("files: templates", () => {
  for (const type of recordTypes.values()) {
    it(`${type.type}: an empty one holds no row, so that its example is never imported`, async () => {
      const { rows, notes, error } = await read(await buffer(writeTemplate(type)));
      expect(rows).to.deep.equal([]);
      expect(error?.code).to.equal("FILE_EMPTY");
      expect(notes.map(({ code }) => code)).to.deep.equal(["ROWS_ABOVE_HEADINGS"]);
    });

    it(`${type.type}: what is filled in below the headings is read`, async () => {
      const headings = type.fields.map(({ heading }) => heading);
      const examples = type.fields.map(({ format }) => format.example);
      const rows = [headings, examples].map((cells) => ({ cells, style: "value" as const }));
      const filled = workbookBytes({ name: "一", widths: [], frozenRows: 1, rows });
      const [row] = (await read(await buffer(Readable.from(filled, { objectMode: false })))).rows;
      expect(row!.type).to.equal(type.type);
      expect(Object.values(row!.cells)).to.deep.equal(examples);
    });

    it(`${type.type}: shows only examples that their columns accept`, async () => {
      const shown = await templateRow(type, 3);
      const refused = type.fields.filter((field, at) => {
        const text = shown[at]!.replace(/^例：/, "");
        return text !== "" && (field.format.parse(text).fault || text.length > (field.maxLength ?? Infinity));
      });
      expect(refused.map(({ heading }) => heading)).to.deep.equal([]);
    });
  }
});

/** The cells of one row of a template, by the plain XML. */
async function templateRow(type: RecordType, row: number): Promise<string[]> {
  const xml = await partOf(await buffer(writeTemplate(type)), "xl/worksheets/sheet1.xml");
  const cells = new RegExp(`<row r="${row}">(.*?)</row>`, "s").exec(xml)![1]!;
  return [...cells.matchAll(/<c [^>]*?(?:\/>|>.*?<\/c>)/gs)].map(([cell]) => cell.replace(/<[^>]*>/g, ""));
}

async function partOf(workbook: Buffer, name: string): Promise<string> {
  const zip = await fromBufferPromise(workbook, {});
  for await (const entry of zip.eachEntry()) {
    if (entry.fileName === name) return (await buffer(await zip.openReadStreamPromise(entry))).toString();
  }
  throw new Error(`The workbook has no part ${name}`);
}
