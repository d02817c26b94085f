// Spoils good documents of every form, at random and reproducibly, and demands of each answer that it is a verdict, and that a
// valid one says only what is true: node scripts/fuzz-proof.ts [--runs N] [--seed S]
import { parseArgs } from "node:util";
import fc from "fast-check";
import type { Verdict } from "@quanlian/proof";
import { mutations, spoil } from "../test/proof/mutate.ts";
import { makeSpecimens } from "../test/proof/specimens.ts";

const { values } = parseArgs({
  options: { runs: { type: "string", default: "20000" }, seed: { type: "string", default: "1" } },
});
const runs = Number(values.runs);
const seed = Number(values.seed);

const specimens = await makeSpecimens("fuzz");
const verdicts = { valid: 0, invalid: 0, undecided: 0 };
const codes: Record<string, number> = {};
let slowest = 0;

function count({ verdict, steps }: Verdict): void {
  verdicts[verdict]++;
  const { code } = steps.find(({ outcome }) => outcome === "failed") ??
    steps.find(({ outcome }) => outcome === "unknown") ?? { code: "OK" };
  codes[code] = (codes[code] ?? 0) + 1;
}

// Receipts most often: they are the most read form, and the quickest.
const form = fc.oneof(
  { weight: 6, arbitrary: fc.constant(0) },
  { weight: 4, arbitrary: fc.nat(specimens.pairs.length - 1) },
);
const started = performance.now();
await fc.assert(
  fc.asyncProperty(form, fc.array(mutations, { minLength: 1, maxLength: 3 }), async (which, several) => {
    const [document, donor] = specimens.pairs[which]!;
    const spoilt = several.reduce<Uint8Array>(
      (text, mutation) => spoilAgain(text, donor, mutation),
      Buffer.from(document),
    );
    const begun = performance.now();
    const verdict = await specimens.check(spoilt);
    slowest = Math.max(slowest, performance.now() - begun);
    count(verdict);
    const untruth = verdict.verdict === "valid" ? specimens.untruth(verdict) : null;
    if (untruth !== null) throw new Error(`a valid verdict says something untrue: ${untruth}`);
  }),
  { numRuns: runs, seed },
);

/** A second mutation works on the tree only while there is one. */
function spoilAgain(text: Uint8Array, donor: string, mutation: Parameters<typeof spoil>[2]): Uint8Array {
  try {
    return spoil(Buffer.from(text).toString(), donor, mutation);
  } catch {
    return text;
  }
}

const seconds = Math.round((performance.now() - started) / 1000);
console.log(JSON.stringify({ runs, seed, seconds, slowestMs: Math.round(slowest), verdicts, codes }, null, 2));
