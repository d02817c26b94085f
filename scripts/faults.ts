// npm run test:faults -- --rounds N --seed S [--kills K] [--others O] [--records R] [--from ROUND] [--json]
// Kills, pauses, cuts off, deceives and starves the parts of a whole platform at moments that follow from the seed, while
// departments send records; then looks whether each accepted record is final exactly once. A round is played again by
// its seed: the same faults at the same moments; how far the processes have got by then is the machine's affair.
import { parseArgs } from "node:util";
import { Rounds, type RoundReport } from "./faults/round.ts";

/** A chain that has grown long is slow to save and to audit: then a new one is begun. */
const ROUNDS_PER_PLATFORM = 20;

const { values } = parseArgs({
  options: {
    rounds: { type: "string", default: "5" },
    seed: { type: "string", default: String(Date.now()) },
    from: { type: "string", default: "1" },
    kills: { type: "string", default: "8" },
    others: { type: "string", default: "4" },
    records: { type: "string", default: "40" },
    json: { type: "boolean", default: false },
  },
});

/** Ctrl-C ends with the sum of the rounds so far; the one under way does not count. */
const asked = Promise.withResolvers<undefined>();
for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => asked.resolve(undefined));

interface Sum {
  rounds: number;
  kills: number;
  accepted: number;
  lost: number;
  doubled: number;
  wrong: number;
  faults: Record<string, number>;
  seed: string;
  /** Play one again by `--seed S --from ROUND --rounds 1`. */
  failed: number[];
}

async function main(): Promise<Sum> {
  const [first, count] = [Number(values.from), Number(values.rounds)];
  const sum: Sum = {
    rounds: 0,
    kills: 0,
    accepted: 0,
    lost: 0,
    doubled: 0,
    wrong: 0,
    faults: {},
    seed: values.seed,
    failed: [],
  };
  for (let next = first; next < first + count;) next = await playOnOnePlatform(next, first + count, sum);
  return sum;
}

/**
 * A platform on which a round has failed is given up: what is lost there would be found again by every later round.
 * @returns the round to go on with
 */
async function playOnOnePlatform(from: number, end: number, sum: Sum): Promise<number> {
  const size = { kills: Number(values.kills), others: Number(values.others), records: Number(values.records) };
  const rounds = await Rounds.open(values.seed);
  let last: RoundReport | undefined;
  try {
    for (let round = from; round < Math.min(from + ROUNDS_PER_PLATFORM, end); round++) {
      const report = await Promise.race([rounds.play(round, size), asked.promise]);
      if (!report) return end;
      last = report;
      tell(report);
      sum.rounds++;
      if (!isFailed(report)) continue;
      note(report, sum);
      console.error(rounds.logs());
      return round + 1;
    }
    return from + ROUNDS_PER_PLATFORM;
  } finally {
    await rounds.close();
    if (last) add(last, sum);
  }
}

function note({ round, lost, doubled, wrong }: RoundReport, sum: Sum): void {
  sum.failed.push(round);
  sum.lost += lost.length;
  sum.doubled += doubled.length;
  sum.wrong += wrong.length;
}

function add({ soFar }: RoundReport, sum: Sum): void {
  sum.kills += soFar.kills;
  sum.accepted += soFar.accepted;
  for (const [fault, times] of Object.entries(soFar.faults)) sum.faults[fault] = (sum.faults[fault] ?? 0) + times;
}

function isFailed({ lost, doubled, wrong }: RoundReport): boolean {
  return lost.length + doubled.length + wrong.length > 0;
}

function tell({ round, seconds, soFar, lost, doubled, wrong }: RoundReport): void {
  console.error(
    `round ${round}: ${seconds.toFixed(1)} s, ${soFar.kills} kills, ${soFar.accepted} records on this platform`,
  );
  for (const [what, lines] of Object.entries({ lost, doubled, wrong }))
    for (const line of lines) console.error(`  ${what}: ${line}`);
}

const sum = await main();
if (values.json) console.log(JSON.stringify(sum));
else {
  const { faults, ...rest } = sum;
  console.table(rest);
  console.table(faults);
}
process.exitCode = sum.failed.length === 0 ? 0 : 1;
