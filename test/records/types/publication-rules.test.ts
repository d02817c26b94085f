import { expect } from "chai";
import fc from "fast-check";
import { todayInChina } from "../../../backend/src/records/china-time.ts";
import { addDays } from "../../../backend/src/records/fields/dates.ts";
import { isPublished } from "../../../backend/src/records/types/publication.ts";
import {
  type Dishonesty,
  publishedUntil,
  repairableFrom,
  RULE_SETS,
  rulesOn,
} from "../../../backend/src/records/types/publication-rules.ts";
import { type Classification, CLASSIFICATIONS, severityOf } from "../../../backend/src/records/types/severity.ts";
import { typeNamed } from "./vectors.ts";

const BEIJING = "110108";
const ELSEWHERE = "310115";

describe("rules of publishing dishonesty", () => {
  for (const [day, area, names] of [
    ["2021-08-31", ELSEWHERE, []],
    ["2021-09-01", ELSEWHERE, ["SAMR2021"]],
    ["2023-04-30", ELSEWHERE, ["SAMR2021"]],
    ["2023-05-01", ELSEWHERE, ["ORDER58"]],
    ["2026-03-31", ELSEWHERE, ["ORDER58"]],
    ["2026-04-01", ELSEWHERE, ["ORDER36"]],
    ["2024-11-28", BEIJING, ["ORDER58"]],
    ["2024-11-29", BEIJING, ["ORDER58", "BJ2024"]],
    ["2026-04-01", BEIJING, ["BJ2024", "ORDER36"]],
  ] as const)
    it(`in force on ${day} in ${area}: ${names.join(", ") || "none that is known"}`, () => {
      expect(rulesOn(day, area).map(({ name }) => name)).to.deep.equal(names);
    });

  it("leaves no day without a nation-wide rule, and none with two", () => {
    const national = RULE_SETS.filter(({ area }) => area === "");
    for (const [i, { to }] of national.entries())
      expect(to === null ? undefined : addDays(to, 1)).to.equal(national[i + 1]?.from);
  });

  for (const [what, severity, decidedOn, area, today, until] of [
    ["order 36, general: one year", "GENERAL", "2026-04-01", ELSEWHERE, "2026-11-28", "2027-04-01"],
    ["order 36, serious: three years", "SERIOUS", "2026-04-01", ELSEWHERE, "2026-11-28", "2029-04-01"],
    ["order 36, minor: not at all", "MINOR", "2026-04-01", ELSEWHERE, "2026-11-28", null],
    ["order 58, while it was in force: three years", "GENERAL", "2023-06-30", ELSEWHERE, "2026-03-31", "2026-06-30"],
    ["order 58, under order 36: the milder year", "GENERAL", "2023-06-30", ELSEWHERE, "2026-04-01", "2024-06-30"],
    ["order 58, minor: not at all", "MINOR", "2023-05-01", ELSEWHERE, "2023-05-01", null],
    ["Beijing's year while order 58 was in force", "GENERAL", "2024-11-29", BEIJING, "2025-01-01", "2025-11-29"],
    ["before Beijing's year", "GENERAL", "2024-11-28", BEIJING, "2024-11-28", "2027-11-28"],
    ["2021, minor: three months", "MINOR", "2022-11-30", ELSEWHERE, "2022-12-01", "2023-02-28"],
    ["2021, general: three years", "GENERAL", "2022-02-28", ELSEWHERE, "2023-04-30", "2025-02-28"],
    ["before any rule that is known", "SERIOUS", "2021-08-31", ELSEWHERE, "2021-09-01", null],
    ["on 29 February: to the month's last day", "GENERAL", "2024-02-29", BEIJING, "2026-11-28", "2025-02-28"],
  ] as const)
    it(what, () => {
      expect(publishedUntil({ severity, decidedOn, area, isUnpaid: false }, today)).to.equal(until);
    });

  it("keeps what is unpaid published in Beijing, and only there", () => {
    const unpaid = { severity: "GENERAL", decidedOn: "2025-01-02", isUnpaid: true } as const;
    expect(publishedUntil({ ...unpaid, area: BEIJING }, "2026-11-28")).to.equal("indefinite");
    expect(publishedUntil({ ...unpaid, area: ELSEWHERE }, "2026-11-28")).to.equal("2026-01-02");
    expect(publishedUntil({ ...unpaid, severity: "MINOR", area: BEIJING }, "2026-11-28")).to.equal(null);
  });

  for (const [severity, expected] of [
    ["MINOR", "2026-04-30"],
    ["GENERAL", "2026-07-30"],
    ["SERIOUS", "2027-04-30"],
  ] as const)
    it(`repairs ${severity} from ${expected} on`, () => {
      const decided = { severity, decidedOn: "2026-04-30", area: ELSEWHERE, isUnpaid: false };
      expect(repairableFrom(decided, "2026-11-28")).to.equal(expected);
    });

  it("publishes no longer than the law that is milder, then or today", () => {
    const day = fc.date({ min: new Date("2021-09-01"), max: new Date("2026-11-28"), noInvalidDate: true });
    const decision = fc.record({
      ...{ severity: fc.constantFrom("GENERAL", "SERIOUS" as const), area: fc.constantFrom(BEIJING, ELSEWHERE) },
      ...{ decidedOn: day.map((date) => date.toISOString().slice(0, 10)), isUnpaid: fc.constant(false) },
    });
    fc.assert(
      fc.property(decision, (decided: Dishonesty) => {
        const until = publishedUntil(decided, "2026-11-28")!;
        expect(until <= publishedUntil(decided, decided.decidedOn)!).to.equal(true);
        expect(until > decided.decidedOn && repairableFrom(decided, "2026-11-28") <= until).to.equal(true);
      }),
    );
  });

  it("ends with the last minute of the last day in China", () => {
    const fine = { eventTime: "2026-04-01", penaltyKinds: ["罚款"] };
    const facts = {
      ...{ department: "11110000MB9D0005X4", area: ELSEWHERE, subjectType: "uscc" as const, fields: fine },
      ...{ isFinal: true, isSuperseded: false, isRepaired: false },
    };
    const publishedAt = (moment: string) =>
      isPublished(typeNamed("enforcement.penalty/1"), facts, todayInChina(Date.parse(moment)));
    expect(publishedAt("2027-04-01T23:59:59.999+08:00")).to.equal(true);
    expect(publishedAt("2027-04-02T00:00:00.000+08:00")).to.equal(false);
  });
});

describe("severity of a penalty", () => {
  const fine = { department: "11110000MB9D0005X4", decidedOn: "2026-05-06", violation: "无证经营" };
  const of = (kinds: string[], fineFen: number | null = null, table?: Classification[]) =>
    severityOf({ ...fine, kinds, fineFen, isSimple: false }, table);

  for (const [kinds, expected] of [
    [["警告"], "MINOR"],
    [["警告", "通报批评"], "MINOR"],
    [["警告", "罚款"], "GENERAL"],
    [["没收违法所得"], "GENERAL"],
    [["暂扣许可证件"], "GENERAL"],
    [["罚款", "吊销许可证件"], "SERIOUS"],
    [["责令停产停业"], "SERIOUS"],
    [["限制从业"], "SERIOUS"],
    [["其他-责令改正"], "GENERAL"],
  ] as const)
    it(`${kinds.join("、")}: ${expected}`, () => {
      expect(of([...kinds])).to.equal(expected);
    });

  it("is minor by the simple procedure, whatever was imposed", () => {
    expect(severityOf({ ...fine, kinds: ["罚款"], fineFen: 300_000, isSimple: true })).to.equal("MINOR");
  });

  it("follows the regulator's own amounts, from the day on which they hold", () => {
    const amounts = { validFrom: "2026-05-06", generalFrom: 500_000, seriousFrom: 20_000_000 };
    const own = { ...CLASSIFICATIONS[0]!, ...amounts, authorities: [fine.department] };
    const narrower = { ...own, violation: "无证", generalFrom: null, seriousFrom: 100 };
    const table = [narrower, own, ...CLASSIFICATIONS];
    const fined = (fen: number, changes = {}) =>
      severityOf({ ...fine, kinds: ["罚款"], fineFen: fen, isSimple: false, ...changes }, table);
    expect([99, 100].map((fen) => fined(fen))).to.deep.equal(["GENERAL", "SERIOUS"]);
    const other = { violation: "虚假宣传" };
    const edges = [499_999, 500_000, 19_999_999, 20_000_000].map((fen) => fined(fen, other));
    expect(edges).to.deep.equal(["MINOR", "GENERAL", "GENERAL", "SERIOUS"]);
    expect(fined(1, { ...other, decidedOn: "2026-05-05" })).to.equal("GENERAL");
    expect(fined(1, { ...other, department: "11110108MB9D00068W" })).to.equal("GENERAL");
  });
});
