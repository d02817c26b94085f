import type { ErrorCode } from "../../backend/src/errors.ts";
import { addMonths, addDays } from "../../backend/src/records/fields/dates.ts";
import { addWorkingDays, workingDay } from "../../backend/src/records/fields/working-days.ts";
import {
  commitment,
  inspection,
  licence,
  licenceCase,
  penaltyWithoutInspection,
  plainCase,
  trafficPenalty,
  type Desk,
  type Draft,
} from "./drafts.ts";
import { anyDay, type Period } from "./stories.ts";
import { personOf, type Enterprise } from "./subjects.ts";
import type { Truth } from "./truth.ts";

/** A record of its own, cited by nobody, that a plant is put into. */
type Maker = (desk: Desk, enterprise: Enterprise, period: Period) => Draft;

const alone: Record<string, Maker> = {
  licence: (desk, enterprise, period) => {
    const granted = licence(desk, enterprise, licenceCase(desk, enterprise, anyDay(desk, earlier(period))));
    return withCells(granted, { serviceCase: "" });
  },
  serviceCase: (desk, enterprise, period) => plainCase(desk, enterprise, anyDay(desk, earlier(period))),
  inspection: (desk, enterprise, period) => inspection(desk, enterprise, anyDay(desk, earlier(period)), false),
  penalty: (desk, enterprise, period) => penaltyWithoutInspection(desk, enterprise, anyDay(desk, earlier(period))),
  traffic: (desk, _, period) => trafficPenalty(desk, personOf(desk.random), anyDay(desk, earlier(period))),
  commitment: (desk, enterprise, period) => {
    const day = anyDay(desk, earlier(period));
    const granted = licence(desk, enterprise, licenceCase(desk, enterprise, day));
    return withCells(commitment(desk, enterprise, day, granted), { commitmentFor: "" });
  },
};

/** Leaves two months at the end, so that what follows from a day still lies in the period. */
function earlier({ from, until }: Period): Period {
  return { from, until: addMonths(until, -2) };
}

export function withCells(draft: Draft, cells: Readonly<Record<string, string>>): Draft {
  return { ...draft, cells: { ...draft.cells, ...cells } };
}

/** A way to spoil a record so that its row must be refused. */
export interface Defect {
  readonly of: Maker;
  /** The claim in whose column the problem lies. */
  readonly claim: string;
  readonly code: ErrorCode;
  readonly spoilt: (value: string, cells: Draft["cells"]) => string;
}

export const defects: readonly Defect[] = [
  { of: alone.licence!, claim: "uscc", code: "USCC_CHECK_FAILED", spoilt: wrongLast },
  { of: alone.penalty!, claim: "fineFen", code: "AMOUNT_TOO_PRECISE", spoilt: (fine) => `${fine}7` },
  { of: alone.inspection!, claim: "inspectionResult", code: "VALUE_NOT_IN_LIST", spoilt: () => "基本合格" },
  { of: alone.serviceCase!, claim: "subjectName", code: "VALUE_MISSING", spoilt: () => "" },
  { of: alone.traffic!, claim: "certificateNumber", code: "PERSON_ID_CHECK_FAILED", spoilt: wrongLast },
  { of: alone.penalty!, claim: "eventTime", code: "DATE_IMPOSSIBLE", spoilt: () => "2026/2/30" },
  {
    of: alone.licence!,
    claim: "validTo",
    code: "DATES_OUT_OF_ORDER",
    spoilt: (_, { validFrom }) => addDays(validFrom!, -1),
  },
  { of: alone.commitment!, claim: "number", code: "VALUE_MALFORMED", spoilt: (number) => number.slice(0, -1) },
  { of: alone.penalty!, claim: "penaltyKinds", code: "VALUE_NOT_IN_LIST", spoilt: () => "罚金" },
  { of: alone.licence!, claim: "uscc", code: "VALUE_LOST_DIGITS", spoilt: () => "9.11101E+17" },
  { of: alone.penalty!, claim: "violationFacts", code: "VALUE_MISSING", spoilt: () => "  " },
  { of: alone.licence!, claim: "uscc", code: "USCC_MALFORMED", spoilt: () => "110108000000001" },
  { of: alone.penalty!, claim: "fineFen", code: "AMOUNT_MALFORMED", spoilt: () => "伍仟元整" },
  { of: alone.inspection!, claim: "itemCode", code: "VALUE_MALFORMED", spoilt: (code) => code.slice(1) },
];

function wrongLast(code: string): string {
  return code.slice(0, -1) + (code.endsWith("2") ? "3" : "2");
}

export function spoiltBy(defect: Defect, desk: Desk, enterprise: Enterprise, period: Period): Draft {
  const draft = defect.of(desk, enterprise, period);
  return withCells(draft, { [defect.claim]: defect.spoilt(draft.cells[defect.claim] ?? "", draft.cells) });
}

/** A citation of a number that no record carries. */
export const brokenCitations = [
  {
    rel: "inspection-of",
    claim: "inspection",
    of: alone.penalty!,
    number: (index: number) => `JC11010820990101${String(index).padStart(6, "0")}`,
  },
  {
    rel: "basis",
    claim: "serviceCase",
    of: alone.licence!,
    number: (index: number) => `110000990101${String(index).padStart(9, "0")}`,
  },
] as const;

/** A record that keeps every rule of form and breaks one of time. */
export interface Lateness {
  readonly what: Truth["late"][number]["what"];
  readonly make: (
    desk: Desk,
    enterprise: Enterprise,
    period: Period,
  ) => { readonly draft: Draft; readonly due: string | null; readonly actual: string };
}

export const lateness: readonly Lateness[] = [
  { what: "CASE_OVERDUE", make: overdueCase },
  { what: "REPORTED_LATE", make: lateReport },
  { what: "DECIDED_ON_DAY_OFF", make: decidedOnDayOff },
];

/** A case that ended six working days after the day promised (行政许可法 art. 42). */
function overdueCase(desk: Desk, enterprise: Enterprise, period: Period): ReturnType<Lateness["make"]> {
  const draft = alone.serviceCase!(desk, enterprise, period);
  const accepted = draft.cells.acceptedAt!.slice(0, 10);
  const due = addWorkingDays(accepted, Number(draft.cells.promisedDays)).day;
  const actual = addWorkingDays(due, 6).day;
  return { draft: withCells(draft, { eventTime: `${actual} 16:20:00` }), due, actual };
}

/** An inspection reported after more than the 20 working days in which its result must be public. */
function lateReport(desk: Desk, enterprise: Enterprise, period: Period): ReturnType<Lateness["make"]> {
  const draft = alone.inspection!(desk, enterprise, period);
  const due = addWorkingDays(draft.cells.eventTime!.slice(0, 10), 20).day;
  const actual = addWorkingDays(due, 4).day;
  return { draft: withCells(draft, { reportedAt: actual }), due, actual };
}

/** A licence that claims to have been decided on a day when nobody worked. */
function decidedOnDayOff(desk: Desk, enterprise: Enterprise, period: Period): ReturnType<Lateness["make"]> {
  const draft = alone.licence!(desk, enterprise, period);
  let actual = draft.cells.eventTime!;
  while (workingDay(actual).working) actual = addDays(actual, 1);
  return { draft: withCells(draft, { eventTime: actual, validFrom: actual }), due: null, actual };
}
