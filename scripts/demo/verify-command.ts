// `quanlian verify`, run as anybody runs it: another process, with nothing but files and perhaps a node.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import type { Step, Verdict } from "@quanlian/proof";

const COMMAND = join(import.meta.dirname, "../../proof/bin/quanlian.mjs");

export type FileVerdict = Verdict & { readonly file: string };

/** @param chain whether the nodes on the trust list may be asked */
export async function quanlianVerify(
  files: readonly string[],
  trustFile: string,
  chain: "offline" | "online",
): Promise<FileVerdict[]> {
  const where = chain === "offline" ? ["--offline"] : [];
  const args = [COMMAND, "verify", "--json", "--trust", trustFile, ...where, ...files];
  const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
  let output = "";
  child.stdout.setEncoding("utf8").on("data", (chunk: string) => (output += chunk));
  await once(child, "close");
  return output.split("\n").flatMap((line) => (line === "" ? [] : [JSON.parse(line) as FileVerdict]));
}

/** The step that decides: the first that failed. */
export function failedStep(verdict: Verdict): Step | undefined {
  return verdict.steps.find(({ outcome }) => outcome === "failed");
}
