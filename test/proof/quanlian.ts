import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";

const bin = fileURLToPath(new URL("../../proof/bin/quanlian.mjs", import.meta.url));

export interface Ran {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** Runs the command line as people do, with nothing from this machine's settings. */
export async function quanlian(
  args: readonly string[],
  input: string | Buffer = "",
  env: NodeJS.ProcessEnv = {},
): Promise<Ran> {
  const home = { HOME: "/nonexistent", LANG: "zh_CN.UTF-8", PATH: process.env.PATH, ...env };
  const child = spawn(process.execPath, [bin, ...args], { env: home });
  child.stdin.on("error", () => {}); // it may end without reading
  child.stdin.end(input);
  const [out, err] = await Promise.all(
    [child.stdout, child.stderr].map(async (stream) => (await stream.toArray()).join("")),
  );
  const code = child.exitCode ?? (await new Promise<number | null>((resolve) => child.once("close", resolve)));
  return { code, out: out!, err: err! };
}
