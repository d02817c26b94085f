import type { Day } from "../fields/dates.ts";
import type { Severity } from "./publication-rules.ts";

/**
 * How a regulator classes penalties (严重程度划分). Order 36 leaves the borderlines, above all the amounts, to each
 * industry's regulator, who publishes them on Credit China: each of those is one more row here.
 */
export interface Classification {
  readonly source: string;
  /** Decisions of this day and later. */
  readonly validFrom: Day;
  /** Credit codes of the authorities that it is for, and how their 违法行为类型 begin; null: for all. */
  readonly authorities: readonly string[] | null;
  readonly violation: string | null;
  /** Kinds of penalty (行政处罚法 art. 9); one that is not named is general. */
  readonly kinds: Readonly<Record<string, Severity>>;
  /** A fine below is minor (较小数额), one from the other up is serious (巨额罚款), in fen; null: no such amount is published. */
  readonly generalFrom: number | null;
  readonly seriousFrom: number | null;
}

/**
 * The nation's own row says no amounts, since Order 36 says none. Suspension of a licence (暂扣许可证件) counts as general:
 * summaries of the order differ on it, and the shorter publication can be mended.
 */
export const CLASSIFICATIONS: readonly Classification[] = [
  {
    source: "信用修复管理办法（发改委令第36号）第四条",
    validFrom: "1949-10-01",
    authorities: null,
    violation: null,
    kinds: {
      警告: "MINOR",
      通报批评: "MINOR",
      降低资质等级: "SERIOUS",
      吊销许可证件: "SERIOUS",
      限制开展生产经营活动: "SERIOUS",
      责令停产停业: "SERIOUS",
      责令关闭: "SERIOUS",
      限制从业: "SERIOUS",
    },
    generalFrom: null,
    seriousFrom: null,
  },
];

/** What the class of a penalty follows from. */
export interface PenaltyFacts {
  readonly department: string;
  readonly decidedOn: Day;
  readonly violation: string;
  readonly kinds: readonly string[];
  readonly fineFen: number | null;
  /** By the simple procedure (简易程序, 行政处罚法 art. 51). */
  readonly isSimple: boolean;
}

const ORDER: readonly Severity[] = ["MINOR", "GENERAL", "SERIOUS"];

/** The gravest of its kinds counts; the simple procedure makes it minor. The narrowest classification holds, then the latest. */
export function severityOf(penalty: PenaltyFacts, table: readonly Classification[] = CLASSIFICATIONS): Severity {
  if (penalty.isSimple) return "MINOR";
  const row = table
    .filter((one) => isFor(one, penalty))
    .toSorted(byRank)
    .at(-1)!;
  const classes = penalty.kinds.map((kind) => classOf(kind, penalty.fineFen, row));
  return ORDER.findLast((severity) => classes.includes(severity)) ?? "GENERAL";
}

function isFor({ validFrom, authorities, violation }: Classification, penalty: PenaltyFacts): boolean {
  return (
    validFrom <= penalty.decidedOn &&
    (authorities === null || authorities.includes(penalty.department)) &&
    (violation === null || penalty.violation.startsWith(violation))
  );
}

function byRank(one: Classification, other: Classification): number {
  const rank = ({ authorities, violation }: Classification) =>
    (authorities === null ? 0 : 2) + (violation === null ? 0 : 1);
  return rank(one) - rank(other) || (one.validFrom < other.validFrom ? -1 : 1);
}

function classOf(kind: string, fineFen: number | null, row: Classification): Severity {
  const { kinds, generalFrom, seriousFrom } = row;
  if (kind !== "罚款" || fineFen === null) return kinds[kind] ?? "GENERAL";
  if (seriousFrom !== null && fineFen >= seriousFrom) return "SERIOUS";
  return generalFrom !== null && fineFen < generalFrom ? "MINOR" : "GENERAL";
}
