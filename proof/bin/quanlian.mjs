#!/usr/bin/env node
import { existsSync } from "node:fs";
import module from "node:module";

const main = new URL("../dist/cli/main.js", import.meta.url);
if (Number(process.versions.node.split(".")[0]) < 20) {
  console.error(`quanlian needs Node 20 or later; this is ${process.version}.`);
  process.exit(64);
}
if (!existsSync(main)) {
  console.error("quanlian is not built yet: run `npm run build` first.");
  process.exit(64);
}
module.enableCompileCache?.();
await import(main.href);
