// What goes wrong in a round, and when: follows from the seed and the round's number alone, so that a round can be played again.
import type { Random } from "../dataset/random.ts";

export const SERVICES = ["api", "worker-1", "worker-2"] as const;
export type ServiceName = (typeof SERVICES)[number];
export type PartName = ServiceName | "postgres" | "node";

/** How the line to the chain's node misbehaves. */
export const MEDDLINGS = [
  "requests lost",
  "answers lost",
  "delayed",
  "asked twice",
  "answers mixed up",
  "busy",
  "old head",
] as const;
export type Meddling = (typeof MEDDLINGS)[number];

export type Fault =
  /** SIGKILL; a `backend` is one session's process of PostgreSQL. */
  | { readonly fault: "kill"; readonly whom: PartName | "backend" | "everything" }
  /** SIGSTOP, and SIGCONT later. */
  | { readonly fault: "pause"; readonly whom: PartName; readonly forMs: number }
  | { readonly fault: "meddle"; readonly how: Meddling; readonly forMs: number }
  /** Every connection to the database breaks. */
  | { readonly fault: "cut" }
  /** What the chain makes within this time is undone, and other blocks take its place. */
  | { readonly fault: "reorganise"; readonly forMs: number }
  /** The node is killed and starts on a state that was saved in an earlier round. */
  | { readonly fault: "restore" }
  | { readonly fault: "fill disk"; readonly whose: "postgres" | "node"; readonly forMs: number }
  /** A worker is killed and starts with a clock that is wrong. With one the HTTP part would rightly refuse every token. */
  | { readonly fault: "shift clock"; readonly whom: ServiceName; readonly shiftMs: number };

export interface PlannedFault {
  /** Milliseconds after the round's begin. */
  readonly at: number;
  readonly fault: Fault;
}

const HOUR_MS = 3_600_000;

/** Weights: what is dear to bring up again is killed less often. */
const KILLED: readonly (PartName | "backend" | "everything")[] = [
  ...["api", "worker-1", "worker-2", "everything", "backend", "backend", "backend"],
  ...["postgres", "postgres", "postgres", "postgres", "node", "node", "node", "node"],
] as (PartName | "backend" | "everything")[];

const OTHERS: readonly ((random: Random) => Fault)[] = [
  (random) => ({ fault: "pause", whom: random.pick([...SERVICES, "postgres", "node"]), forMs: random.int(100, 1_500) }),
  (random) => ({ fault: "meddle", how: random.pick(MEDDLINGS), forMs: random.int(300, 2_000) }),
  (random) => ({ fault: "meddle", how: random.pick(MEDDLINGS), forMs: random.int(300, 2_000) }),
  () => ({ fault: "cut" }),
  (random) => ({ fault: "reorganise", forMs: random.int(50, 600) }),
  () => ({ fault: "restore" }),
  (random) => ({ fault: "fill disk", whose: random.pick(["postgres", "node"]), forMs: random.int(100, 800) }),
  (random) => ({
    fault: "shift clock",
    whom: random.pick(["worker-1", "worker-2"]),
    shiftMs: random.int(-24, 24) * HOUR_MS,
  }),
];

/** @param kills at least so many @param others faults beside them @param lastsMs within which all of them begin */
export function planRound(random: Random, kills: number, others: number, lastsMs: number): PlannedFault[] {
  const faults: Fault[] = [
    ...Array.from({ length: kills }, (): Fault => ({ fault: "kill", whom: random.pick(KILLED) })),
    ...Array.from({ length: others }, () => random.pick(OTHERS)(random)),
  ];
  return faults.map((fault) => ({ at: random.int(0, lastsMs), fault })).toSorted((a, b) => a.at - b.at);
}
