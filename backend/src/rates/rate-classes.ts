import type { Action } from "../access/policy.ts";

/** Kinds of request that are counted apart, each by its own setting `RATE_…`. */
export const RATE_CLASSES = ["public", "login", "submit", "import", "read", "export"] as const;
export type RateClass = (typeof RATE_CLASSES)[number];

/** Whoever watches the service must see it when it is under load most of all. */
const UNCOUNTED: ReadonlySet<Action> = new Set<Action>(["liveness.read", "readiness.read", "metrics.read"]);

const OF_ACTION: Readonly<Partial<Record<Action, RateClass>>> = {
  "record.submit": "submit",
  "import.submit": "import",
  "record.export": "export",
};

/** What a request counts as; null: it is not counted. Whoever is not known shares the count of its address. */
export function rateClassOf(action: Action, isKnown: boolean): RateClass | null {
  if (UNCOUNTED.has(action)) return null;
  if (action === "login.use") return "login";
  return isKnown ? (OF_ACTION[action] ?? "read") : "public";
}
