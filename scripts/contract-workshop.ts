// A copy of what the contract tests need, to change contracts in and see what the tests say.
import { spawnSync, type StdioOptions } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

const ROOT = join(import.meta.dirname, "..");
const COPIED = [
  "contracts",
  "backend/src/chain/contracts",
  "scripts",
  "test/contracts",
  "ignition",
  "hardhat.config.ts",
];
const LINKED = ["node_modules", "package.json", "tsconfig.json", "tsconfig.base.json"];
/** Compares deployed byte code with the sources, so it would notice any change, and prove nothing. */
const COMPARES_CODE = "test/contracts/deployment.test.ts";
const TIMEOUT_MS = 30 * 60_000;

export const CONTRACTS = [
  "AuditLedger.sol",
  "BatchTree.sol",
  "BucketHead.sol",
  "ChinaTime.sol",
  "DepartmentRegistry.sol",
  "SucceedingLedger.sol",
];

/** @returns a temporary folder; packages are shared with the original */
export function openWorkshop(): string {
  const folder = mkdtempSync(join(tmpdir(), "quanlian-contracts-"));
  for (const path of COPIED) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    cpSync(join(ROOT, path), join(folder, path), { recursive: true });
  }
  for (const path of LINKED) symlinkSync(join(ROOT, path), join(folder, path));
  rmSync(join(folder, COMPARES_CODE));
  return folder;
}

/** Whether a Hardhat task ends well in a workshop. */
export function hardhat(folder: string, args: readonly string[], stdio: StdioOptions = "ignore"): boolean {
  const { status } = spawnSync("node_modules/.bin/hardhat", args, {
    cwd: folder,
    stdio,
    timeout: TIMEOUT_MS,
    env: { ...process.env, HARDHAT_DISABLE_TELEMETRY_PROMPT: "true" },
  });
  return status === 0;
}
