import { mkdir } from "node:fs/promises";
import { demoDepartments, type DemoDepartment } from "./departments.ts";
import {
  commitment,
  inspection,
  licence,
  licenceCase,
  penaltyWithoutInspection,
  plainCase,
  type Desk,
  type Draft,
} from "./drafts.ts";
import { fileNameOf, layoutOf, openFile, rowOf, type FileFormat } from "./layouts.ts";
import type { Cell } from "./row-files.ts";
import { randomOf } from "./random.ts";
import { anyDay, twoYearsTo, type Period } from "./stories.ts";
import { enterpriseOf, type Enterprise } from "./subjects.ts";
import { trades } from "./trades.ts";

export interface RowsOptions {
  readonly seed: string;
  readonly rows: number;
  /** Record type of the file. */
  readonly type: string;
  readonly format?: FileFormat;
  /** How many enterprises the rows are about. */
  readonly enterprises: number;
  readonly out: string;
  readonly until: string;
}

type Maker = (desk: Desk, enterprise: Enterprise, period: Period) => Draft;

/** One record of a type by itself. */
const makers: Readonly<Record<string, Maker>> = {
  "approval.licence/1": (desk, enterprise, period) =>
    licence(desk, enterprise, licenceCase(desk, enterprise, anyDay(desk, period))),
  "service.case/1": (desk, enterprise, period) => plainCase(desk, enterprise, anyDay(desk, period)),
  "supervision.inspection/1": (desk, enterprise, period) => inspection(desk, enterprise, anyDay(desk, period), false),
  "enforcement.penalty/1": (desk, enterprise, period) =>
    penaltyWithoutInspection(desk, enterprise, anyDay(desk, period)),
  "credit.commitment/1": (desk, enterprise, period) => {
    const day = anyDay(desk, period);
    return commitment(desk, enterprise, day, licence(desk, enterprise, licenceCase(desk, enterprise, day)));
  },
};

/** The types of which long files can be written. */
export const rowTypes: readonly string[] = Object.keys(makers);

/** Writes one file of acceptable rows of one type and one department, row by row; answers its name. */
export async function generateRows(options: RowsOptions): Promise<string> {
  const period = twoYearsTo(options.until);
  const desk = deskOf(options.seed);
  const department = rowDepartments[options.type] ?? demoDepartments.haidianMarket;
  const layout = layoutOf(options.type, department, options.format);
  await mkdir(options.out, { recursive: true });
  const file = await openFile(layout, options.out);
  const make = makers[options.type]!;
  for (let row = 0; row < options.rows; row++) {
    const enterprise = inHaidian(enterpriseOf(options.seed, row % options.enterprises));
    await file.write(rowOf(layout, make(desk, enterprise, period), desk.random));
  }
  await file.close();
  return fileNameOf(layout);
}

/** Which department writes the files of a type, when it is not the district's market regulation. */
const rowDepartments: Readonly<Record<string, DemoDepartment>> = {
  "service.case/1": demoDepartments.serviceHall,
  "credit.commitment/1": demoDepartments.creditOffice,
};

/** A record as it is submitted by itself, under the headings of its department. */
export interface Submission {
  readonly type: string;
  readonly department: string;
  readonly fields: Readonly<Record<string, Cell>>;
}

/** Makes submissions of one type, one after the other. */
export function submissionsOf(type: string): (desk: Desk, enterprise: Enterprise, period: Period) => Submission {
  const { columns, ...layout } = layoutOf(type, rowDepartments[type] ?? demoDepartments.haidianMarket, "ndjson");
  return (desk, enterprise, period) => {
    const cells = rowOf({ ...layout, columns }, makers[type]!(desk, enterprise, period), desk.random);
    const filled = columns.map(({ name }, c) => [name, cells[c]!] as const).filter(([, cell]) => cell !== "");
    return { type, department: layout.department.uscc, fields: Object.fromEntries(filled) };
  };
}

/** One department's file is about the businesses that it is in charge of. */
function inHaidian(enterprise: Enterprise): Enterprise {
  return { ...enterprise, area: "110108", trade: trades.food };
}

/** A desk whose document numbers never repeat. */
export function deskOf(seed: string): Desk {
  const serials = new Map<string, number>();
  const serial = (series: string) => {
    const next = (serials.get(series) ?? 0) + 1;
    serials.set(series, next);
    return next;
  };
  return { random: randomOf(seed, "rows"), serial };
}
