import { fault, type Fault } from "../problems.ts";

/** `YYYY-MM-DD`, a day in China time. */
export type Day = string;

/** An indefinite end (长期), which files write as 2099/12/31. */
export const indefinite = "indefinite";

/**
 * A day, with the moment as RFC 3339 with +08:00 when the cell gave a time; `indefinite` for 长期; or what is wrong.
 */
export type DateReading =
  { readonly day: Day; readonly moment: string | null; readonly fault?: undefined } | { readonly fault: Fault };

const earliestYear = 1949;
const latestYear = 2199;
const endless = new Set([indefinite, "2099-12-31", "9999-12-31", "长期", "永久", "长期有效", "永久有效", "无固定期限"]);

const separated = /^(\d{4})([-/.])(\d{1,2})\2(\d{1,2})$/;
const chinese = /^(\d{4})(年)(\d{1,2})月(\d{1,2})日$/;
const compact = /^(\d{4})()(\d{2})(\d{2})$/;
const serial = /^(\d{5})(?:\.\d+)?$/;
const clock = /^(\d{1,2}):(\d{2})(?::(\d{2})(?:\.\d+)?)?(Z|[+-]\d{2}:?\d{2})?$/;

/**
 * Reads a date as files write it: 2026-03-02, 2026/3/2, 2026.3.2, 20260302, 2026年3月2日, each with or without a time,
 * an Excel serial (1900 system; its fraction of a day is dropped), 2099/12/31 and 长期. Day-first and two-digit-year
 * forms are refused, not guessed. A time without an offset is China time; with one it is converted.
 */
export function readDate(cell: string): DateReading {
  const text = cell
    .normalize("NFKC")
    .replace(/\s*([年月日])\s*/g, "$1")
    .replace("日", "日 ")
    .trim();
  if (endless.has(text)) return { day: indefinite, moment: null };
  const [date = "", ...time] = text.split(/[T\s]+/);
  const days = serial.exec(date);
  if (days) return dayReading(dayOfSerial(Number(days[1])));
  const parts = separated.exec(date) ?? chinese.exec(date) ?? compact.exec(date);
  if (!parts) return { fault: unreadable };
  return withClock(Number(parts[1]), Number(parts[3]), Number(parts[4]), time.join(""));
}

function withClock(year: number, month: number, day: number, time: string): DateReading {
  const found = time === "" ? null : clock.exec(time);
  if (time !== "" && !found) return { fault: unreadable };
  if (!dayExists(year, month, day)) return { fault: impossible(year, month, day) };
  const date = dayOf(year, month, day);
  if (endless.has(date)) return { day: indefinite, moment: null };
  if (!found) return dayReading(date);
  const [, hours = "", minutes = "", seconds = "00", offset = "+08:00"] = found;
  if (Number(hours) > 23 || Number(minutes) > 59 || Number(seconds) > 59) return { fault: unreadable };
  const moment = chinaMoment(`${date}T${hours.padStart(2, "0")}:${minutes}:${seconds}`, offset);
  return moment === null ? { fault: unreadable } : dayReading(moment.slice(0, 10), moment);
}

function dayReading(day: Day, moment: string | null = null): DateReading {
  const year = Number(day.slice(0, 4));
  if (year < earliestYear || year > latestYear) return { fault: outOfRange };
  return { day, moment };
}

/** The same moment with China's offset, to the second; null when the offset is impossible. */
function chinaMoment(local: string, offset: string): string | null {
  if (offset === "+08:00") return local + offset;
  const at = Date.parse(local + offset.replace(/^([+-]\d{2})(\d{2})$/, "$1:$2"));
  return Number.isNaN(at) ? null : `${new Date(at + 8 * 3_600_000).toISOString().slice(0, 19)}+08:00`;
}

/** Whether the Gregorian calendar has this day. */
export function dayExists(year: number, month: number, day: number): boolean {
  if (month < 1 || month > 12 || day < 1) return false;
  const date = new Date(0);
  date.setUTCFullYear(year, month, 0);
  return day <= date.getUTCDate();
}

function dayOf(year: number, month: number, day: number): Day {
  return `${String(year).padStart(4, "0")}-${String(month).padStart(2, "0")}-${String(day).padStart(2, "0")}`;
}

/** The day of an Excel serial in the 1900 system, where 60 is the 29 February 1900 that never was. */
export function dayOfSerial(days: number): Day {
  return addDays("1899-12-30", days < 60 ? days + 1 : days);
}

/** Days since 1970-01-01. */
export function dayNumber(day: Day): number {
  return Date.parse(`${day}T00:00:00Z`) / 86_400_000;
}

/** The day `count` calendar days later, or earlier when negative. */
export function addDays(day: Day, count: number): Day {
  return new Date((dayNumber(day) + count) * 86_400_000).toISOString().slice(0, 10);
}

/** The same day `count` months later, else the last day of that month (民法典 art. 202). */
export function addMonths(day: Day, count: number): Day {
  const month = Number(day.slice(5, 7)) - 1 + count;
  const date = new Date(Date.UTC(Number(day.slice(0, 4)), month + 1, 0));
  date.setUTCDate(Math.min(Number(day.slice(8)), date.getUTCDate()));
  return date.toISOString().slice(0, 10);
}

const unreadable = fault("DATE_UNREADABLE", "请填年/月/日，如2026/03/02", "Give year/month/day, e.g. 2026/03/02");
const outOfRange = fault(
  "DATE_OUT_OF_RANGE",
  `年份应在${earliestYear}至${latestYear}之间`,
  `The year must lie between ${earliestYear} and ${latestYear}`,
);

function impossible(year: number, month: number, day: number): Fault {
  return fault(
    "DATE_IMPOSSIBLE",
    `${year}年没有${month}月${day}日`,
    `There is no day ${day} of month ${month} in ${year}`,
  );
}
