import { buffer } from "node:stream/consumers";
import { Readable } from "node:stream";
import { expect } from "chai";
import type { ImportAnswer } from "../../backend/src/imports/imports.schemas.ts";
import { workbookBytes } from "../../backend/src/records/files/xlsx/write-workbook.ts";
import { recordTypes } from "../../backend/src/records/types/record-types.ts";
import { vectors, type RecordVector } from "../records/types/vectors.ts";
import { CITY, eventually, startWorld, upload, type World } from "./harness.ts";

/** A vector as this world's department would hand it in. */
function cellsOf({ input, record }: RecordVector): Record<string, string> {
  return JSON.parse(JSON.stringify(input).replaceAll(record.department, CITY)) as Record<string, string>;
}

const csv = (cells: Record<string, string>) =>
  [Object.keys(cells), Object.values(cells)]
    .map((row) => row.map((cell) => `"${cell.replaceAll('"', '""')}"`).join(","))
    .join("\r\n");

function xlsx(cells: Record<string, string>): Promise<Buffer> {
  const rows = [Object.keys(cells), Object.values(cells)].map((row) => ({ cells: row, style: "value" as const }));
  return buffer(Readable.from(workbookBytes({ name: "一", widths: [], frozenRows: 1, rows }), { objectMode: false }));
}

describe("imports: every type, from every kind of file", () => {
  let world: World;
  before(async () => {
    world = await startWorld();
  });
  after(() => world.stop());

  const imported = async (content: string | Buffer, name: string, fields: Record<string, string> = {}) => {
    const { status, body } = await upload<ImportAnswer>(world, content, name, { department: CITY, ...fields });
    expect(status, JSON.stringify(body)).to.equal(202);
    const done = await eventually(
      () => world.get<ImportAnswer>(`/api/v1/imports/${body.id}`),
      (answer) => answer.body.finishedAt !== null,
    );
    return done.body;
  };

  it("has a vector of each type", () => {
    expect(new Set(vectors.map(({ type }) => type))).to.deep.equal(new Set(recordTypes.keys()));
  });

  for (const vector of vectors) {
    it(`${vector.type}, ${vector.what}: a csv, a workbook and a line of NDJSON give one and the same record`, async () => {
      const cells = cellsOf(vector);
      const first = await imported(csv(cells), "records.csv");
      expect(first).to.include({ status: "done", accepted: 1, rejected: 0 });
      const second = await imported(await xlsx(cells), "records.xlsx");
      expect(second).to.include({ status: "done", duplicates: 1, rejected: 0 });
      const line = JSON.stringify({ type: vector.type, ...cells });
      const third = await imported(line, "records.ndjson");
      expect(third).to.include({ status: "done", duplicates: 1, rejected: 0 });
      const [stored] = await world.sql<{ type: string; fields: unknown }>(
        `select type, fields from record where import = $1`,
        [first.id],
      );
      expect(stored!.type).to.equal(vector.type);
    });
  }

  for (const type of recordTypes.values()) {
    it(`${type.type}: offers its template, which holds no record`, async () => {
      const answer = await world.app.inject({ url: `/api/v1/templates/${type.type}` });
      expect(answer.statusCode).to.equal(200);
      expect(decodeURIComponent(String(answer.headers["content-disposition"]))).to.include(`${type.label.zh}.xlsx`);
      expect(await imported(answer.rawPayload, "template.xlsx")).to.have.nested.property("failure.code", "FILE_EMPTY");
    });
  }

  it("lists the types with their schemas", async () => {
    const { body: types } = await world.get<{ type: string }[]>("/api/v1/types");
    expect(types.map(({ type }) => type)).to.deep.equal([...recordTypes.keys()]);
    const { body } = await world.get<{ required: string[] }>("/api/v1/types/enforcement.penalty/1");
    expect(body.required).to.include("number");
    expect(await world.get("/api/v1/types/no.such/1")).to.have.nested.property("body.code", "TYPE_NOT_FOUND");
    expect(await world.get("/api/v1/templates/no.such/1")).to.have.nested.property("body.code", "TYPE_NOT_FOUND");
  });
});
