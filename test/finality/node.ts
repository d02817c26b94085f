import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { JsonRpcProvider } from "ethers";

export interface TestNode {
  readonly url: string;
  readonly provider: JsonRpcProvider;
  stop(): Promise<void>;
}

/** Gas costs nothing, as on a permissioned network. */
export const FREE_GAS = [
  ...["--gas-price", "0", "--block-base-fee-per-gas", "0"],
  ...["--disable-min-priority-fee", "--gas-limit", "30000000"],
];

/** An EVM node of its own on a free port, with the state of every block; every transaction is mined at once. */
export async function startNode(rules: readonly string[] = []): Promise<TestNode> {
  const child = spawn(anvil(), ["--port", "0", "--hardfork", "cancun", ...rules], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const url = `http://${await listeningOn(child)}`;
  const provider = new JsonRpcProvider(url, undefined, { cacheTimeout: -1 });
  return {
    url,
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
