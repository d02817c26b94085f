// node scripts/mutate-contracts.ts [--only AuditLedger.sol] [--lines 40-60] [--part 1/3] [--json]
// Breaks the contracts in one place at a time and expects the tests to notice. Works on a copy in a temporary folder.
// It takes a while, so this is run by hand; docs/decisions explains what survives.
import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { parseArgs } from "node:util";
import type { Suite } from "mocha";
import { CONTRACTS, hardhat, openWorkshop } from "./contract-workshop.ts";
import { compile, readSource, type Code } from "./solc.ts";

const TIMEOUT_MS = 180_000;

/** Whose byte code a file goes into, and the tests that are likeliest to notice: these run first. */
const USES: Readonly<Record<string, { contracts: readonly string[]; tests: string }>> = {
  "AuditLedger.sol": { contracts: ["AuditLedger", "SucceedingLedger"], tests: "attacks.test.ts" },
  "BatchTree.sol": { contracts: ["AuditLedger", "SucceedingLedger"], tests: "AuditLedger.test.ts" },
  "BucketHead.sol": { contracts: ["AuditLedger", "SucceedingLedger"], tests: "AuditLedger.test.ts" },
  "ChinaTime.sol": {
    contracts: ["AuditLedger", "SucceedingLedger", "DepartmentRegistry"],
    tests: "AuditLedger.test.ts",
  },
  "DepartmentRegistry.sol": { contracts: ["DepartmentRegistry"], tests: "DepartmentRegistry.test.ts" },
  "SucceedingLedger.sol": { contracts: ["SucceedingLedger"], tests: "succession.test.ts" },
};

interface Mutant {
  file: string;
  /** From 1. */
  line: number;
  before: string;
  after: string;
}

/** What a pattern is replaced by, at one place at a time. */
const OPERATORS: [RegExp, string][] = [
  [/==/g, "!="],
  [/!=/g, "=="],
  [/ < /g, " <= "],
  [/ <= /g, " < "],
  [/ > /g, " >= "],
  [/ >= /g, " > "],
  [/ < /g, " > "],
  [/ > /g, " < "],
  [/&&/g, "||"],
  [/\|\|/g, "&&"],
  [/ \+ /g, " - "],
  [/ - /g, " + "],
  [/ \* /g, " / "],
  [/ \/ /g, " * "],
  [/>>/g, "<<"],
  [/ & /g, " | "],
  [/ \| /g, " & "],
  [/& ~/g, "& "],
  [/!(?=[A-Za-z(])/g, ""],
  [/\btrue\b/g, "false"],
  [/\bfalse\b/g, "true"],
  [/ restricted\b/g, ""],
  [/ whileOpen\b/g, ""],
  [/\b(?:[1-9]\d*)\b(?!_|\.)/g, "0"],
  [/\b(\d+)\b(?!_|\.)/g, "$1 + 1"],
  [/\b(0x[0-9a-f]+)\b/g, "add($1, 0x20)"],
  [/if \((.*)\) /g, "if (true) "],
  [/if \((.*)\) /g, "if (false) "],
  [/ \? (.*) : (.*);/g, " ? $2 : $1;"],
  [/return [^;]+;/g, "{}"],
];

/** Lines that are a whole statement can be left out. */
const STATEMENT =
  /^\s*(?=\S)(?!return\b|using\b|import\b|\/\/|\*|[{}]|[\w[\]() ]+ (private|internal|public|immutable)\b).*;$/;

function mutantsOf(file: string): Mutant[] {
  const lines = readSource(`contracts/${file}`).split("\n");
  return lines.flatMap((before, i) => {
    if (/^\s*(\/\/|\*|import|pragma|event|error|contract|library)/.test(before)) return [];
    const changed = OPERATORS.flatMap(([pattern, replacement]) => eachReplaced(before, pattern, replacement));
    if (STATEMENT.test(before)) changed.push("");
    return [...new Set(changed)]
      .filter((after) => after !== before)
      .map((after) => ({ file, line: i + 1, before, after }));
  });
}

/** The line once for every match, with that match alone replaced. */
function eachReplaced(line: string, pattern: RegExp, replacement: string): string[] {
  return [...line.matchAll(pattern)].map((match) => {
    const replaced = match[0].replace(new RegExp(pattern.source), replacement);
    return line.slice(0, match.index) + replaced + line.slice(match.index + match[0].length);
  });
}

type Outcome = "killed" | "survived" | "equivalent" | "invalid";

/** A contract as it stands in this folder, or nothing when it does not compile. */
function compileHere(contract: string): Code | undefined {
  try {
    return compile([`contracts/${contract}.sol`]).contracts.get(contract);
  } catch {
    return undefined;
  }
}

/** Puts other byte code into an artifact that Hardhat has built. */
function install(contract: string, { bytecode, deployedBytecode }: Code): void {
  const path = join("artifacts/contracts", `${contract}.sol`, `${contract}.json`);
  const artifact = JSON.parse(readFileSync(path, "utf8")) as object;
  writeFileSync(path, JSON.stringify({ ...artifact, bytecode, deployedBytecode }));
}

/**
 * The mocha tests of this folder, loaded once and run for every mutant, each time on the chain as it was at first and
 * up to the first that fails.
 */
async function loadTests(): Promise<(first: string) => Promise<boolean>> {
  const { default: Mocha } = await import("mocha");
  const mocha = new Mocha({ bail: true, timeout: TIMEOUT_MS, reporter: Mocha.reporters.Base });
  mocha.cleanReferencesAfterRun(false);
  for (const file of readdirSync("test/contracts")) {
    if (file.endsWith(".test.ts")) mocha.addFile(resolve("test/contracts", file));
  }
  await mocha.loadFilesAsync();
  const { networkHelpers } = (await import(
    resolve("test/contracts/network.ts")
  )) as typeof import("../test/contracts/network.ts");
  const start = await networkHelpers.takeSnapshot();
  return async (first) => {
    const rank = ({ file }: Suite) => (basename(file ?? "") === first ? 0 : 1);
    mocha.suite.suites.sort((a, b) => rank(a) - rank(b));
    const failures = await new Promise<number>((done) => mocha.run(done));
    await start.restore();
    networkHelpers.clearSnapshots();
    return failures === 0;
  };
}

/** Does something while a mutant lies in this folder. */
async function whileBroken<T>({ file, line, after }: Mutant, action: () => Promise<T> | T): Promise<T> {
  const path = join("contracts", file);
  const source = readFileSync(path, "utf8");
  const lines = source.split("\n");
  lines[line - 1] = after;
  writeFileSync(path, lines.join("\n"));
  try {
    return await action();
  } finally {
    writeFileSync(path, source);
  }
}

/** What the mocha tests say of the mutant in this folder. */
async function judge({ file }: Mutant): Promise<Outcome> {
  const { contracts, tests } = USES[file]!;
  let outcome: Outcome = "equivalent";
  try {
    for (const contract of contracts) {
      const code = compileHere(contract);
      if (!code) return "invalid";
      if (code.bytecode === original.get(contract)!.bytecode) continue;
      outcome = "survived";
      install(contract, code);
      if (!(await mochaPasses(tests))) return "killed";
    }
    return outcome;
  } finally {
    for (const contract of contracts) install(contract, original.get(contract)!);
  }
}

function report(outcome: string, { file, line, before, after }: Mutant): void {
  console.log(`${outcome} ${file}:${line}\n  - ${before.trim()}\n  + ${after.trim()}`);
}

const { values } = parseArgs({
  options: {
    only: { type: "string" },
    lines: { type: "string" },
    part: { type: "string" },
    json: { type: "boolean", default: false },
  },
});
const [from = 1, to = Infinity] = values.lines?.split("-").map(Number) ?? [];
const [part = 1, parts = 1] = values.part?.split("/").map(Number) ?? [];
const mutants = (values.only ? [values.only] : CONTRACTS)
  .flatMap(mutantsOf)
  .filter(({ line }) => line >= from && line <= to)
  .filter((_, i) => i % parts === part - 1);
const folder = openWorkshop();
const counts: Record<Outcome, number> = { killed: 0, survived: 0, equivalent: 0, invalid: 0 };
const survivors: Mutant[] = [];
if (!hardhat(folder, ["build"])) throw new Error("The contracts do not compile.");
process.chdir(folder);
const original = new Map(
  ["AuditLedger", "SucceedingLedger", "DepartmentRegistry"].map((name) => [name, compileHere(name)!]),
);
const mochaPasses = await loadTests();
if (!(await mochaPasses(""))) throw new Error("The tests fail without a mutant.");
const left: Mutant[] = [];
for (const [i, mutant] of mutants.entries()) {
  const outcome = await whileBroken(mutant, () => judge(mutant));
  ++counts[outcome];
  if (outcome === "survived") left.push(mutant);
  if (!values.json) report(`${i + 1}/${mutants.length} ${outcome}`, mutant);
}
// The Solidity tests take longer, so they judge only what is left.
for (const mutant of left) {
  if (await whileBroken(mutant, () => hardhat(folder, ["test", "solidity"]))) {
    survivors.push(mutant);
  } else {
    --counts.survived;
    ++counts.killed;
    if (!values.json) report("killed by the Solidity tests", mutant);
  }
}
rmSync(folder, { recursive: true });
console.log(JSON.stringify({ ...counts, survivors }, null, 2));
process.exit(survivors.length === 0 ? 0 : 1);
