// Static analysis of the contracts, where `slither` (PyPI slither-analyzer) is on the PATH: node scripts/slither.ts
// Fails on a finding of high or medium impact. What is left is of low impact and meant: block time is the ledger's clock,
// a successor asks its predecessor in a loop, three hashes are written in assembly.
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { solc } from "../hardhat.config.ts";
import { compile } from "./solc.ts";

const CONTRACTS = ["AuditLedger", "DepartmentRegistry", "SucceedingLedger"].map((name) => `contracts/${name}.sol`);
const OUTPUT = ["abi", "metadata", "evm.bytecode", "evm.deployedBytecode", "evm.methodIdentifiers"];

/** An executable that answers as the native compiler does, with the compiler out of the npm package. */
const COMPILER = `#!${process.execPath}
const solc = require(${JSON.stringify(join(import.meta.dirname, "../node_modules/solc"))});
if (process.argv.includes("--version")) {
  console.log("solc, the solidity compiler commandline interface\\nVersion: " + solc.version());
} else {
  process.stdout.write(solc.compile(require("node:fs").readFileSync(0, "utf8")));
}
`;

/** Writes the sources and a compiler where slither looks for them. @returns the folder */
function prepare(): string {
  const folder = mkdtempSync(join(tmpdir(), "quanlian-slither-"));
  const { sources } = compile(CONTRACTS);
  for (const [path, text] of sources) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  const input = {
    language: "Solidity",
    sources: Object.fromEntries([...sources].map(([path, content]) => [path, { content }])),
    settings: { ...solc.settings, outputSelection: { "*": { "*": OUTPUT, "": ["ast"] } } },
  };
  writeFileSync(join(folder, "input.json"), JSON.stringify(input));
  writeFileSync(join(folder, "solc"), COMPILER, { mode: 0o755 });
  return folder;
}

if (spawnSync("slither", ["--version"]).error) {
  console.log("slither is not on the PATH: skipped.");
} else {
  const folder = prepare();
  const options = ["--compile-force-framework", "solc-json", "--solc", "./solc", "--filter-paths", "@openzeppelin"];
  const { status } = spawnSync("slither", ["input.json", ...options, "--fail-medium"], {
    cwd: folder,
    stdio: "inherit",
  });
  rmSync(folder, { recursive: true });
  process.exitCode = status ?? 1;
}
