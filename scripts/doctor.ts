// `npm run doctor`: looks at a deployment and says in plain words what is wrong with it.
import { runInTerminal } from "./launcher/service-command.ts";

process.exitCode = await runInTerminal("doctor.js", process.argv.slice(2));
