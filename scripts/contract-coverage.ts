// npm run coverage:contracts
// Fails unless the tests run every line of the contracts and take both sides of every condition. Hardhat knows lines
// only. So each condition (of if, for, while and ?:, and each operand of && and ||) is wrapped, in a copy of the contracts,
// into a function of its own whose two sides are lines: `if (a < b)` becomes `if (Branch.at7(a < b))`.
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { CONTRACTS, hardhat, openWorkshop } from "./contract-workshop.ts";
import { readSource } from "./solc.ts";

const compiler = createRequire(import.meta.url)("solc") as { compile(input: string, callbacks: object): string };
const BRANCHES = "contracts/Branch.sol";
const PRAGMA = "pragma solidity 0.8.37;";

type Node = Record<string, unknown> & { nodeType: string; src: string };

interface Condition {
  /** Path of the contract. */
  file: string;
  /** In bytes. */
  start: number;
  end: number;
  text: string;
  line: number;
}

const isNode = (value: unknown): value is Node => typeof (value as Node | null)?.nodeType === "string";

/** The syntax trees of the contracts by path. */
function parse(paths: readonly string[]): Map<string, Node> {
  const input = {
    language: "Solidity",
    sources: Object.fromEntries(paths.map((path) => [path, { content: readSource(path) }])),
    settings: { outputSelection: { "*": { "": ["ast"] } } },
  };
  const output = compiler.compile(JSON.stringify(input), {
    import: (path: string) => ({ contents: readSource(path) }),
  });
  const { sources } = JSON.parse(output) as { sources: Record<string, { ast: Node }> };
  return new Map(paths.map((path) => [path, sources[path]!.ast]));
}

function* descendants(node: Node): Generator<Node> {
  yield node;
  for (const child of Object.values(node).flat()) if (isNode(child)) yield* descendants(child);
}

/** Whatever a node decides by. */
function decidedBy(node: Node): Node[] {
  const isLogical = node.nodeType === "BinaryOperation" && ["&&", "||"].includes(node["operator"] as string);
  return [node["condition"], ...(isLogical ? [node["leftExpression"], node["rightExpression"]] : [])].filter(isNode);
}

function conditionsOf(file: string, tree: Node): Condition[] {
  const source = Buffer.from(readSource(file));
  return [...descendants(tree)].flatMap(decidedBy).map(({ src }) => {
    const [start, length] = src.split(":").map(Number) as [number, number];
    const end = start + length;
    const line = source.subarray(0, start).toString().split("\n").length;
    return { file, start, end, text: source.subarray(start, end).toString().replace(/\s+/g, " "), line };
  });
}

/** The source with a call of `Branch.at<index>` around each condition; lines stay where they are. */
function wrap(file: string, conditions: ReadonlyMap<number, Condition>): string {
  const insertions = [...conditions].flatMap(([index, { start, end }]) => [
    { at: start, inside: -end, text: `Branch.at${index}(` },
    { at: end, inside: 0, text: ")" },
  ]);
  // From the back; of conditions that begin together the outer one opens first.
  insertions.sort((a, b) => b.at - a.at || b.inside - a.inside);
  const source = insertions.reduce(
    (bytes, { at, text }) => Buffer.concat([bytes.subarray(0, at), Buffer.from(text), bytes.subarray(at)]),
    Buffer.from(readSource(file)),
  );
  return source.toString().replace(PRAGMA, `${PRAGMA} import {Branch} from "./Branch.sol";`);
}

/** A function for each condition, and the lines on which its two sides lie. */
function branchLibrary(count: number): { source: string; sides: { yes: number; no: number }[] } {
  const lines = ["// SPDX-License-Identifier: Apache-2.0", PRAGMA, "library Branch {"];
  const sides = Array.from({ length: count }, (_, i) => {
    lines.push(`function at${i}(bool holds) internal pure returns (bool) {`, "if (holds) {", "return true;", "}");
    const yes = lines.length - 1;
    lines.push("return false;", "}");
    return { yes, no: yes + 2 };
  });
  return { source: [...lines, "}", ""].join("\n"), sides };
}

/** The lines of each contract that never ran, and the number of all. */
function readReport(lcov: string): Map<string, { never: number[]; count: number }> {
  const records = lcov.split("end_of_record").flatMap((record) => {
    const [, file = ""] = /^SF:(contracts\/.*)$/m.exec(record) ?? [];
    const lines = [...record.matchAll(/^DA:(\d+),(\d+)$/gm)].map(([, line, runs]) => [Number(line), Number(runs)]);
    const never = lines.filter(([, runs]) => runs === 0).map(([line]) => line!);
    return file ? [[file, { never, count: lines.length }] as const] : [];
  });
  return new Map(records);
}

const paths = CONTRACTS.map((file) => `contracts/${file}`);
const conditions = [...parse(paths)].flatMap(([file, tree]) => conditionsOf(file, tree));
const library = branchLibrary(conditions.length);
const folder = openWorkshop();
try {
  writeFileSync(join(folder, BRANCHES), library.source);
  for (const file of paths) {
    const own = new Map([...conditions.entries()].filter(([, condition]) => condition.file === file));
    writeFileSync(join(folder, file), wrap(file, own));
  }
  const passed = hardhat(folder, ["test", "--coverage"], "inherit");
  const report = readReport(readFileSync(join(folder, "coverage/lcov.info"), "utf8"));
  const neverTaken = new Set(report.get(BRANCHES)!.never);
  const missed = [
    ...paths.flatMap((file) => report.get(file)!.never.map((line) => `${file}:${line} never ran`)),
    ...conditions.flatMap(({ file, line, text }, i) => [
      ...(neverTaken.has(library.sides[i]!.yes) ? [`${file}:${line} never true: ${text}`] : []),
      ...(neverTaken.has(library.sides[i]!.no) ? [`${file}:${line} never false: ${text}`] : []),
    ]),
  ];
  const lines = paths.reduce((sum, file) => sum + report.get(file)!.count, 0);
  console.log(`${lines} lines, ${conditions.length} conditions with two sides each; missed: ${missed.length}`);
  for (const miss of missed) console.log(miss);
  process.exitCode = passed && missed.length === 0 ? 0 : 1;
} finally {
  rmSync(folder, { recursive: true });
}
