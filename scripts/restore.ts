// `npm run restore`: rebuilds an older database beside a newer ledger (docs/operations.md, "Backups").
import { runInTerminal } from "./launcher/service-command.ts";

process.exitCode = await runInTerminal("restore.js", process.argv.slice(2));
