import { addDays, addMonths, dayNumber, type Day } from "../../backend/src/records/fields/dates.ts";
import { demoDepartments, type DemoDepartment } from "./departments.ts";
import {
  commitment,
  inspection,
  licence,
  licenceCase,
  penaltyAfter,
  penaltyWithoutInspection,
  plainCase,
  plan,
  trafficPenalty,
  workingDayFrom,
  type Desk,
  type Draft,
} from "./drafts.ts";
import { personOf, type Enterprise } from "./subjects.ts";

/** The time that a dataset covers, both days included. */
export interface Period {
  readonly from: Day;
  readonly until: Day;
}

/** The 24 months that end on this day. */
export function twoYearsTo(until: Day): Period {
  return { from: addDays(addMonths(until, -24), 1), until };
}

/**
 * Mean number of records per enterprise in two years, 25 in all, in the proportions of a city of Beijing's size and its
 * 30 M records a year: 5.6 M double-publicity records (of which 7.2 % are licences, as in a province that reports
 * both), 5 M inspections, 1 % credit records, the rest service cases. 85 % of the penalties are natural persons'.
 */
export const means = {
  services: (25 * (30 - 5.6 - 5 - 0.3)) / 30,
  inspections: (25 * 5) / 30,
  licences: (25 * 5.6 * 0.072) / 30,
  penalties: (25 * 5.6 * 0.928 * 0.15) / 30,
  personalPenalties: (25 * 5.6 * 0.928 * 0.85) / 30,
  commitments: (25 * 0.3) / 30,
};

/** Everything that one enterprise, and its share of natural persons, leaves behind in the period. */
export function recordsOf(desk: Desk, enterprise: Enterprise, period: Period): readonly Draft[] {
  const { random } = desk;
  const licensed = times(random.around(means.licences)).flatMap(() => licensing(desk, enterprise, period));
  const other = times(random.around(means.services - means.licences)).map(() =>
    plainCase(desk, enterprise, anyDay(desk, period)),
  );
  const punished = times(random.around(means.penalties)).flatMap(() => punishment(desk, enterprise, period));
  const visits = times(random.around(means.inspections - means.penalties * 0.7)).map(() =>
    inspection(desk, enterprise, anyDay(desk, period), false),
  );
  return inPeriod([...licensed, ...other, ...visits, ...punished, ...traffic(desk, period)], period);
}

function traffic(desk: Desk, period: Period): readonly Draft[] {
  const count = desk.random.around(means.personalPenalties);
  return times(count).map(() => trafficPenalty(desk, personOf(desk.random), anyDay(desk, period)));
}

/** Application and licence; one in seven on commitment. */
function licensing(desk: Desk, enterprise: Enterprise, period: Period): readonly Draft[] {
  const application = licenceCase(desk, enterprise, anyDay(desk, period));
  const granted = licence(desk, enterprise, application);
  if (!desk.random.chance(0.15)) return [application, granted];
  return [application, granted, commitment(desk, enterprise, granted.cells.eventTime!, granted)];
}

/** A penalty with its inspection, if it had one, and sometimes the commitment with which its repair is applied for. */
function punishment(desk: Desk, enterprise: Enterprise, period: Period): readonly Draft[] {
  const day = anyDay(desk, period);
  const visit = desk.random.chance(0.7) ? inspection(desk, enterprise, day, true) : undefined;
  const decision = visit ? penaltyAfter(desk, enterprise, visit) : penaltyWithoutInspection(desk, enterprise, day);
  const before = visit ? [visit] : [];
  if (!desk.random.chance(0.3)) return [...before, decision];
  return [...before, decision, commitment(desk, enterprise, repairDay(desk, decision), decision)];
}

/** Repair may be applied for three months after the decision (信用修复管理办法, general dishonesty). */
function repairDay({ random }: Desk, { cells }: Draft): Day {
  return workingDayFrom(addDays(addMonths(cells.eventTime!, 3), random.int(1, 60)));
}

/** The whole chain for one enterprise: application, licence, clean visit, visit that finds, penalty, repair. */
export function followedChain(desk: Desk, enterprise: Enterprise, period: Period): readonly Draft[] {
  const day = (offset: number) => workingDayFrom(addDays(period.from, offset));
  const application = licenceCase(desk, enterprise, day(30));
  const granted = licence(desk, enterprise, application);
  const found = inspection(desk, enterprise, day(330), true);
  const decision = penaltyAfter(desk, enterprise, found, granted);
  return [
    application,
    granted,
    inspection(desk, enterprise, day(150), false),
    plainCase(desk, enterprise, day(210)),
    found,
    decision,
    commitment(desk, enterprise, repairDay(desk, decision), decision),
  ];
}

/** The plans that the period's inspections cite: one a quarter and inspecting department, published before it begins. */
export function* plansOf(desk: Desk, period: Period): Iterable<Draft> {
  for (const department of Object.values<DemoDepartment>(demoDepartments)) {
    if (!department.kinds.includes(3)) continue;
    for (let quarter = startOfQuarter(period.from); quarter <= period.until; quarter = addMonths(quarter, 3)) {
      yield plan(desk, department, quarter);
    }
  }
}

function startOfQuarter(day: Day): Day {
  const month = Math.floor((Number(day.slice(5, 7)) - 1) / 3) * 3 + 1;
  return `${day.slice(0, 4)}-${String(month).padStart(2, "0")}-01`;
}

/** A working day of the period. */
export function anyDay({ random }: Desk, { from, until }: Period): Day {
  return workingDayFrom(addDays(from, random.int(0, dayNumber(until) - dayNumber(from) - 10)));
}

function inPeriod(drafts: readonly Draft[], { until }: Period): readonly Draft[] {
  return drafts.filter(({ cells }) => cells.eventTime!.slice(0, 10) <= until);
}

function times(count: number): readonly number[] {
  return Array.from({ length: count }, (_, index) => index);
}
