// `npm run keys -- status|rotate|rewrap|destroy-old`: the keys that wrap the keys of personal data (docs/operations.md).
import { runInTerminal } from "./launcher/service-command.ts";

process.exitCode = await runInTerminal("keys.js", process.argv.slice(2));
