import { createReadStream } from "node:fs";
import { mkdtemp, readdir, readFile as readBytes, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { workingDay } from "../../backend/src/records/fields/working-days.ts";
import { readFile } from "../../backend/src/records/files/read-file.ts";
import type { ValidRecord } from "../../backend/src/records/types/record-type.ts";
import { recordTypes } from "../../backend/src/records/types/record-types.ts";
import { validateRecord } from "../../backend/src/records/types/validate.ts";
import { demoDepartments } from "../../scripts/dataset/departments.ts";
import { generate } from "../../scripts/dataset/generate.ts";
import { generateRows, rowTypes } from "../../scripts/dataset/rows.ts";
import type { Truth } from "../../scripts/dataset/truth.ts";

const committed = new URL("../fixtures/demo/", import.meta.url).pathname;

interface Read {
  readonly file: string;
  readonly row: number;
  readonly record: ValidRecord | null;
  readonly faults: readonly { readonly column: string | null; readonly code: string }[];
}

/** Every row of a file, read and validated as an import does it. */
async function rowsOf(folder: string, file: string, today: string): Promise<readonly Read[]> {
  const rows: Read[] = [];
  for await (const { row, type, cells, problems } of readFile(createReadStream(join(folder, file)), {
    fileName: file,
  })) {
    const checked = validateRecord(recordTypes.get(type!)!, cells, { today });
    const faults = [...problems, ...(checked.ok ? [] : checked.problems)].map(({ column, code }) => ({ column, code }));
    rows.push({ file, row, record: checked.ok ? checked.record : null, faults });
  }
  return rows;
}

async function bytesOf(folder: string): Promise<ReadonlyMap<string, string>> {
  const names = (await readdir(folder)).toSorted();
  return new Map(
    await Promise.all(
      names.map(async (name) => [name, (await readBytes(join(folder, name))).toString("hex")] as const),
    ),
  );
}

describe("The demonstration dataset", () => {
  let folder: string;
  let truth: Truth;
  let rows: readonly Read[];
  /** The first accepted record of each (department, type, number). */
  const accepted = new Map<string, ValidRecord>();
  const repeated: Read[] = [];

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "dataset-"));
    truth = await generate({ seed: "1", enterprises: 40, out: folder });
    rows = (await Promise.all(truth.files.map(({ file }) => rowsOf(folder, file, truth.period.until)))).flat();
    for (const read of rows) {
      if (!read.record) continue;
      const key = [read.record.department, read.record.type, read.record.number].join();
      if (accepted.has(key)) repeated.push(read);
      else accepted.set(key, read.record);
    }
  });

  after(() => rm(folder, { recursive: true }));

  it("is what is committed under test/fixtures/demo", async () => {
    expect(await bytesOf(folder)).to.deep.equal(await bytesOf(committed));
  });

  it("holds as many rows as it says", () => {
    expect(rows.length).to.equal(truth.expected.rows);
    expect(accepted.size).to.equal(truth.expected.accepted);
  });

  it("has every planted fault found at its place, by its code, and no other", () => {
    const found = rows.flatMap(({ file, row, faults }) => faults.map((fault) => ({ file, row, ...fault })));
    expect(found).to.have.deep.members([...truth.rejected]);
  });

  it("says the same again only where duplicates are planted, and something else only where conflicts are", () => {
    const places = (same: boolean) =>
      repeated
        .filter(({ record }) => isSame(record!) === same)
        .map(({ file, row, record }) => ({ file, row, number: record!.number }));
    expect(places(true)).to.have.deep.members(truth.duplicates.map(({ file, row, number }) => ({ file, row, number })));
    expect(places(false)).to.have.deep.members(truth.conflicts.map(({ file, row, number }) => ({ file, row, number })));
  });

  function isSame(record: ValidRecord): boolean {
    const first = accepted.get([record.department, record.type, record.number].join())!;
    return JSON.stringify(first.fields) === JSON.stringify(record.fields);
  }

  it("answers every citation but the planted ones", () => {
    const carried = new Set<string>();
    for (const { subject, department, number, otherNumbers } of accepted.values())
      for (const one of [number, ...otherNumbers]) carried.add(`${subject.id} ${one}`).add(`${department} ${one}`);
    const broken = [...accepted.values()].flatMap(({ number, subject, links }) =>
      links
        .filter((link) => !carried.has(`${link.department ?? subject.id} ${link.number}`))
        .map((link) => ({ rel: link.rel, from: number, number: link.number })),
    );
    const planted = truth.brokenLinks.map(({ rel, from, number }) => ({ rel, from, number }));
    expect(broken).to.have.deep.members(planted);
  });

  it("follows one subject through all five kinds, each record citing the one before", () => {
    const records = truth.chain.records.map(({ department, type, number }) =>
      accepted.get([department, type, number].join())!,
    );
    expect(new Set(records.map(({ kind }) => kind)).size).to.equal(5);
    expect(records.every(({ subject }) => subject.id === truth.chain.uscc)).to.equal(true);
    const relations = records.flatMap(({ links }) => links.map(({ rel }) => rel));
    expect(relations).to.include.members(["basis", "inspection-of", "licence-affected", "commitment-for"]);
  });

  it("decides on working days, except where a day off is planted", () => {
    const planted = truth.late.filter(({ what }) => what === "DECIDED_ON_DAY_OFF").map(({ number }) => number);
    const onDaysOff = [...accepted.values()].filter(({ eventTime }) => !workingDay(eventTime.slice(0, 10)).working);
    expect(onDaysOff.map(({ number }) => number)).to.have.members(planted);
  });

  it("is written by registered departments, each within its kinds", () => {
    for (const { department, kind } of accepted.values()) {
      const known = Object.values(demoDepartments).find(({ uscc }) => uscc === department);
      expect(known?.kinds, department).to.include(kind);
    }
  });

  it("changes with the seed", async () => {
    const other = await mkdtemp(join(tmpdir(), "dataset-"));
    await generate({ seed: "2", enterprises: 3, out: other });
    const same = await bytesOf(folder);
    const names = [...(await bytesOf(other))].filter(([name, bytes]) => same.get(name) === bytes);
    expect(names).to.deep.equal([]);
    await rm(other, { recursive: true });
  });
});

describe("A long file for load tests", () => {
  for (const type of rowTypes)
    for (const format of ["csv", "xlsx", "ndjson"] as const) {
      it(`holds acceptable rows only, each with its own number: ${type} as ${format}`, async () => {
        const out = await mkdtemp(join(tmpdir(), "rows-"));
        const file = await generateRows({
          seed: "1",
          rows: 300,
          type,
          format,
          enterprises: 20,
          out,
          until: "2026-10-31",
        });
        const rows = await rowsOf(out, file, "2026-12-31");
        expect(rows.flatMap(({ faults }) => faults)).to.deep.equal([]);
        expect(new Set(rows.map(({ record }) => record!.number)).size).to.equal(300);
        await rm(out, { recursive: true });
      });
    }
});
