import { UsageError, USAGE } from "./usage.ts";

/** Gives the exit code. */
type Command = (args: string[]) => Promise<number>;

const COMMANDS: Readonly<Record<string, () => Promise<Command>>> = {
  verify: async () => (await import("./verify.ts")).runVerify,
  inspect: async () => (await import("./inspect.ts")).runInspect,
  renew: async () => (await import("./renew.ts")).runRenew,
  present: async () => (await import("./present.ts")).runPresent,
  keygen: async () => (await import("./keygen.ts")).runKeygen,
  sign: async () => (await import("./sign.ts")).runSign,
  agent: async () => (await import("./agent-command.ts")).runAgent,
  issue: async () => (await import("./issue.ts")).runIssue,
  trust: async () => (await import("./trust.ts")).runTrust,
  conformance: async () => (await import("./conformance-command.ts")).runConformance,
};

async function main([name = "help", ...args]: string[]): Promise<number> {
  if (name === "help" || name === "--help" || name === "-h") {
    process.stdout.write(USAGE);
    return 0;
  }
  if (!Object.hasOwn(COMMANDS, name)) throw new UsageError(`there is no command ${name}`);
  const command = await COMMANDS[name]!();
  return command(args);
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  if (!(error instanceof UsageError)) throw error;
  process.stderr.write(`quanlian: ${error.message}.\nSee: quanlian help\n`);
  process.exitCode = 64;
}
