import { expect } from "chai";
import fc from "fast-check";
import { addDays, dayNumber } from "../../../backend/src/records/fields/dates.ts";
import { workingDayYears } from "../../../backend/src/records/fields/working-day-calendar.ts";
import {
  addWorkingDays,
  endOfCalendarDays,
  workingDay,
  workingDaysBetween,
} from "../../../backend/src/records/fields/working-days.ts";

const known = fc
  .integer({ min: dayNumber("2024-01-01"), max: dayNumber("2026-10-31") })
  .map((number) => addDays("1970-01-01", number));

describe("Working days", () => {
  const vectors: readonly [string, number, string][] = [
    ["2026-02-12", 7, "2026-02-28"],
    ["2026-02-10", 7, "2026-02-26"],
    ["2026-04-30", 7, "2026-05-13"],
    ["2026-06-15", 7, "2026-06-25"],
    ["2026-09-24", 7, "2026-10-12"],
    ["2025-09-29", 7, "2025-10-15"],
    ["2025-01-24", 7, "2025-02-10"],
    ["2026-02-12", 3, "2026-02-24"],
    ["2026-09-24", 3, "2026-09-30"],
    ["2026-09-24", 20, "2026-10-29"],
    ["2024-02-08", 1, "2024-02-09"],
    ["2024-02-09", 1, "2024-02-18"],
    ["2024-09-30", 1, "2024-10-08"],
  ];
  for (const [event, count, expected] of vectors) {
    it(`counts ${count} from ${event} to ${expected}`, () => {
      expect(addWorkingDays(event, count)).to.deep.equal({ day: expected, provisional: false });
    });
  }

  it("has the State Council's number of days off and days worked for them", () => {
    // Each weekday off beyond the statutory holidays is worked on a weekend: 11 holidays in 2024, 13 since 2025.
    const surplus = [...workingDayYears].map(([year, { off, worked }]) => [year, off.length - worked.length]);
    expect(surplus).to.deep.equal([
      [2024, 11],
      [2025, 13],
      [2026, 13],
    ]);
  });

  it("lists only weekdays as off and only weekend days as worked", () => {
    for (const [year, { off, worked }] of workingDayYears) {
      const isWeekend = (monthDay: string) => [0, 6].includes(new Date(`${year}-${monthDay}T00:00:00Z`).getUTCDay());
      expect(off.filter(isWeekend)).to.deep.equal([]);
      expect(worked.filter((monthDay) => !isWeekend(monthDay))).to.deep.equal([]);
    }
  });

  it("always ends on a working day, and counts back to the same number", () => {
    fc.assert(
      fc.property(known, fc.integer({ min: 1, max: 40 }), (event, count) => {
        const { day } = addWorkingDays(event, count);
        expect(workingDay(day).working).to.equal(true);
        expect(workingDaysBetween(event, day).days).to.equal(count);
      }),
    );
  });

  it("ends a calendar period after the holiday on which its last day falls (民法典 art. 203)", () => {
    expect(endOfCalendarDays("2026-09-21", 15)).to.deep.equal({ day: "2026-10-08", provisional: false });
    expect(endOfCalendarDays("2026-03-02", 15)).to.deep.equal({ day: "2026-03-17", provisional: false });
  });

  it("is provisional as soon as it counts through a year without a notice", () => {
    expect(addWorkingDays("2026-12-25", 7)).to.deep.equal({ day: "2027-01-05", provisional: true });
    expect(addWorkingDays("2026-12-21", 7)).to.deep.equal({ day: "2026-12-30", provisional: false });
    expect(workingDaysBetween("2027-01-01", "2027-01-11")).to.deep.equal({ days: 6, provisional: true });
    expect(endOfCalendarDays("2026-12-01", 90).provisional).to.equal(true);
    expect(workingDay("1969-06-14")).to.deep.equal({ working: false, known: false });
  });

  it("counts nothing when the end is not later", () => {
    expect(workingDaysBetween("2026-03-02", "2026-03-02")).to.deep.equal({ days: 0, provisional: false });
    expect(addWorkingDays("2026-03-07", 0)).to.deep.equal({ day: "2026-03-07", provisional: false });
  });
});
