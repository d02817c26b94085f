import { expect } from "chai";
import fc from "fast-check";
import {
  addDays,
  addMonths,
  dayExists,
  dayNumber,
  dayOfSerial,
  readDate,
} from "../../../backend/src/records/fields/dates.ts";

const day = fc
  .date({ min: new Date("1949-01-01"), max: new Date("2099-12-30"), noInvalidDate: true })
  .map((date) => date.toISOString().slice(0, 10));

describe("Dates", () => {
  it("reads one day from all its written forms", () => {
    fc.assert(
      fc.property(day, (date) => {
        const [y, m, d] = date.split("-").map(Number);
        const serial = dayNumber(date) - dayNumber("1899-12-30");
        const forms = [
          `${y}/${m}/${d}`,
          `${y}.${m}.${d}`,
          `${y}年${m}月${d}日`,
          date.replaceAll("-", ""),
          `${y}-${m}-${d} 0:00`,
        ];
        for (const form of [date, ...forms, ` ${date}\t`, ...(serial >= 10_000 ? [`${serial}`, `${serial}.5`] : [])]) {
          expect(readDate(form), form).to.have.property("day", date);
        }
      }),
    );
  });

  it("never throws", () => {
    fc.assert(fc.property(fc.string({ unit: "grapheme" }), (text) => typeof readDate(text) === "object"));
  });

  const days: readonly [string, string][] = [
    ["２０２６/０３/０２", "2026-03-02"],
    ["2026 年 3 月 2 日", "2026-03-02"],
    ["45293", "2024-01-02"],
    ["2024/2/29", "2024-02-29"],
    ["2099/12/31", "indefinite"],
    ["2099-12-31 00:00:00", "indefinite"],
    ["20991231", "indefinite"],
    ["长期", "indefinite"],
    ["9999-12-31", "indefinite"],
  ];
  for (const [cell, expected] of days) {
    it(`reads ${cell} as ${expected}`, () => {
      expect(readDate(cell)).to.have.property("day", expected);
    });
  }

  const moments: readonly [string, string][] = [
    ["2026-03-02 4:05", "2026-03-02T04:05:00+08:00"],
    ["2026年3月2日14:05:06", "2026-03-02T14:05:06+08:00"],
    ["2026-03-02T16:00:00.123Z", "2026-03-03T00:00:00+08:00"],
    ["2026-03-02T10:00:00+0900", "2026-03-02T09:00:00+08:00"],
    ["2026/3/2 14:05:06 +08:00", "2026-03-02T14:05:06+08:00"],
  ];
  for (const [cell, expected] of moments) {
    it(`reads ${cell} as ${expected}`, () => {
      expect(readDate(cell)).to.deep.equal({ day: expected.slice(0, 10), moment: expected });
    });
  }

  const refused: readonly [string, string][] = [
    ["2024/2/30", "DATE_IMPOSSIBLE"],
    ["2023-02-29", "DATE_IMPOSSIBLE"],
    ["2026-13-01", "DATE_IMPOSSIBLE"],
    ["2026-04-31", "DATE_IMPOSSIBLE"],
    ["20240230", "DATE_IMPOSSIBLE"],
    ["02/03/2026", "DATE_UNREADABLE"],
    ["26-03-02", "DATE_UNREADABLE"],
    ["2026-03/02", "DATE_UNREADABLE"],
    ["2026-03", "DATE_UNREADABLE"],
    ["2026-03-02 25:00", "DATE_UNREADABLE"],
    ["2026-03-02 later", "DATE_UNREADABLE"],
    ["today", "DATE_UNREADABLE"],
    ["1899-01-01", "DATE_OUT_OF_RANGE"],
    ["2200-01-01", "DATE_OUT_OF_RANGE"],
    ["10000", "DATE_OUT_OF_RANGE"],
  ];
  for (const [cell, expected] of refused) {
    it(`refuses ${cell}: ${expected}`, () => {
      expect(readDate(cell).fault?.code).to.equal(expected);
    });
  }

  it("skips the 29 February 1900 that Excel invented", () => {
    expect(dayOfSerial(59)).to.equal("1900-02-28");
    expect(dayOfSerial(61)).to.equal("1900-03-01");
    expect(dayOfSerial(45_293)).to.equal("2024-01-02");
  });

  it("knows leap years", () => {
    expect(dayExists(2000, 2, 29)).to.equal(true);
    expect(dayExists(1900, 2, 29)).to.equal(false);
    expect(dayExists(2024, 0, 1)).to.equal(false);
  });

  it("adds days and takes them away again", () => {
    fc.assert(fc.property(day, fc.integer({ min: -40_000, max: 40_000 }), (d, n) => addDays(addDays(d, n), -n) === d));
  });

  it("adds months to the same day, or to the month's last (民法典 art. 202)", () => {
    expect(addMonths("2026-01-31", 1)).to.equal("2026-02-28");
    expect(addMonths("2024-01-31", 1)).to.equal("2024-02-29");
    expect(addMonths("2026-11-30", 3)).to.equal("2027-02-28");
    expect(addMonths("2026-03-15", 12)).to.equal("2027-03-15");
  });
});
