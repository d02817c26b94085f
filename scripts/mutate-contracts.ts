// node scripts/mutate-contracts.ts [--only AuditLedger.sol] [--lines 40-60] [--json]
// Breaks the contracts in one place at a time and expects the tests to notice. Works on a copy in a temporary folder.
// Some 340 mutants take an hour, so this is run by hand; docs/decisions explains what survives.
import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { compile, type Code } from "./solc.ts";

const ROOT = join(import.meta.dirname, "..");
const CONTRACTS = [
  "AuditLedger.sol",
  "BatchTree.sol",
  "BucketHead.sol",
  "ChinaTime.sol",
  "DepartmentRegistry.sol",
  "SucceedingLedger.sol",
];
/** What the mocha tests need; the Solidity tests come on top where those let a mutant live. */
const COPIED = [
  "contracts",
  "backend/src/chain/contracts",
  "scripts",
  "test/contracts",
  "ignition",
  "hardhat.config.ts",
];
const LINKED = ["node_modules", "package.json", "tsconfig.json", "tsconfig.base.json"];
/** Compares deployed byte code with the sources, so it would notice any mutant, and prove nothing. */
const COMPARES_CODE = "deployment.test.ts";
const TIMEOUT_MS = 180_000;

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
  /^\s+(?!return\b|using\b|import\b|\/\/|\*|[{}]|[\w[\]() ]+ (private|internal|public|immutable)\b).*;$/;

function mutantsOf(file: string): Mutant[] {
  const lines = readFileSync(join(ROOT, "contracts", file), "utf8").split("\n");
  const mutants = lines.flatMap((before, i) => {
    if (/^\s*(\/\/|\*|import|pragma|event|error|contract|library)/.test(before)) return [];
    const changed = OPERATORS.flatMap(([pattern, replacement]) => eachReplaced(before, pattern, replacement));
    if (STATEMENT.test(before)) changed.push("");
    return [...new Set(changed)]
      .filter((after) => after !== before)
      .map((after) => ({ file, line: i + 1, before, after }));
  });
  return mutants;
}

/** The line once for every match, with that match alone replaced. */
function eachReplaced(line: string, pattern: RegExp, replacement: string): string[] {
  return [...line.matchAll(pattern)].map((match) => {
    const replaced = match[0].replace(new RegExp(pattern.source), replacement);
    return line.slice(0, match.index) + replaced + line.slice(match.index + match[0].length);
  });
}

type Outcome = "killed" | "survived" | "equivalent" | "invalid";

/** A copy of what the contract tests need; `npm` packages are shared. */
function workshop(): string {
  const folder = mkdtempSync(join(tmpdir(), "quanlian-mutants-"));
  for (const path of COPIED) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    cpSync(join(ROOT, path), join(folder, path), { recursive: true });
  }
  for (const path of LINKED) symlinkSync(join(ROOT, path), join(folder, path));
  return folder;
}

function hardhat(...args: string[]): boolean {
  const { status } = spawnSync("node_modules/.bin/hardhat", args, {
    stdio: "ignore",
    timeout: TIMEOUT_MS,
    env: { ...process.env, HARDHAT_DISABLE_TELEMETRY_PROMPT: "true" },
  });
  return status === 0;
}

/** The contracts as they stand in this folder, or nothing when they do not compile. */
function compileHere(): Map<string, Code> | undefined {
  try {
    return compile(CONTRACTS.map((file) => `contracts/${file}`)).contracts;
  } catch {
    return undefined;
  }
}

const sameCode = (a: ReadonlyMap<string, Code>, b: ReadonlyMap<string, Code>) =>
  [...a].every(([name, { bytecode }]) => b.get(name)?.bytecode === bytecode);

/** Puts other byte code into the artifacts that Hardhat has built. */
function install(code: ReadonlyMap<string, Code>): void {
  for (const file of CONTRACTS) {
    const name = file.replace(".sol", "");
    const path = join("artifacts/contracts", file, `${name}.json`);
    const artifact = JSON.parse(readFileSync(path, "utf8")) as object;
    const { bytecode, deployedBytecode } = code.get(name)!;
    writeFileSync(path, JSON.stringify({ ...artifact, bytecode, deployedBytecode }));
  }
}

/** The mocha tests of a folder, loaded once and run for every mutant, each time on the chain as it was at first. */
async function loadTests(folder: string): Promise<() => Promise<boolean>> {
  process.chdir(folder);
  const { default: Mocha } = await import("mocha");
  const mocha = new Mocha({ bail: true, timeout: TIMEOUT_MS, reporter: Mocha.reporters.Base });
  mocha.cleanReferencesAfterRun(false);
  for (const file of readdirSync("test/contracts")) {
    if (file.endsWith(".test.ts") && file !== COMPARES_CODE) mocha.addFile(resolve("test/contracts", file));
  }
  await mocha.loadFilesAsync();
  const { networkHelpers } = (await import(
    resolve("test/contracts/network.ts")
  )) as typeof import("../test/contracts/network.ts");
  const start = await networkHelpers.takeSnapshot();
  return async () => {
    const failures = await new Promise<number>((done) => mocha.run(done));
    await start.restore();
    networkHelpers.clearSnapshots();
    return failures === 0;
  };
}

async function judge({ file, line, after }: Mutant): Promise<Outcome> {
  const path = join("contracts", file);
  const source = readFileSync(path, "utf8");
  const lines = source.split("\n");
  lines[line - 1] = after;
  writeFileSync(path, lines.join("\n"));
  try {
    const code = compileHere();
    if (!code) return "invalid";
    if (sameCode(code, original)) return "equivalent";
    install(code);
    if (!(await mochaPasses())) return "killed";
    return hardhat("test", "solidity") ? "survived" : "killed";
  } finally {
    writeFileSync(path, source);
  }
}

const { values } = parseArgs({
  options: { only: { type: "string" }, lines: { type: "string" }, json: { type: "boolean", default: false } },
});
const [from = 1, to = Infinity] = values.lines?.split("-").map(Number) ?? [];
const mutants = (values.only ? [values.only] : CONTRACTS)
  .flatMap(mutantsOf)
  .filter(({ line }) => line >= from && line <= to);
const folder = workshop();
const counts: Record<Outcome, number> = { killed: 0, survived: 0, equivalent: 0, invalid: 0 };
const survivors: Mutant[] = [];
process.chdir(folder);
if (!hardhat("build")) throw new Error("The contracts do not compile.");
const original = compileHere()!;
const mochaPasses = await loadTests(folder);
for (const [i, mutant] of mutants.entries()) {
  if (i % 50 === 0) {
    install(original);
    if (!(await mochaPasses())) throw new Error("The tests fail without a mutant.");
  }
  const outcome = await judge(mutant);
  ++counts[outcome];
  if (outcome === "survived") survivors.push(mutant);
  const { file, line, before, after } = mutant;
  if (!values.json) {
    console.log(`${i + 1}/${mutants.length} ${outcome} ${file}:${line}\n  - ${before.trim()}\n  + ${after.trim()}`);
  }
}
rmSync(folder, { recursive: true });
console.log(JSON.stringify({ ...counts, survivors }, null, 2));
process.exit(survivors.length === 0 ? 0 : 1);
