// `npm run departments`: lists departments, stops one, and lets one go on that was stopped (docs/operations.md).
import { runInTerminal } from "./launcher/service-command.ts";

process.exitCode = await runInTerminal("departments.js", process.argv.slice(2));
