import { readdirSync } from "node:fs";
import { expect } from "chai";
import type { FileRow } from "../../backend/src/records/files/file-row.ts";
import type { Problem } from "../../backend/src/records/problems.ts";
import { columnKey, columnsOf } from "../../backend/src/records/types/columns.ts";
import { recordTypes } from "../../backend/src/records/types/record-types.ts";
import { validateRecord } from "../../backend/src/records/types/validate.ts";
import { files } from "../fixtures/files/make.ts";
import { fixture, read } from "./read.ts";

/** What one file of the corpus must yield; rows by their number in the file. */
interface Entry {
  readonly file: string;
  readonly shows: string;
  /** The rows that hold the two licences of licences.json, which are valid. */
  readonly licences?: readonly number[];
  /** Claims that this file writes differently, one value for each of the licences. */
  readonly cells?: Readonly<Record<string, readonly string[]>>;
  readonly accepted?: readonly number[];
  readonly rejected?: readonly { readonly row: number; readonly column: string | null; readonly code: string }[];
  readonly notes?: readonly string[];
  readonly error?: { readonly code: string; readonly row: number | null };
}

const folder = new URL("../fixtures/files/", import.meta.url);
const manifest = JSON.parse(fixture("manifest.json").toString()) as Entry[];
const { headings, rows } = JSON.parse(fixture("licences.json").toString()) as Record<"headings" | "rows", string[][]>;
const licence = recordTypes.get("approval.licence/1")!;

/** Cells by the claim they stand for, whatever the file calls its columns; empty ones left out. */
function byClaim(entries: readonly (readonly [string, unknown])[]): Record<string, unknown> {
  const filled = entries.filter(([, value]) => value !== "");
  return Object.fromEntries(filled.map(([name, value]) => [columnsOf(licence).get(columnKey(name))!.claim, value]));
}

const expected = rows.map((row) => byClaim(row.map((value, at) => [headings[at] as unknown as string, value])));

function problems({ type, cells, problems }: FileRow): readonly Problem[] {
  if (problems.length > 0) return problems;
  const context = { department: "11110108MB9D00068W", today: "2026-11-22" };
  const validation = validateRecord(recordTypes.get(type!)!, cells, context);
  return validation.ok ? [] : validation.problems;
}

describe("files: what departments really produce", () => {
  it("lists every file of the corpus", () => {
    const listed = manifest.map(({ file }) => file);
    const present = readdirSync(folder).filter((name) => !/^(licences|manifest)\.json$|\.(md|py|mjs|ts)$/.test(name));
    expect(listed).to.have.members(present);
  });

  it("is made by its script, byte for byte", () => {
    for (const [name, content] of files) expect(content.equals(fixture(name)), name).to.equal(true);
  });

  for (const {
    file,
    shows,
    licences,
    cells = {},
    accepted = [],
    rejected = [],
    notes = [],
    error = null,
  } of manifest) {
    it(`${file}: ${shows}`, async () => {
      const reading = await read(fixture(file), {}, 1000);
      const found = reading.rows.map((row) => ({ row, problems: problems(row) }));
      const good = found.filter((row) => row.problems.length === 0).map(({ row }) => row);
      const bad = found.flatMap(({ row, problems }) =>
        problems.map(({ column, code }) => ({ row: row.row, column, code })),
      );

      expect(reading.error && { code: reading.error.code, row: reading.error.row }).to.deep.equal(error);
      expect(good.map(({ row }) => row)).to.deep.equal(licences ?? accepted);
      expect(bad).to.deep.equal(rejected);
      expect(reading.notes.map(({ code }) => code)).to.deep.equal(notes);
      if (licences) {
        const typed = expected.map((claims, at) => ({ ...claims, ...pick(cells, at) }));
        expect(good.map((row) => byClaim(Object.entries(row.cells)))).to.deep.equal(typed);
      }
    });
  }
});

function pick(cells: NonNullable<Entry["cells"]>, at: number): Record<string, string> {
  return Object.fromEntries(Object.entries(cells).map(([claim, values]) => [claim, values[at]!]));
}
