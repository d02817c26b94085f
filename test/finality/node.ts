import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { JsonRpcProvider } from "ethers";

export interface TestNode {
  readonly provider: JsonRpcProvider;
  stop(): Promise<void>;
}

/** An EVM node of its own on a free port; every transaction is mined at once. */
export async function startNode(): Promise<TestNode> {
  const child = spawn(anvil(), ["--port", "0", "--hardfork", "cancun"], { stdio: ["ignore", "pipe", "inherit"] });
  const provider = new JsonRpcProvider(`http://${await listeningOn(child)}`, undefined, { cacheTimeout: -1 });
  return {
    provider,
    stop: async () => {
      provider.destroy();
      child.kill();
      await once(child, "exit");
    },
  };
}

async function listeningOn(child: ChildProcess): Promise<string> {
  for await (const line of createInterface({ input: child.stdout! })) {
    const found = /Listening on (\S+)/.exec(line);
    if (found) {
      child.stdout!.resume();
      return found[1]!;
    }
  }
  throw new Error("anvil ended before it listened");
}

/** The native program: killing the package's wrapper script would leave it running. */
function anvil(): string {
  const cpu = process.arch === "x64" ? "amd64" : process.arch;
  const manifest = `@foundry-rs/anvil-${process.platform}-${cpu}/package.json`;
  return join(dirname(createRequire(import.meta.url).resolve(manifest)), "bin", "anvil");
}
