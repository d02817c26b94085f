import { setTimeout as pause } from "node:timers/promises";
import { runCommand } from "./commands.ts";

process.exitCode = await runCommand(process.argv.slice(2), {
  env: process.env,
  print: (line) => console.log(line),
  complain: (line) => console.error(line),
  pause,
});
