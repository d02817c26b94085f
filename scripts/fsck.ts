// `npm run fsck`: everything stored, derived again up to the chain, at full speed (docs/operations.md).
import { runInTerminal } from "./launcher/service-command.ts";

process.exitCode = await runInTerminal("fsck.js", process.argv.slice(2));
