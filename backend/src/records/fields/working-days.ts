import { addDays, dayNumber, type Day } from "./dates.ts";
import { workingDayYears } from "./working-day-calendar.ts";

/** A day found by counting. It is provisional when the count went through a year whose notice is not in the table. */
export interface CountedDay {
  readonly day: Day;
  readonly provisional: boolean;
}

/**
 * The last day of a period of `count` working days (工作日) after an event: the day of the event is not counted
 * (民法典 art. 201). Years without a notice count Monday to Friday, and the answer is provisional.
 */
export function addWorkingDays(event: Day, count: number, calendar = workingDayYears): CountedDay {
  let day = event;
  let provisional = false;
  for (let left = count; left > 0;) {
    day = addDays(day, 1);
    const { working, known } = workingDay(day, calendar);
    if (working) left--;
    if (!known) provisional = true;
  }
  return { day, provisional };
}

/**
 * The last day of a period of calendar days (日). When it falls on a day off, the period ends on the next day after
 * the holiday (民法典 art. 203).
 */
export function endOfCalendarDays(event: Day, count: number, calendar = workingDayYears): CountedDay {
  const last = addDays(event, count);
  return workingDay(last, calendar).working
    ? { day: last, provisional: !calendar.has(yearOf(last)) }
    : addWorkingDays(last, 1, calendar);
}

/** Working days after `from` up to and including `to`; 0 when `to` is not later. */
export function workingDaysBetween(
  from: Day,
  to: Day,
  calendar = workingDayYears,
): { readonly days: number; readonly provisional: boolean } {
  let days = 0;
  let provisional = false;
  for (let day = addDays(from, 1); day <= to; day = addDays(day, 1)) {
    const { working, known } = workingDay(day, calendar);
    if (working) days++;
    if (!known) provisional = true;
  }
  return { days, provisional };
}

/** Whether people work on this day, and whether the notice of its year is known. */
export function workingDay(
  day: Day,
  calendar = workingDayYears,
): { readonly working: boolean; readonly known: boolean } {
  const year = calendar.get(yearOf(day));
  const monthDay = day.slice(5);
  const weekday = (((dayNumber(day) + 4) % 7) + 7) % 7;
  const working = weekday === 0 || weekday === 6 ? year?.worked.includes(monthDay) : !year?.off.includes(monthDay);
  return { working: working ?? false, known: year !== undefined };
}

function yearOf(day: Day): number {
  return Number(day.slice(0, 4));
}
