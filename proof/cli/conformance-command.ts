import { sm2Sm3 } from "@quanlian/proof/sm2";
import { answer, askCommand, askOurselves, judge, readCases, type Outcome, type Request } from "./conformance.ts";
import { lines } from "./files.ts";
import { nodeEs256 } from "./node-es256.ts";
import { parse, UsageError } from "./usage.ts";

const SUITES = [nodeEs256, sm2Sm3];

/** `quanlian conformance`: 0 when every supported case agrees. */
export async function runConformance(args: string[]): Promise<number> {
  const { values, positionals } = parse(args, {
    against: { type: "string" },
    json: { type: "boolean" },
    stdio: { type: "boolean" },
  });
  if (values.stdio) return serve();
  if (positionals.length !== 1) throw new UsageError("conformance needs the folder of the vectors");
  const cases = await readCases(positionals[0]!).catch(() => []);
  if (cases.length === 0) throw new UsageError(`there are no vectors in ${positionals[0]}`);
  const answers = values.against ? await askCommand(values.against, cases) : await askOurselves(cases, SUITES);
  return report(judge(cases, answers), values.json ?? false);
}

async function serve(): Promise<number> {
  for await (const line of lines(process.stdin)) {
    const text = Buffer.from(line).toString().trim();
    if (text !== "") process.stdout.write(`${JSON.stringify(await answer(JSON.parse(text) as Request, SUITES))}\n`);
  }
  return 0;
}

function report(outcomes: readonly Outcome[], asJson: boolean): number {
  const unsupported = outcomes.filter((outcome) => outcome.unsupported);
  const disagreeing = outcomes.filter(({ agrees, unsupported: skipped }) => !agrees && !skipped);
  const count = {
    cases: outcomes.length,
    agree: outcomes.length - unsupported.length - disagreeing.length,
    disagree: disagreeing.length,
    unsupported: unsupported.length,
  };
  const details = disagreeing.map(({ case: { request, note, expected }, answer: given }) => ({
    id: request.id,
    note,
    expected,
    answer: given ?? null,
  }));
  if (asJson) process.stdout.write(`${JSON.stringify({ ...count, details })}\n`);
  else {
    for (const { id, note, ...rest } of details) process.stdout.write(`${id} (${note})\n  ${JSON.stringify(rest)}\n`);
    process.stdout.write(
      `${count.cases} cases: ${count.agree} agree, ${count.disagree} disagree, ${count.unsupported} unsupported\n`,
    );
  }
  return disagreeing.length === 0 ? 0 : 1;
}
