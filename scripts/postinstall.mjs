// npm running on Node < 22 silently skips optional native packages whose `engines` ask for Node >= 22
// (Hardhat's EDR). This script runs on node_modules/.bin/node (24), so it lets npm finish the tree on it.
import { spawnSync } from "node:child_process";

const npmNode = Number(/node\/v(\d+)/.exec(process.env.npm_config_user_agent ?? "")?.[1] ?? 99);
const ownNode = Number(process.versions.node.split(".")[0]);
if (npmNode >= 22 || process.env.QUANLIAN_POSTINSTALL) process.exit(0);
if (ownNode < 22) {
  console.warn("No bundled Node 24 for this platform: install Node 24 yourself.");
  process.exit(0);
}
const args = ["install", "--no-save", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"];
const run = spawnSync(process.execPath, [process.env.npm_execpath, ...args], {
  stdio: "inherit",
  env: { ...process.env, QUANLIAN_POSTINSTALL: "1" },
});
process.exit(run.status ?? 1);
