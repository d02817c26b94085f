// `npm test`: builds, runs the Solidity tests, then all of mocha's, and ends with one plain line of sums.
// Arguments (`npm test -- test/proof --grep receipt`) go to mocha, and the Solidity tests are left out.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { stripVTControlCharacters } from "node:util";
import { buildStale } from "./build.ts";

interface Counts {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

const SOLIDITY = ["hardhat", "test", "solidity", ...(process.env["CI"] ? ["--test-profile", "ci"] : [])];

/** Apart from the rest, since Hardhat's matchers make chai compare whole numbers only, in the whole process. */
const CONTRACTS = ["mocha", "test/contracts/**/*.test.ts"];
const THE_REST = ["mocha", "--ignore", "test/contracts/**", "test/**/*.test.ts"];

/** Runs a test runner, shows what it prints and reads its sums, which mocha and Hardhat word alike. */
async function run([command, ...args]: readonly string[]): Promise<Counts> {
  const env = {
    ...process.env,
    HARDHAT_DISABLE_TELEMETRY_PROMPT: "true",
    ...(process.stdout.isTTY && { FORCE_COLOR: "1" }),
  };
  const child = spawn(command!, args, { stdio: ["ignore", "pipe", "inherit"], env });
  let output = "";
  child.stdout.setEncoding("utf8").on("data", (chunk: string) => {
    process.stdout.write(chunk);
    output += chunk;
  });
  const [code] = (await once(child, "close")) as [number | null];
  const counts = {
    passed: sum(output, "passing"),
    failed: sum(output, "failing"),
    skipped: sum(output, "pending|skipped"),
  };
  return code !== 0 && counts.failed === 0 ? { ...counts, failed: 1 } : counts;
}

function sum(output: string, word: string): number {
  const line = new RegExp(`^\\s*(\\d+) (?:${word})\\b`, "gm");
  return [...stripVTControlCharacters(output).matchAll(line)].reduce((total, [, count]) => total + Number(count), 0);
}

try {
  await buildStale(console.log);
  const chosen = process.argv.slice(2);
  const runs = chosen.length > 0 ? [["mocha", ...chosen]] : [SOLIDITY, CONTRACTS, THE_REST];
  const counts: Counts[] = [];
  for (const command of runs) counts.push(await run(command));
  const total = (of: keyof Counts) => counts.reduce((all, part) => all + part[of], 0);
  console.log(`${total("passed")} passed, ${total("failed")} failed, ${total("skipped")} skipped`);
  process.exitCode = total("failed") === 0 ? 0 : 1;
} catch (error) {
  console.error((error as Error).message);
  process.exitCode = 1;
}
