import { addMonths, type Day, indefinite } from "../fields/dates.ts";

/** 轻微、一般、严重失信 (信用修复管理办法, 发改委令第36号): what decides how long a record of dishonesty is published. */
export type Severity = "MINOR" | "GENERAL" | "SERIOUS";

/** Calendar months from the day of the decision, which is not counted (民法典 arts 201, 202). */
interface Term {
  /** Before which no repair is possible; null: as soon as the duties are fulfilled. */
  readonly min: number | null;
  /** After which publication ends by itself. */
  readonly max: number;
}

/** One set of rules on publishing records of dishonesty, with the days on which it was or is in force. */
export interface RuleSet {
  readonly name: "SAMR2021" | "ORDER58" | "BJ2024" | "ORDER36";
  readonly source: string;
  /** Area codes begin with it; empty: the whole country. */
  readonly area: string;
  readonly from: Day;
  readonly to: Day | null;
  /** Null: not published. */
  readonly terms: Readonly<Record<Severity, Term | null>>;
  /** Published until it is paid, whatever the term (北京市优化营商环境条例 art. 73). */
  readonly unpaidStays?: boolean;
}

/**
 * In order of their first days. What minor ones may be published for "where really necessary" (three months at most,
 * Order 36) is nowhere stated in a record, so they are not. The year that Order 58 asks for before a repair in food, drugs,
 * special equipment, work safety and fire is not here: no field of a record names these, and no repair is asked for by it any more.
 */
export const RULE_SETS: readonly RuleSet[] = [
  {
    name: "SAMR2021",
    source: "国市监信规〔2021〕3号",
    area: "",
    from: "2021-09-01",
    to: "2023-04-30",
    terms: { MINOR: { min: null, max: 3 }, GENERAL: { min: 6, max: 36 }, SERIOUS: { min: 6, max: 36 } },
  },
  {
    name: "ORDER58",
    source: "失信行为纠正后的信用信息修复管理办法（试行）（发改委令第58号）",
    area: "",
    from: "2023-05-01",
    to: "2026-03-31",
    terms: { MINOR: null, GENERAL: { min: 3, max: 36 }, SERIOUS: { min: 3, max: 36 } },
  },
  {
    name: "BJ2024",
    source: "北京市优化营商环境条例 第七十三条",
    area: "11",
    from: "2024-11-29",
    to: null,
    terms: { MINOR: null, GENERAL: { min: 3, max: 12 }, SERIOUS: { min: 12, max: 36 } },
    unpaidStays: true,
  },
  {
    name: "ORDER36",
    source: "信用修复管理办法（发改委令第36号）",
    area: "",
    from: "2026-04-01",
    to: null,
    terms: { MINOR: null, GENERAL: { min: 3, max: 12 }, SERIOUS: { min: 12, max: 36 } },
  },
];

/** What was decided, as far as its publication goes. */
export interface Dishonesty {
  readonly severity: Severity;
  readonly decidedOn: Day;
  /** Area code of the deciding department. */
  readonly area: string;
  /** The record itself says that less was paid than is due. */
  readonly isUnpaid: boolean;
}

/** The sets in force on a day in an area. */
export function rulesOn(day: Day, area: string): readonly RuleSet[] {
  return RULE_SETS.filter((set) => set.from <= day && (set.to === null || day <= set.to) && area.startsWith(set.area));
}

/**
 * The last day of publication, `indefinite`, or null: it is not published. The rules of the day of the decision bound it, and
 * so do those of today, where they are milder (从旧兼从轻): what was published too long cannot be taken back.
 */
export function publishedUntil({ severity, decidedOn, area, isUnpaid }: Dishonesty, today: Day): Day | null {
  const then = rulesOn(decidedOn, area);
  if (then.length === 0) return null;
  const sets = [...then, ...rulesOn(today, area)];
  const terms = sets.map((set) => set.terms[severity]);
  if (terms.includes(null)) return null;
  if (isUnpaid && sets.some(({ unpaidStays }) => unpaidStays)) return indefinite;
  return addMonths(decidedOn, Math.min(...terms.map((term) => term!.max)));
}

/** The first day on which repair may be granted, by the rules in force today; the day of the decision: as soon as all duties are fulfilled. */
export function repairableFrom({ severity, decidedOn, area }: Dishonesty, today: Day): Day {
  const minima = rulesOn(today, area).map((set) => set.terms[severity]?.min ?? 0);
  return addMonths(decidedOn, Math.max(0, ...minima));
}
