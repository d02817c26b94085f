import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { defects, brokenCitations, lateness, spoiltBy, withCells } from "./defects.ts";
import type { Desk, Draft } from "./drafts.ts";
import { columnNameOf, fileNameOf, layoutOf, openFile, rowOf, type Layout } from "./layouts.ts";
import { randomOf, type Random } from "./random.ts";
import type { RowFile } from "./row-files.ts";
import { followedChain, means, plansOf, recordsOf, twoYearsTo, type Period } from "./stories.ts";
import { enterpriseOf, type Enterprise } from "./subjects.ts";
import type { Place, Truth } from "./truth.ts";

export interface DatasetOptions {
  /** The same seed gives the same bytes. */
  readonly seed: string;
  readonly enterprises: number;
  /** Folder that receives the files and truth.json. */
  readonly out: string;
  /** Last day of the 24 months, `YYYY-MM-DD`. */
  readonly until?: string;
}

/** The last day that datasets cover unless told otherwise; fixed, so that the same command always writes the same. */
export const defaultUntil = "2026-10-31";

/** Share of the records that is planted of each sort, and the least number where records are few. */
const planted = {
  defects: { share: 0.01, least: defects.length },
  duplicates: { share: 0.003, least: 4 },
  conflicts: { share: 0.001, least: 2 },
  brokenLinks: { share: 0.002, least: brokenCitations.length },
  lateness: { share: 0.0034, least: lateness.length },
};

/** Writes what the departments of a city would deliver for two years, and what was planted in it. */
export async function generate(options: DatasetOptions): Promise<Truth> {
  const writer = new DatasetWriter(options);
  await mkdir(options.out, { recursive: true });
  await writer.writeAll();
  const truth = await writer.finish();
  await writeFile(join(options.out, "truth.json"), `${JSON.stringify(truth, null, 2)}\n`);
  return truth;
}

interface OpenFile {
  readonly layout: Layout;
  readonly file: RowFile;
  rows: number;
  /** The last row that will be accepted, from which duplicates and conflicts are made. */
  last?: { readonly draft: Draft; readonly row: number };
}

class DatasetWriter {
  readonly #options: DatasetOptions;
  readonly #period: Period;
  readonly #files = new Map<string, OpenFile>();
  readonly #serials = new Map<string, number>();
  readonly #typing: Random;
  readonly #found: {
    -readonly [K in "rejected" | "duplicates" | "conflicts" | "brokenLinks" | "late"]: Truth[K][number][];
  } = { rejected: [], duplicates: [], conflicts: [], brokenLinks: [], late: [] };
  #chain: readonly Draft[] = [];

  constructor(options: DatasetOptions) {
    this.#options = options;
    this.#period = twoYearsTo(options.until ?? defaultUntil);
    this.#typing = randomOf(options.seed, "typing");
  }

  async writeAll(): Promise<void> {
    for (const plan of plansOf(this.#desk("plans"), this.#period)) await this.#write(plan);
    for (let index = 0; index < this.#options.enterprises; index++) {
      const enterprise = enterpriseOf(this.#options.seed, index);
      const records = this.#recordsOf(enterprise);
      if (index === 0) this.#chain = records;
      for (const record of records) await this.#write(record);
      await this.#plant(enterprise);
    }
  }

  #recordsOf(enterprise: Enterprise): readonly Draft[] {
    const desk = this.#desk("records", enterprise.index);
    if (enterprise.index === 0) return followedChain(desk, enterprise, this.#period);
    return recordsOf(desk, enterprise, this.#period);
  }

  /** After each enterprise, its share of what is planted, spread evenly over the whole. */
  async #plant(enterprise: Enterprise): Promise<void> {
    const desk = this.#desk("plants", enterprise.index);
    for (const index of this.#due("defects", enterprise.index)) await this.#plantDefect(desk, enterprise, index);
    for (const index of this.#due("brokenLinks", enterprise.index))
      await this.#plantBrokenLink(desk, enterprise, index);
    for (const index of this.#due("lateness", enterprise.index)) await this.#plantLateness(desk, enterprise, index);
    for (const index of this.#due("duplicates", enterprise.index)) await this.#plantDuplicate(index);
    for (const index of this.#due("conflicts", enterprise.index)) await this.#plantConflict(index);
  }

  /** Which plants of a sort follow this enterprise: the n-th of N stands after the (n/N)-th part of the enterprises. */
  #due(sort: keyof typeof planted, enterprise: number): readonly number[] {
    const { enterprises } = this.#options;
    const perEnterprise = Object.values(means).reduce((sum, mean) => sum + mean, 0);
    const total = Math.max(planted[sort].least, Math.round(planted[sort].share * enterprises * perEnterprise));
    const upTo = (count: number) => Math.floor((count * total) / enterprises);
    const first = upTo(enterprise);
    return Array.from({ length: upTo(enterprise + 1) - first }, (_, offset) => first + offset);
  }

  async #plantDefect(desk: Desk, enterprise: Enterprise, index: number): Promise<void> {
    const defect = defects[index % defects.length]!;
    const { layout, place } = await this.#append(spoiltBy(defect, desk, enterprise, this.#period));
    this.#found.rejected.push({ ...place, column: columnNameOf(layout, defect.claim), code: defect.code });
  }

  async #plantBrokenLink(desk: Desk, enterprise: Enterprise, index: number): Promise<void> {
    const { rel, claim, of, number } = brokenCitations[index % brokenCitations.length]!;
    const draft = withCells(of(desk, enterprise, this.#period), { [claim]: number(index) });
    const { place } = await this.#write(draft);
    this.#found.brokenLinks.push({ ...place, rel, from: draft.cells.number!, number: number(index) });
  }

  async #plantLateness(desk: Desk, enterprise: Enterprise, index: number): Promise<void> {
    const { what, make } = lateness[index % lateness.length]!;
    const { draft, due, actual } = make(desk, enterprise, this.#period);
    const { place } = await this.#write(draft);
    this.#found.late.push({ ...place, number: draft.cells.number!, what, due, actual });
  }

  async #plantDuplicate(index: number): Promise<void> {
    const last = this.#lastOf(["enforcement.penalty/1", "service.case/1", "approval.licence/1"][index % 3]!);
    const { place } = await this.#append(last.draft);
    this.#found.duplicates.push({ ...place, firstRow: last.row, number: last.draft.cells.number! });
  }

  async #plantConflict(index: number): Promise<void> {
    const [type, field, value] = conflicting[index % conflicting.length]!;
    const { draft, row } = this.#lastOf(type);
    const { place } = await this.#append(withCells(draft, { [field]: value }));
    const number = draft.cells.number!;
    this.#found.conflicts.push({ ...place, firstRow: row, number, department: draft.department.uscc, field });
  }

  #lastOf(type: string): NonNullable<OpenFile["last"]> {
    const files = [...this.#files.values()].filter(({ layout, last }) => layout.type.type === type && last);
    return files.at(-1)!.last!;
  }

  /** Writes a record that will be accepted. */
  async #write(draft: Draft): Promise<{ readonly place: Place }> {
    const { open, place } = await this.#append(draft);
    open.last = { draft, row: place.row };
    return { place };
  }

  async #append(draft: Draft): Promise<{ readonly open: OpenFile; readonly layout: Layout; readonly place: Place }> {
    const open = await this.#fileFor(draft);
    await open.file.write(rowOf(open.layout, draft, this.#typing));
    open.rows++;
    const heading = open.layout.format === "ndjson" ? 0 : 1;
    return { open, layout: open.layout, place: { file: fileNameOf(open.layout), row: open.rows + heading } };
  }

  async #fileFor({ type, department }: Draft): Promise<OpenFile> {
    const key = `${type}/${department.slug}`;
    const known = this.#files.get(key);
    if (known) return known;
    const layout = layoutOf(type, department);
    const open: OpenFile = { layout, file: await openFile(layout, this.#options.out), rows: 0 };
    this.#files.set(key, open);
    return open;
  }

  #desk(...path: readonly (string | number)[]): Desk {
    return { random: randomOf(this.#options.seed, ...path), serial: (series) => this.#serial(series) };
  }

  #serial(series: string): number {
    const next = (this.#serials.get(series) ?? 0) + 1;
    this.#serials.set(series, next);
    return next;
  }

  async finish(): Promise<Truth> {
    const open = [...this.#files.values()];
    for (const { file } of open) await file.close();
    const files = open.map(({ layout, rows }) => ({
      file: fileNameOf(layout),
      type: layout.type.type,
      department: layout.department.uscc,
      rows,
    }));
    const { seed, enterprises } = this.#options;
    return {
      seed,
      enterprises,
      period: this.#period,
      files,
      expected: this.#expected(files),
      ...this.#found,
      chain: this.#chainTruth(),
    };
  }

  #expected(files: Truth["files"]): Truth["expected"] {
    const rows = files.reduce((sum, file) => sum + file.rows, 0);
    const [duplicates, conflicts, rejected] = [this.#found.duplicates, this.#found.conflicts, this.#found.rejected].map(
      ({ length }) => length,
    ) as [number, number, number];
    return { rows, accepted: rows - duplicates - conflicts - rejected, duplicates, conflicts, rejected };
  }

  #chainTruth(): Truth["chain"] {
    const { name, uscc } = enterpriseOf(this.#options.seed, 0);
    const day = ({ cells }: Draft) => cells.eventTime!.slice(0, 10);
    const inOrder = this.#chain.toSorted((a, b) => day(a).localeCompare(day(b)));
    const records = inOrder.map(({ type, department, cells }) => ({
      type,
      department: department.uscc,
      number: cells.number!,
    }));
    return { uscc, name, records };
  }
}

/** What a second document under the same number says differently. */
const conflicting = [
  ["enforcement.penalty/1", "remarks", "同一文号、内容不同的第二份决定书"],
  ["approval.licence/1", "licenceStatus", "无效"],
] as const;
