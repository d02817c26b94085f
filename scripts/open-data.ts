// `npm run open-data`: today's snapshot of open data, at once (docs/operations.md).
import { runInTerminal } from "./launcher/service-command.ts";

process.exitCode = await runInTerminal("open-data.js", process.argv.slice(2));
